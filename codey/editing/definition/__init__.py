"""Exact edits of one definition in a Python file; all else in the file stays as it was written."""
