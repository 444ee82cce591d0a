"""From a Reply to bytes on disk: parsing, the gate, the one writer, undo."""
