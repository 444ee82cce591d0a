"""Configuration, paths, processes and resources."""
