"""The start: makes sure that the project Codey runs in cannot replace its modules, then hands over to cli."""

import os
import sys


def guarded_path(entries: list[str], environment: str, origin: str, folder: str) -> list[str]:
    """An import path on which the current folder's own `json.py` or `utils/` is not found.

    Only the entries that come from where a person happens to work are looked at: the first, which
    Python adds itself for `python -m`, the empty one, and those of PYTHONPATH.

    Args:
        entries: `sys.path`.
        environment: The value of PYTHONPATH, empty if there is none.
        origin: The folder that codey was imported from. It stays, and goes last if it is one of
            those: what follows needs nothing from it but codey, which is imported already.
        folder: The current folder.

    Returns:
        The entries to use instead, in their order.
    """
    here = os.path.realpath(folder)
    home = os.path.realpath(origin)
    suspects = {
        os.path.realpath(os.path.join(here, entry)) for entry in environment.split(os.pathsep) if entry
    }
    kept: list[str] = []
    last: list[str] = []
    for position, entry in enumerate(entries):
        place = os.path.realpath(os.path.join(here, entry))
        ours = not entry or (place == here and position == 0)
        ours = ours or (place in suspects and (place + os.sep).startswith(here.rstrip(os.sep) + os.sep))
        if not ours:
            kept.append(entry)
        elif place == home:
            last.append(place)
    return kept + last


def guard_sys_path() -> None:
    """Applies `guarded_path` to this process. Every process of Codey's does it before it imports more."""
    try:
        folder = os.getcwd()
    except FileNotFoundError:  # the folder was removed under us; nothing in it can be imported
        sys.path[:] = [entry for entry in sys.path if entry]
        return
    origin = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = guarded_path(sys.path, os.environ.get("PYTHONPATH", ""), origin, folder)


def main() -> int:
    """Runs the command line; returns its exit code."""
    guard_sys_path()
    from codey import cli

    return cli.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
