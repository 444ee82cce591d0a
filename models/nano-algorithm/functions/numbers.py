"""Algorithms on numbers."""

from collections.abc import Callable
from math import prod


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


def primes_up_to(limit: int) -> list[int]:
    """Return all primes up to a limit with the sieve of Eratosthenes."""
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


def collatz_steps(n: int) -> int:
    """Count the Collatz steps until n reaches 1."""
    steps = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


def hanoi(n: int, source: str = "A", target: str = "C", spare: str = "B") -> list[tuple[str, str]]:
    """List the moves that solve the Tower of Hanoi with n disks."""
    if n == 0:
        return []
    before = hanoi(n - 1, source, spare, target)
    after = hanoi(n - 1, spare, target, source)
    return [*before, (source, target), *after]


def extended_gcd(a: int, b: int) -> tuple[int, int, int]:
    """Return the gcd of a and b with x and y so that a * x + b * y is the gcd."""
    if b == 0:
        return a, 1, 0
    gcd, x, y = extended_gcd(b, a % b)
    return gcd, y, x - a // b * y


def mod_inverse(a: int, modulus: int) -> int:
    """Return the inverse of a number modulo a modulus."""
    r, next_r = a % modulus, modulus
    x, next_x = 1, 0
    while next_r:
        quotient = r // next_r
        r, next_r = next_r, r - quotient * next_r
        x, next_x = next_x, x - quotient * next_x
    if r != 1:
        raise ValueError("there is no inverse")
    return x % modulus


def mod_power(base: int, exponent: int, modulus: int) -> int:
    """Return a power modulo a number by repeated squaring."""
    result = 1 % modulus
    while exponent > 0:
        if exponent % 2:
            result = result * base % modulus
        base = base * base % modulus
        exponent //= 2
    return result


def euler_totient(n: int) -> int:
    """Count the numbers from 1 to n that are coprime to n."""
    result = n
    p = 2
    while p * p <= n:
        if n % p == 0:
            result -= result // p
        while n % p == 0:
            n //= p
        p += 1
    if n > 1:
        result -= result // n
    return result


def nth_prime(n: int) -> int:
    """Return the n-th prime number, counted from 1."""
    if n < 1:
        raise ValueError("n must be at least 1")
    primes: list[int] = []
    candidate = 2
    while len(primes) < n:
        if all(candidate % prime for prime in primes):
            primes.append(candidate)
        candidate += 1
    return primes[-1]


def miller_rabin(n: int) -> bool:
    """Check whether a large number is prime with the Miller-Rabin test."""
    bases = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)
    if n < 2 or any(n % base == 0 for base in bases):
        return n in bases
    odd, twos = n - 1, 0
    while odd % 2 == 0:
        odd //= 2
        twos += 1
    for base in bases:
        powers = [pow(base, odd << i, n) for i in range(twos)]
        if powers[0] != 1 and n - 1 not in powers:
            return False
    return True


def chinese_remainder(remainders: list[int], moduli: list[int]) -> int:
    """Return the smallest number that has the given remainders."""
    product = prod(moduli)
    total = 0
    for remainder, modulus in zip(remainders, moduli, strict=True):
        rest = product // modulus
        total += remainder * rest * pow(rest, -1, modulus)
    return total % product


def binomial(n: int, k: int) -> int:
    """Return the number of ways to choose k of n items."""
    if k < 0 or k > n:
        return 0
    result = 1
    for i in range(min(k, n - k)):
        result = result * (n - i) // (i + 1)
    return result


def newton_root(f: Callable[[float], float], derivative: Callable[[float], float], x: float) -> float:
    """Find a root of a function with Newton's method."""
    for _ in range(100):
        step = f(x) / derivative(x)
        x -= step
        if abs(step) < 1e-12:
            return x
    raise ValueError("the method does not converge")


def bisect_root(f: Callable[[float], float], low: float, high: float) -> float:
    """Find a root of a function between two bounds by bisection."""
    if f(low) * f(high) > 0:
        raise ValueError("the signs at the bounds must differ")
    for _ in range(100):
        mid = (low + high) / 2
        if f(low) * f(mid) <= 0:
            high = mid
        else:
            low = mid
    return (low + high) / 2


def simpson(f: Callable[[float], float], a: float, b: float, n: int = 100) -> float:
    """Integrate a function from a to b with Simpson's rule."""
    n += n % 2
    step = (b - a) / n
    odd = sum(f(a + i * step) for i in range(1, n, 2))
    even = sum(f(a + i * step) for i in range(2, n, 2))
    return (f(a) + 4 * odd + 2 * even + f(b)) * step / 3


def to_base(n: int, base: int) -> str:
    """Return a number written in a base from 2 to 36."""
    if n < 0:
        return "-" + to_base(-n, base)
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    result = digits[n % base]
    while n >= base:
        n //= base
        result = digits[n % base] + result
    return result


def gray_code(bits: int) -> list[int]:
    """Return the Gray code sequence of a number of bits."""
    return [i ^ (i >> 1) for i in range(2**bits)]


def josephus(n: int, k: int) -> int:
    """Return who survives when every k-th of n people in a circle is removed."""
    survivor = 0
    for size in range(2, n + 1):
        survivor = (survivor + k) % size
    return survivor + 1


def count_bits(n: int) -> int:
    """Count the one bits in the binary form of a number."""
    n = abs(n)
    count = 0
    while n:
        n &= n - 1
        count += 1
    return count
