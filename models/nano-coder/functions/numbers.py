"""Small functions on numbers."""

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
    return abs(a)


def lcm(a: int, b: int) -> int:
    """Return the least common multiple of two numbers."""
    if a == 0 or b == 0:
        return 0
    return abs(a * b) // math.gcd(a, b)


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
    values = (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1)
    symbols = ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I")
    result = ""
    for value, symbol in zip(values, symbols):
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


def is_perfect_square(n: int) -> bool:
    """Check whether a number is a perfect square."""
    return n >= 0 and math.isqrt(n) ** 2 == n


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


def clamp(value: float, low: float, high: float) -> float:
    """Limit a value to the range from low to high."""
    return max(low, min(value, high))


def hypotenuse(a: float, b: float) -> float:
    """Return the hypotenuse of a right triangle."""
    return math.sqrt(a * a + b * b)


def circle_area(radius: float) -> float:
    """Return the area of a circle."""
    return math.pi * radius**2


def from_roman(numeral: str) -> int:
    """Convert a Roman numeral to an integer."""
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    total = 0
    previous = 0
    for symbol in reversed(numeral.upper()):
        value = values[symbol]
        total += value if value >= previous else -value
        previous = value
    return total


def to_hex(n: int) -> str:
    """Convert an integer to a hexadecimal string."""
    return f"{n:x}"


def percentage(part: float, whole: float) -> float:
    """Return what percentage a part is of the whole."""
    return 100 * part / whole


def percent_change(old: float, new: float) -> float:
    """Return the change from an old to a new value in percent."""
    return 100 * (new - old) / abs(old)


def round_to_nearest(value: float, step: float) -> float:
    """Round a value to the nearest multiple of a step."""
    return round(value / step) * step


def count_digits(n: int) -> int:
    """Count the digits of an integer."""
    return len(str(abs(n)))


def is_armstrong(n: int) -> bool:
    """Check whether a number is an Armstrong number."""
    digits = str(n)
    return n >= 0 and n == sum(int(digit) ** len(digits) for digit in digits)


def sum_of_squares(numbers: list[float]) -> float:
    """Return the sum of the squares of the numbers."""
    return sum(number**2 for number in numbers)


def sum_to_n(n: int) -> int:
    """Return the sum of the integers from 1 to n."""
    return n * (n + 1) // 2


def triangle_area(base: float, height: float) -> float:
    """Return the area of a triangle from its base and height."""
    return base * height / 2


def km_to_miles(km: float) -> float:
    """Convert kilometres to miles."""
    return km / 1.609344


def miles_to_km(miles: float) -> float:
    """Convert miles to kilometres."""
    return miles * 1.609344


def bmi(weight: float, height: float) -> float:
    """Return the body mass index for a weight in kg and a height in metres."""
    return weight / height**2


def compound_interest(principal: float, rate: float, years: float, periods: int = 1) -> float:
    """Return the final balance of a sum that earns compound interest."""
    return principal * (1 + rate / periods) ** (periods * years)


def split_bill(total: float, people: int, tip_percent: float = 0) -> float:
    """Return what each person pays for a bill with a tip."""
    return round(total * (1 + tip_percent / 100) / people, 2)


def quadratic_roots(a: float, b: float, c: float) -> list[float]:
    """Return the real roots of a quadratic equation in ascending order."""
    discriminant = b * b - 4 * a * c
    if discriminant < 0:
        return []
    root = math.sqrt(discriminant)
    return sorted({(-b - root) / (2 * a), (-b + root) / (2 * a)})


def is_power_of_two(n: int) -> bool:
    """Check whether a number is a power of two."""
    return n > 0 and n & (n - 1) == 0


def multiplication_table(n: int, rows: int = 10) -> list[str]:
    """Return the lines of the multiplication table of n."""
    return [f"{n} x {i} = {n * i}" for i in range(1, rows + 1)]


def number_to_words(n: int) -> str:
    """Spell out a whole number in English words."""
    small = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen "
        "fourteen fifteen sixteen seventeen eighteen nineteen"
    ).split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    if n < 0:
        return "minus " + number_to_words(-n)
    if n < 20:
        return small[n]
    if n < 100:
        return tens[n // 10 - 2] + (f"-{small[n % 10]}" if n % 10 else "")
    units = {10**6: "million", 1000: "thousand", 100: "hundred"}
    unit = next(unit for unit in units if n >= unit)
    count, rest = divmod(n, unit)
    words = f"{number_to_words(count)} {units[unit]}"
    return f"{words} {number_to_words(rest)}" if rest else words


def ordinal(n: int) -> str:
    """Return a number with its ordinal suffix."""
    suffix = "th"
    if n % 100 not in (11, 12, 13):
        suffix = {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"


def standard_deviation(numbers: list[float]) -> float:
    """Return the population standard deviation of the numbers."""
    if not numbers:
        return 0.0
    mean = sum(numbers) / len(numbers)
    variance = sum((number - mean) ** 2 for number in numbers) / len(numbers)
    return math.sqrt(variance)


def weighted_average(values: list[float], weights: list[float]) -> float:
    """Return the average of the values, weighted by the weights."""
    total = sum(value * weight for value, weight in zip(values, weights, strict=True))
    return total / sum(weights)
