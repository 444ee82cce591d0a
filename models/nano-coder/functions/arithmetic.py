"""Small functions on numbers: what the model can write, as it should write it."""

import math


def fibonacci(n: int) -> int:
    """Return the nth Fibonacci number."""
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def is_prime(n: int) -> bool:
    """Check whether a number is prime."""
    if n < 2:
        return False
    divisor = 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 1
    return True


def factorial(n: int) -> int:
    """Return the factorial of n."""
    result = 1
    for i in range(2, n + 1):
        result *= i
    return result


def gcd(a: int, b: int) -> int:
    """Return the greatest common divisor of two numbers."""
    while b:
        a, b = b, a % b
    return a


def lcm(a: int, b: int) -> int:
    """Return the least common multiple of two numbers."""
    return a * b // math.gcd(a, b)


def primes_up_to(limit: int) -> list[int]:
    """List all primes up to a limit with the sieve of Eratosthenes."""
    is_prime = [True] * (limit + 1)
    primes = []
    for n in range(2, limit + 1):
        if is_prime[n]:
            primes.append(n)
            for multiple in range(n * n, limit + 1, n):
                is_prime[multiple] = False
    return primes


def prime_factors(n: int) -> list[int]:
    """Return the prime factors of n in ascending order."""
    factors = []
    divisor = 2
    while divisor * divisor <= n:
        while n % divisor == 0:
            factors.append(divisor)
            n //= divisor
        divisor += 1
    if n > 1:
        factors.append(n)
    return factors


def divisors(n: int) -> list[int]:
    """List all divisors of a number."""
    return [d for d in range(1, n + 1) if n % d == 0]


def is_even(n: int) -> bool:
    """Check whether a number is even."""
    return n % 2 == 0


def is_odd(n: int) -> bool:
    """Check whether a number is odd."""
    return n % 2 == 1


def is_leap_year(year: int) -> bool:
    """Check whether a year is a leap year."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def celsius_to_fahrenheit(celsius: float) -> float:
    """Convert degrees Celsius to Fahrenheit."""
    return celsius * 9 / 5 + 32


def fahrenheit_to_celsius(fahrenheit: float) -> float:
    """Convert degrees Fahrenheit to Celsius."""
    return (fahrenheit - 32) * 5 / 9


def to_binary(n: int) -> str:
    """Convert a non-negative integer to a binary string."""
    if n == 0:
        return "0"
    bits = ""
    while n > 0:
        bits = str(n % 2) + bits
        n //= 2
    return bits


def from_binary(bits: str) -> int:
    """Convert a binary string to an integer."""
    result = 0
    for bit in bits:
        result = result * 2 + int(bit)
    return result


def to_roman(n: int) -> str:
    """Convert an integer to a Roman numeral."""
    symbols = {
        1000: "M", 900: "CM", 500: "D", 400: "CD", 100: "C", 90: "XC",
        50: "L", 40: "XL", 10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I",
    }  # fmt: skip
    result = ""
    for value, symbol in symbols.items():
        count, n = divmod(n, value)
        result += symbol * count
    return result


def digit_sum(n: int) -> int:
    """Return the sum of the digits of a number."""
    return sum(int(digit) for digit in str(abs(n)))


def reverse_number(n: int) -> int:
    """Reverse the digits of an integer, keeping its sign."""
    sign = -1 if n < 0 else 1
    return sign * int(str(abs(n))[::-1])


def power(base: float, exponent: int) -> float:
    """Raise a number to a non-negative power by repeated squaring."""
    result = 1
    while exponent > 0:
        if exponent % 2:
            result *= base
        base *= base
        exponent //= 2
    return result


def int_sqrt(n: int) -> int:
    """Return the integer square root of a number."""
    low, high = 0, n
    while low < high:
        mid = (low + high + 1) // 2
        if mid * mid <= n:
            low = mid
        else:
            high = mid - 1
    return low


def is_perfect_square(n: int) -> bool:
    """Check whether a number is a perfect square."""
    return n >= 0 and math.isqrt(n) ** 2 == n


def collatz_steps(n: int) -> int:
    """Count the Collatz steps until n reaches 1."""
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def fizzbuzz(n: int) -> list[str]:
    """Return the FizzBuzz sequence from 1 to n."""
    result = []
    for i in range(1, n + 1):
        word = ""
        if i % 3 == 0:
            word += "Fizz"
        if i % 5 == 0:
            word += "Buzz"
        result.append(word or str(i))
    return result


def hanoi(n: int, source: str = "A", target: str = "C", spare: str = "B") -> list[tuple[str, str]]:
    """List the moves that solve the Tower of Hanoi with n disks."""
    if n == 0:
        return []
    before = hanoi(n - 1, source, spare, target)
    after = hanoi(n - 1, spare, target, source)
    return [*before, (source, target), *after]


def clamp(value: float, low: float, high: float) -> float:
    """Limit a value to the range from low to high."""
    return max(low, min(value, high))


def hypotenuse(a: float, b: float) -> float:
    """Return the hypotenuse of a right triangle."""
    return math.sqrt(a * a + b * b)


def circle_area(radius: float) -> float:
    """Return the area of a circle."""
    return math.pi * radius**2
