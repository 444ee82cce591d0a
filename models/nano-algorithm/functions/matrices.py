"""Algorithms on matrices and vectors."""


def matmul(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    """Multiply two matrices."""
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, col, strict=True)) for col in columns] for row in a]


def dot_product(a: list[float], b: list[float]) -> float:
    """Return the dot product of two vectors."""
    return sum(x * y for x, y in zip(a, b, strict=True))


def determinant(matrix: list[list[float]]) -> float:
    """Return the determinant of a square matrix."""
    if not matrix:
        return 1
    total: float = 0
    for col, value in enumerate(matrix[0]):
        minor = [row[:col] + row[col + 1 :] for row in matrix[1:]]
        total += (-1) ** col * value * determinant(minor)
    return total


def rotate_matrix(matrix: list[list[int]]) -> list[list[int]]:
    """Return a matrix turned clockwise by 90 degrees."""
    return [list(row) for row in zip(*matrix[::-1], strict=True)]


def spiral_order(matrix: list[list[int]]) -> list[int]:
    """Return the values of a matrix in spiral order."""
    result: list[int] = []
    while matrix:
        result += matrix[0]
        matrix = [list(row) for row in zip(*matrix[1:], strict=True)][::-1]
    return result


def identity_matrix(size: int) -> list[list[int]]:
    """Return the identity matrix of a size."""
    return [[int(row == col) for col in range(size)] for row in range(size)]


def matrix_power(matrix: list[list[int]], exponent: int) -> list[list[int]]:
    """Raise a square matrix to a power by repeated squaring."""

    def multiply(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
        return [[sum(x * y for x, y in zip(row, col, strict=True)) for col in zip(*b)] for row in a]

    size = range(len(matrix))
    result = [[int(row == col) for col in size] for row in size]
    while exponent > 0:
        if exponent % 2:
            result = multiply(result, matrix)
        matrix = multiply(matrix, matrix)
        exponent //= 2
    return result


def solve_linear_system(matrix: list[list[float]], values: list[float]) -> list[float]:
    """Solve a system of linear equations with Gaussian elimination."""
    rows = [[*row, value] for row, value in zip(matrix, values, strict=True)]
    for i in range(len(rows)):
        pivot = max(range(i, len(rows)), key=lambda j: abs(rows[j][i]))
        if rows[pivot][i] == 0:
            raise ValueError("there is no unique solution")
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [x / rows[i][i] for x in rows[i]]
        for j, row in enumerate(rows):
            if j != i:
                rows[j] = [x - row[i] * y for x, y in zip(row, rows[i], strict=True)]
    return [row[-1] for row in rows]


def game_of_life(board: list[list[int]]) -> list[list[int]]:
    """Return the next generation of a Game of Life board."""

    def next_cell(row: int, col: int) -> int:
        block = [line[max(col - 1, 0) : col + 2] for line in board[max(row - 1, 0) : row + 2]]
        neighbours = sum(map(sum, block)) - board[row][col]
        return int(neighbours == 3 or (neighbours == 2 and board[row][col] == 1))

    return [[next_cell(row, col) for col in range(len(board[row]))] for row in range(len(board))]
