"""Algorithms on points and shapes in the plane."""

from math import dist


def convex_hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of the convex hull of points, counterclockwise."""

    def half(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for x, y in points:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    return half(ordered) + half(ordered[::-1])


def point_in_polygon(point: tuple[float, float], polygon: list[tuple[float, float]]) -> bool:
    """Check whether a point lies inside a polygon."""
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay):
            inside = not inside
    return inside


def polygon_area(corners: list[tuple[float, float]]) -> float:
    """Return the area of a polygon with the shoelace formula."""
    total = 0.0
    for (ax, ay), (bx, by) in zip(corners, corners[1:] + corners[:1], strict=True):
        total += ax * by - bx * ay
    return abs(total) / 2


def segments_intersect(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    """Check whether the line segments from a to b and from c to d meet."""

    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    for i in (0, 1):
        if max(a[i], b[i]) < min(c[i], d[i]) or max(c[i], d[i]) < min(a[i], b[i]):
            return False
    return side(a, b, c) * side(a, b, d) <= 0 and side(c, d, a) * side(c, d, b) <= 0


def closest_pair(
    points: list[tuple[float, float]],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the two points that lie closest to each other."""
    if len(points) < 2:
        raise ValueError("two points are needed")
    points = sorted(points)
    best = (points[0], points[1])
    start = 0
    for i, b in enumerate(points):
        while b[0] - points[start][0] > dist(*best):
            start += 1
        for a in points[start:i]:
            if dist(a, b) < dist(*best):
                best = (a, b)
    return best
