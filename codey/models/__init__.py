"""GGUF models in child processes."""
