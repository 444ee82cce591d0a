"""Whether a command may run: read as a shell reads it, and judged program by program."""
