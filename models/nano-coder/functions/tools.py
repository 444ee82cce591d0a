"""Small tools: decorators, chance, games, the command line and colours."""

import argparse
import ipaddress
import logging
import os
import random
import secrets
import shlex
import string
import subprocess
import time
from collections.abc import Callable
from functools import wraps


def timer(func: Callable) -> Callable:
    """Print how long each call of a function takes."""

    @wraps(func)
    def wrapper(*args: object, **kwargs: object) -> object:
        start = time.perf_counter()
        result = func(*args, **kwargs)
        print(f"{func.__name__} took {time.perf_counter() - start:.3f} s")
        return result

    return wrapper


def memoize(func: Callable) -> Callable:
    """Cache the results of a function by its arguments."""
    cache: dict = {}

    @wraps(func)
    def wrapper(*args: object) -> object:
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


def hello_world() -> None:
    """Print a greeting to the world."""
    print("Hello, world!")


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", help="the file to read")
    parser.add_argument("-o", "--output", help="the file to write")
    parser.add_argument("-v", "--verbose", action="store_true", help="print more")
    return parser.parse_args(arguments)


def ask_yes_no(question: str) -> bool:
    """Ask a question until the answer is yes or no."""
    while True:
        answer = input(f"{question} (y/n) ").strip().lower()
        if answer in ("y", "yes"):
            return True
        if answer in ("n", "no"):
            return False
        print("Please answer yes or no.")


def progress_bar(done: int, total: int, width: int = 20) -> str:
    """Return a progress bar as text."""
    share = done / total if total else 1.0
    filled = int(share * width)
    return f"[{'#' * filled}{'-' * (width - filled)}] {share:.0%}"


def print_table(rows: list[list]) -> None:
    """Print rows as a table with aligned columns."""
    widths = [max(len(str(cell)) for cell in column) for column in zip(*rows)]
    for row in rows:
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())


def setup_logging(level: str = "INFO", path: str | None = None) -> logging.Logger:
    """Set up logging to the screen or to a file."""
    logging.basicConfig(
        level=level, filename=path, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    return logging.getLogger()


def retry(attempts: int = 3, delay: float = 1.0) -> Callable:
    """Return a decorator that calls a function again when it fails."""

    def decorator(func: Callable) -> Callable:
        @wraps(func)
        def wrapper(*args: object, **kwargs: object) -> object:
            for _ in range(attempts - 1):
                try:
                    return func(*args, **kwargs)
                except Exception:
                    time.sleep(delay)
            return func(*args, **kwargs)

        return wrapper

    return decorator


def log_calls(func: Callable) -> Callable:
    """Print the arguments and the result of each call of a function."""

    @wraps(func)
    def wrapper(*args: object, **kwargs: object) -> object:
        result = func(*args, **kwargs)
        print(f"{func.__name__} called with {args} {kwargs}, returned {result!r}")
        return result

    return wrapper


def count_calls(func: Callable) -> Callable:
    """Count how often a function is called."""

    @wraps(func)
    def wrapper(*args: object, **kwargs: object) -> object:
        wrapper.calls += 1
        return func(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


def run_command(command: str) -> str:
    """Run a command and return its output."""
    result = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    return result.stdout


def get_env(name: str, default: str = "") -> str:
    """Return an environment variable or a default."""
    return os.environ.get(name, default)


def coin_flip() -> str:
    """Flip a coin and return heads or tails."""
    return random.choice(["heads", "tails"])


def pick_random(items: list) -> object:
    """Return a random item of a list, or None if it is empty."""
    return random.choice(items) if items else None


def rock_paper_scissors(player: str, computer: str | None = None) -> str:
    """Play rock paper scissors and return win, lose or draw."""
    beats = {"rock": "scissors", "paper": "rock", "scissors": "paper"}
    computer = computer or random.choice(list(beats))
    if player == computer:
        return "draw"
    return "win" if beats[player] == computer else "lose"


def guess_number(highest: int = 100) -> int:
    """Let the player guess a secret number and return the number of tries."""
    secret = random.randint(1, highest)
    tries = 0
    while True:
        guess = int(input(f"Guess a number from 1 to {highest}: "))
        tries += 1
        if guess == secret:
            print(f"Correct after {tries} tries!")
            return tries
        print("Too low." if guess < secret else "Too high.")


def is_valid_ip(text: str) -> bool:
    """Return whether a text is a valid IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def hex_to_rgb(color: str) -> tuple[int, int, int]:
    """Convert a hex color to red, green and blue."""
    color = color.lstrip("#")
    if len(color) == 3:
        color = "".join(digit * 2 for digit in color)
    return int(color[:2], 16), int(color[2:4], 16), int(color[4:6], 16)


def rgb_to_hex(red: int, green: int, blue: int) -> str:
    """Convert red, green and blue to a hex color."""
    return f"#{red:02x}{green:02x}{blue:02x}"


def calculator(a: float, operator: str, b: float) -> float:
    """Calculate the result of one operation on two numbers."""
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return a * b
    if operator == "/":
        return a / b
    raise ValueError(f"unknown operator: {operator}")
