"""Backtracking and enumeration."""


def permutations(items: list) -> list[list]:
    """Return all permutations of a list."""
    if not items:
        return [[]]
    result = []
    for i, item in enumerate(items):
        for rest in permutations(items[:i] + items[i + 1 :]):
            result.append([item, *rest])
    return result


def subsets(items: list) -> list[list]:
    """Return all subsets of a list."""
    result: list[list] = [[]]
    for item in items:
        result += [[*subset, item] for subset in result]
    return result


def n_queens(n: int) -> list[list[int]]:
    """Return all ways to place n queens, as the column of each row."""
    result: list[list[int]] = []

    def place(columns: list[int]) -> None:
        row = len(columns)
        if row == n:
            result.append(columns)
            return
        for column in range(n):
            if all(column != c and abs(column - c) != row - r for r, c in enumerate(columns)):
                place([*columns, column])

    place([])
    return result


def solve_sudoku(board: list[list[int]]) -> bool:
    """Fill the zeros of a sudoku in place and tell whether that worked."""
    for r in range(9):
        for c in range(9):
            if board[r][c] == 0:
                used = set(board[r]) | {row[c] for row in board}
                for row in board[r // 3 * 3 : r // 3 * 3 + 3]:
                    used |= set(row[c // 3 * 3 : c // 3 * 3 + 3])
                for digit in set(range(1, 10)) - used:
                    board[r][c] = digit
                    if solve_sudoku(board):
                        return True
                board[r][c] = 0
                return False
    return True


def generate_parentheses(pairs: int) -> list[str]:
    """Return all balanced strings with a number of pairs of parentheses."""
    result: list[str] = []

    def build(text: str, opened: int, closed: int) -> None:
        if closed == pairs:
            result.append(text)
        if opened < pairs:
            build(text + "(", opened + 1, closed)
        if closed < opened:
            build(text + ")", opened, closed + 1)

    build("", 0, 0)
    return result


def combinations(items: list, size: int) -> list[list]:
    """Return all ways to choose a number of items from a list."""
    if size == 0:
        return [[]]
    result = []
    for i, item in enumerate(items):
        for rest in combinations(items[i + 1 :], size - 1):
            result.append([item, *rest])
    return result


def combination_sum(numbers: list[int], target: int) -> list[list[int]]:
    """Return all combinations of numbers, used any number of times, with a sum."""
    if target == 0:
        return [[]]
    result = []
    for i, number in enumerate(numbers):
        if 0 < number <= target:
            for rest in combination_sum(numbers[i:], target - number):
                result.append([number, *rest])
    return result


def letter_combinations(digits: str) -> list[str]:
    """Return all words that digits can spell on a phone keypad."""
    keys = ["", "", "abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"]
    result = [""] if digits else []
    for digit in digits:
        result = [word + letter for word in result for letter in keys[int(digit)]]
    return result
