"""Codey: a coding agent that lives on a phone. Importing the package has no side effect."""

__version__ = "0.1.0"
