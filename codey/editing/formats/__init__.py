"""What models write their edits in: one module for each format; `editing.replies` reads them all."""
