"""Algorithms on graphs and grids."""

import heapq
from collections import deque


def bfs(graph: dict, start: object) -> list:
    """Return the nodes of a graph in breadth-first order."""
    visited = [start]
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for neighbor in graph.get(node, []):
            if neighbor not in visited:
                visited.append(neighbor)
                queue.append(neighbor)
    return visited


def dfs(graph: dict, node: object, visited: list | None = None) -> list:
    """Return the nodes of a graph in depth-first order."""
    if visited is None:
        visited = []
    visited.append(node)
    for neighbor in graph.get(node, []):
        if neighbor not in visited:
            dfs(graph, neighbor, visited)
    return visited


def dijkstra(graph: dict, start: object) -> dict:
    """Return the shortest distance from the start to every reachable node."""
    distances = {start: 0}
    heap = [(0, start)]
    while heap:
        distance, node = heapq.heappop(heap)
        if distance > distances[node]:
            continue
        for neighbor, weight in graph.get(node, {}).items():
            candidate = distance + weight
            if candidate < distances.get(neighbor, float("inf")):
                distances[neighbor] = candidate
                heapq.heappush(heap, (candidate, neighbor))
    return distances


def bellman_ford(edges: list[tuple[str, str, float]], start: str) -> dict[str, float]:
    """Return the shortest distances from the start, with negative weights allowed."""
    distances = {start: 0.0}
    for _ in range(len(edges) + 1):
        changed = False
        for a, b, weight in edges:
            if a in distances and distances[a] + weight < distances.get(b, float("inf")):
                distances[b] = distances[a] + weight
                changed = True
        if not changed:
            return distances
    raise ValueError("the graph has a negative cycle")


def floyd_warshall(matrix: list[list[float]]) -> list[list[float]]:
    """Return the shortest distances between all pairs of nodes."""
    distances = [row[:] for row in matrix]
    count = len(matrix)
    for k in range(count):
        for i in range(count):
            for j in range(count):
                distances[i][j] = min(distances[i][j], distances[i][k] + distances[k][j])
    return distances


def kruskal(edges: list[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """Return the edges of a minimum spanning tree with Kruskal's algorithm."""
    parent = {node: node for a, b, _ in edges for node in (a, b)}

    def find(node: str) -> str:
        while parent[node] != node:
            node = parent[node]
        return node

    tree = []
    for a, b, weight in sorted(edges, key=lambda edge: edge[2]):
        if find(a) != find(b):
            parent[find(a)] = find(b)
            tree.append((a, b, weight))
    return tree


def prim(graph: dict[str, dict[str, float]], start: str) -> list[tuple[str, str, float]]:
    """Return the edges of a minimum spanning tree with Prim's algorithm."""
    visited = set()
    tree = []
    heap = [(0.0, start, start)]
    while heap:
        weight, parent, node = heapq.heappop(heap)
        if node in visited:
            continue
        visited.add(node)
        if node != start:
            tree.append((parent, node, weight))
        for neighbor, cost in graph[node].items():
            heapq.heappush(heap, (cost, node, neighbor))
    return tree


def topological_sort(graph: dict[str, list[str]]) -> list[str]:
    """Return the nodes of a directed graph so that every edge points forward."""
    degrees = {node: 0 for node in graph}
    for neighbors in graph.values():
        for neighbor in neighbors:
            degrees[neighbor] = degrees.get(neighbor, 0) + 1
    queue = deque(node for node, degree in degrees.items() if degree == 0)
    order = []
    while queue:
        node = queue.popleft()
        order.append(node)
        for neighbor in graph.get(node, []):
            degrees[neighbor] -= 1
            if degrees[neighbor] == 0:
                queue.append(neighbor)
    if len(order) < len(degrees):
        raise ValueError("the graph has a cycle")
    return order


def has_cycle(graph: dict[str, list[str]]) -> bool:
    """Check whether a directed graph contains a cycle."""
    done = set()
    path = set()

    def visit(node: str) -> bool:
        if node in path:
            return True
        if node in done:
            return False
        path.add(node)
        found = any(visit(neighbor) for neighbor in graph.get(node, []))
        path.remove(node)
        done.add(node)
        return found

    return any(visit(node) for node in graph)


def connected_components(graph: dict[str, list[str]]) -> list[list[str]]:
    """Return the groups of connected nodes of an undirected graph."""
    seen = set()
    components = []
    for start in graph:
        if start in seen:
            continue
        seen.add(start)
        component = [start]
        for node in component:
            for neighbor in graph[node]:
                if neighbor not in seen:
                    seen.add(neighbor)
                    component.append(neighbor)
        components.append(component)
    return components


def is_bipartite(graph: dict[str, list[str]]) -> bool:
    """Check whether two colors suffice so that no neighbors share one."""
    colors: dict[str, int] = {}
    for start in graph:
        if start in colors:
            continue
        colors[start] = 0
        stack = [start]
        while stack:
            node = stack.pop()
            for neighbor in graph[node]:
                if neighbor not in colors:
                    colors[neighbor] = 1 - colors[node]
                    stack.append(neighbor)
                elif colors[neighbor] == colors[node]:
                    return False
    return True


def shortest_path(graph: dict[str, list[str]], start: str, goal: str) -> list[str]:
    """Return the path with the fewest edges between two nodes, or an empty list."""
    queue = deque([[start]])
    seen = {start}
    while queue:
        path = queue.popleft()
        if path[-1] == goal:
            return path
        for neighbor in graph.get(path[-1], []):
            if neighbor not in seen:
                seen.add(neighbor)
                queue.append([*path, neighbor])
    return []


def a_star(grid: list[list[int]], start: tuple[int, int], goal: tuple[int, int]) -> list[tuple]:
    """Return the shortest path through a grid with A*, where 1 is a wall."""
    heap = [(0, [start])]
    seen = set()
    while heap:
        _, path = heapq.heappop(heap)
        row, column = path[-1]
        if (row, column) == goal:
            return path
        if (row, column) in seen:
            continue
        seen.add((row, column))
        for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
            if 0 <= r < len(grid) and 0 <= c < len(grid[0]) and grid[r][c] == 0:
                guess = len(path) + abs(goal[0] - r) + abs(goal[1] - c)
                heapq.heappush(heap, (guess, [*path, (r, c)]))
    return []


def count_islands(grid: list[list[int]]) -> int:
    """Count the islands of connected ones in a grid."""
    land = {(r, c) for r, row in enumerate(grid) for c, cell in enumerate(row) if cell == 1}
    count = 0
    while land:
        count += 1
        stack = [land.pop()]
        while stack:
            r, c = stack.pop()
            for cell in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if cell in land:
                    land.remove(cell)
                    stack.append(cell)
    return count


def flood_fill(grid: list[list[int]], row: int, column: int, color: int) -> list[list[int]]:
    """Fill the connected area of one color in a grid with a new color."""
    old = grid[row][column]
    stack = [(row, column)]
    while stack and old != color:
        r, c = stack.pop()
        if 0 <= r < len(grid) and 0 <= c < len(grid[0]) and grid[r][c] == old:
            grid[r][c] = color
            stack += [(r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)]
    return grid


def solve_maze(maze: list[str], start: tuple[int, int], goal: tuple[int, int]) -> list[tuple]:
    """Return the shortest way through a maze, where # is a wall."""
    queue = deque([[start]])
    seen = {start}
    while queue:
        path = queue.popleft()
        if path[-1] == goal:
            return path
        r, c = path[-1]
        for row, column in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
            if 0 <= row < len(maze) and 0 <= column < len(maze[0]) and (row, column) not in seen:
                if maze[row][column] != "#":
                    seen.add((row, column))
                    queue.append([*path, (row, column)])
    return []


def strongly_connected(graph: dict[str, list[str]]) -> list[list[str]]:
    """Return the strongly connected components of a directed graph."""
    low: dict[str, int] = {}
    stack: list[str] = []
    components: list[list[str]] = []

    def visit(node: str) -> None:
        number = low[node] = len(low)
        stack.append(node)
        for neighbor in graph.get(node, []):
            if neighbor not in low:
                visit(neighbor)
            if neighbor in stack:
                low[node] = min(low[node], low[neighbor])
        if low[node] == number:
            components.append(stack[stack.index(node) :])
            del stack[stack.index(node) :]

    for node in graph:
        if node not in low:
            visit(node)
    return components


def max_flow(capacity: list[list[int]], source: int, sink: int) -> int:
    """Return the maximum flow from a source to a sink."""
    residual = [row[:] for row in capacity]

    def push(node: int, amount: int, seen: set[int]) -> int:
        if node == sink:
            return amount
        seen.add(node)
        for neighbor, room in enumerate(residual[node]):
            if room > 0 and neighbor not in seen:
                sent = push(neighbor, min(amount, room), seen)
                if sent:
                    residual[node][neighbor] -= sent
                    residual[neighbor][node] += sent
                    return sent
        return 0

    total = 0
    while sent := push(source, sum(residual[source]), set()):
        total += sent
    return total
