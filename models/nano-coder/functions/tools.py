"""Decorators and chance."""

import functools
import random
import secrets
import string
import time
from collections.abc import Callable


def timer(func: Callable) -> Callable:
    """Print how long each call of a function takes."""

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        start = time.perf_counter()
        result = func(*args, **kwargs)
        print(f"{func.__name__} took {time.perf_counter() - start:.3f} s")
        return result

    return wrapper


def memoize(func: Callable) -> Callable:
    """Cache the results of a function by its arguments."""
    cache: dict = {}

    @functools.wraps(func)
    def wrapper(*args):
        if args not in cache:
            cache[args] = func(*args)
        return cache[args]

    return wrapper


def random_password(length: int = 12) -> str:
    """Generate a random password of letters and digits."""
    alphabet = string.ascii_letters + string.digits
    return "".join(secrets.choice(alphabet) for _ in range(length))


def roll_dice(sides: int = 6) -> int:
    """Roll a die and return the result."""
    return random.randint(1, sides)
