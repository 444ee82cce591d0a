"""One model in this process: the only package that imports llama_cpp, and only child processes run it."""

from codey.models.engine.engine import Engine

__all__ = ["Engine"]
