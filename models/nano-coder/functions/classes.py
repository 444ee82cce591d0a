"""Small everyday classes."""

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


class Stack:
    """Hold items so that the last one in comes out first."""

    def __init__(self) -> None:
        self.items: list = []

    def push(self, item: object) -> None:
        self.items.append(item)

    def pop(self) -> object:
        if not self.items:
            raise IndexError("the stack is empty")
        return self.items.pop()

    def peek(self) -> object:
        if not self.items:
            raise IndexError("the stack is empty")
        return self.items[-1]

    def is_empty(self) -> bool:
        return not self.items

    def __len__(self) -> int:
        return len(self.items)


class Queue:
    """Hold items so that the first one in comes out first."""

    def __init__(self) -> None:
        self.items: deque = deque()

    def enqueue(self, item: object) -> None:
        self.items.append(item)

    def dequeue(self) -> object:
        if not self.items:
            raise IndexError("the queue is empty")
        return self.items.popleft()

    def is_empty(self) -> bool:
        return not self.items

    def __len__(self) -> int:
        return len(self.items)


class BankAccount:
    """Keep the balance of an account with deposits and withdrawals."""

    def __init__(self, owner: str, balance: float = 0) -> None:
        self.owner = owner
        self.balance = balance

    def deposit(self, amount: float) -> None:
        if amount <= 0:
            raise ValueError("the amount must be positive")
        self.balance += amount

    def withdraw(self, amount: float) -> None:
        if amount <= 0:
            raise ValueError("the amount must be positive")
        if amount > self.balance:
            raise ValueError("not enough money")
        self.balance -= amount


@dataclass
class Point:
    """Represent a point with x and y."""

    x: float
    y: float

    def distance_to(self, other: "Point") -> float:
        return math.hypot(self.x - other.x, self.y - other.y)

    def move(self, dx: float, dy: float) -> "Point":
        return Point(self.x + dx, self.y + dy)


@dataclass
class Rectangle:
    """Represent a rectangle with a width and a height."""

    width: float
    height: float

    def area(self) -> float:
        return self.width * self.height

    def perimeter(self) -> float:
        return 2 * (self.width + self.height)

    def is_square(self) -> bool:
        return self.width == self.height


class TodoList:
    """Keep a list of tasks and which of them are done."""

    def __init__(self) -> None:
        self.tasks: dict[str, bool] = {}

    def add(self, task: str) -> None:
        self.tasks[task] = False

    def complete(self, task: str) -> None:
        if task not in self.tasks:
            raise KeyError(task)
        self.tasks[task] = True

    def remove(self, task: str) -> None:
        del self.tasks[task]

    def pending(self) -> list[str]:
        return [task for task, done in self.tasks.items() if not done]


class ShoppingCart:
    """Keep products with their prices and quantities, and total them."""

    def __init__(self) -> None:
        self.prices: dict[str, float] = {}
        self.quantities: dict[str, int] = {}

    def add(self, product: str, price: float, quantity: int = 1) -> None:
        self.prices[product] = price
        self.quantities[product] = self.quantities.get(product, 0) + quantity

    def remove(self, product: str) -> None:
        del self.prices[product]
        del self.quantities[product]

    def total(self) -> float:
        return sum(self.prices[name] * count for name, count in self.quantities.items())


class PhoneBook:
    """Keep the phone numbers of people by name."""

    def __init__(self) -> None:
        self.numbers: dict[str, str] = {}

    def add(self, name: str, number: str) -> None:
        self.numbers[name] = number

    def find(self, name: str) -> str | None:
        return self.numbers.get(name)

    def remove(self, name: str) -> None:
        del self.numbers[name]

    def names(self) -> list[str]:
        return sorted(self.numbers)


class Stopwatch:
    """Measure elapsed time with start, stop and reset."""

    def __init__(self) -> None:
        self.total = 0.0
        self.started: float | None = None

    def start(self) -> None:
        if self.started is None:
            self.started = time.perf_counter()

    def stop(self) -> float:
        self.total = self.elapsed()
        self.started = None
        return self.total

    def reset(self) -> None:
        self.total = 0.0
        self.started = None

    def elapsed(self) -> float:
        if self.started is None:
            return self.total
        return self.total + time.perf_counter() - self.started


class Temperature:
    """Hold a temperature and give it in Celsius, Fahrenheit or Kelvin."""

    def __init__(self, celsius: float) -> None:
        if celsius < -273.15:
            raise ValueError("the temperature is below absolute zero")
        self.celsius = celsius

    @property
    def fahrenheit(self) -> float:
        return self.celsius * 9 / 5 + 32

    @property
    def kelvin(self) -> float:
        return self.celsius + 273.15

    def __str__(self) -> str:
        return f"{self.celsius:.1f} °C"


class EventEmitter:
    """Call the listeners of an event when it is emitted."""

    def __init__(self) -> None:
        self.listeners: dict[str, list[Callable]] = {}

    def on(self, event: str, listener: Callable) -> None:
        self.listeners.setdefault(event, []).append(listener)

    def off(self, event: str, listener: Callable) -> None:
        if listener in self.listeners.get(event, []):
            self.listeners[event].remove(listener)

    def emit(self, event: str, *args: object) -> None:
        for listener in list(self.listeners.get(event, [])):
            listener(*args)


class Inventory:
    """Keep track of how many of each product are in stock."""

    def __init__(self) -> None:
        self.stock: dict[str, int] = {}

    def add(self, product: str, amount: int = 1) -> None:
        self.stock[product] = self.stock.get(product, 0) + amount

    def remove(self, product: str, amount: int = 1) -> None:
        if amount > self.stock.get(product, 0):
            raise ValueError(f"not enough {product} in stock")
        self.stock[product] -= amount

    def count(self, product: str) -> int:
        return self.stock.get(product, 0)

    def low_stock(self, limit: int = 5) -> list[str]:
        return [product for product, amount in self.stock.items() if amount < limit]
