"""Conversations on disk: one SQLite file for each project, written as the words come.

A process that is killed loses nothing that was committed. What cannot be stored never stops a turn: the
person is told once that nothing is remembered. A damaged file is moved aside and a new one begun.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from codey.conversation.turns import Saved, SessionInfo, Summary, Turn
from codey.utils.paths import user_data_dir

if TYPE_CHECKING:
    from sqlite3 import Connection

_T = TypeVar("_T")

_BUSY_S = 2.0
# Another program may hold the file for longer; then it is tried again for a while.
_PATIENCE_S, _AGAIN_S = 10.0, 0.05
_MAX_SESSIONS = 200
"""Conversations of a project; the oldest go."""

_MAX_TITLE = 60
_COLUMNS = tuple(field.name for field in fields(Turn))

# What brings the file from version n to n + 1; the version stands in its header.
MIGRATIONS = (
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY, title TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
        files TEXT NOT NULL DEFAULT '', summary TEXT NOT NULL DEFAULT '',
        summarised INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    CREATE TABLE turns (
        session TEXT NOT NULL, number INTEGER NOT NULL, request TEXT NOT NULL, created REAL NOT NULL,
        answer TEXT NOT NULL, message TEXT NOT NULL, status TEXT NOT NULL, path TEXT, symbol TEXT,
        PRIMARY KEY (session, number)
    ) WITHOUT ROWID;
    CREATE INDEX newest ON sessions (updated);
    """,
)


def store_path(root: Path) -> Path:
    """Where the conversations of a project are kept.

    Args:
        root: The project.
    """
    name = "".join(char if char.isalnum() or char in "-_" else "-" for char in root.name)[:40]
    import hashlib

    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return user_data_dir() / "conversations" / f"{name or 'root'}-{digest}.db"


class Store:
    """The conversations of one project. Any thread may call it; the file is opened at the first call.

    Args:
        path: The file.
        say: Takes a sentence for the person.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self._say = path, say
        self._lock = threading.RLock()
        self._connection: Connection | None = None
        self._off = False

    def begin(self, request: str, now: float) -> SessionInfo:
        """A new conversation; it is stored with its first turn.

        Args:
            request: Its first request, for the title.
            now: Seconds since the epoch.
        """
        from codey.conversation.redact import redact

        title = " ".join(redact(request).split())
        short = title if len(title) <= _MAX_TITLE else title[: _MAX_TITLE - 1] + "…"
        return SessionInfo(secrets.token_hex(4), short, now, now)

    def save_turn(self, session: SessionInfo, turn: Turn) -> None:
        """Stores a turn, new or grown, and that its conversation goes on; committed when this returns."""
        from codey.conversation.redact import redact

        values = [getattr(turn, name) for name in _COLUMNS]
        stored = [redact(value) if isinstance(value, str) else value for value in values]
        places = ", ".join("?" * (1 + len(_COLUMNS)))

        def write(connection: Connection) -> None:
            _keep_session(connection, session)
            names = ", ".join(("session", *_COLUMNS))
            connection.execute(
                f"INSERT OR REPLACE INTO turns ({names}) VALUES ({places})",  # noqa: S608 - our own names
                [session.id, *stored],
            )

        self._write(write)

    def save_files(self, session: SessionInfo, paths: tuple[str, ...]) -> None:
        """Stores which files are in context."""

        def write(connection: Connection) -> None:
            _keep_session(connection, session)
            connection.execute("UPDATE sessions SET files = ? WHERE id = ?", ("\n".join(paths), session.id))

        self._write(write)

    def save_summary(self, session: SessionInfo, summary: Summary) -> None:
        """Stores what a model made of the beginning."""
        from codey.conversation.redact import redact

        values = (redact(summary.text), summary.n_turns, session.id)
        self._write(
            lambda connection: connection.execute(
                "UPDATE sessions SET summary = ?, summarised = ? WHERE id = ?", values
            )
        )

    def sessions(self) -> list[SessionInfo]:
        """The conversations of the project, the newest first."""
        if not self._path.exists():
            return []
        query = (
            "SELECT id, title, created, updated, (SELECT count(*) FROM turns WHERE session = id)"
            " FROM sessions ORDER BY updated DESC, created DESC"
        )

        def read(connection: Connection) -> list[SessionInfo]:
            return [SessionInfo(*row) for row in connection.execute(query)]

        return self._do(read, [])

    def load(self, session: str) -> Saved | None:
        """A conversation by its id, None where there is none."""
        info = next((info for info in self.sessions() if info.id == session), None)
        if info is None:
            return None
        names = ", ".join(_COLUMNS)
        query = f"SELECT {names} FROM turns WHERE session = ? ORDER BY number"  # noqa: S608 - our own names

        def read(connection: Connection) -> Saved:
            turns = tuple(Turn(*row) for row in connection.execute(query, (session,)))
            about = "SELECT files, summary, summarised FROM sessions WHERE id = ?"
            files, summary, n_turns = connection.execute(about, (session,)).fetchone()
            return Saved(info, turns, tuple(files.splitlines()), Summary(summary, n_turns))

        return self._do(read, None)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _write(self, action: Callable[[Connection], object]) -> None:
        def transaction(connection: Connection) -> None:
            connection.execute("BEGIN IMMEDIATE")
            try:
                action(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

        self._do(transaction, None)

    def _do(self, action: Callable[[Connection], _T], otherwise: _T) -> _T:
        """Does something with the file; what stands in the way is said, and never raised."""
        import sqlite3

        patient_until, moved = time.monotonic() + _PATIENCE_S, False
        with self._lock:
            while not self._off:
                try:
                    self._connection = self._connection or self._open()
                    return action(self._connection)
                except (sqlite3.OperationalError, OSError) as error:
                    # SQLite does not wait for everything itself: not for the switch to WAL, for one.
                    if "locked" in str(error) and time.monotonic() < patient_until:
                        time.sleep(_AGAIN_S)
                    else:
                        self._give_up(str(error))
                except sqlite3.DatabaseError:
                    if moved or not self._move_aside():
                        self._give_up("the file is damaged")
                    moved = True
        return otherwise

    def _open(self) -> Connection:
        import sqlite3

        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(self._path.parent, 0o700)
        # SQLite gives its other files the mode of this one.
        os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(
            self._path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A commit survives a kill of the process; only a loss of power may take the last ones.
            connection.execute("PRAGMA synchronous = NORMAL")
            _migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _move_aside(self) -> bool:
        """Puts a damaged file out of the way; False where that cannot be done."""
        self.close()
        aside = self._path.with_suffix(f".damaged-{secrets.token_hex(2)}")
        try:
            self._path.replace(aside)
            for suffix in ("-wal", "-shm"):
                Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        except OSError:
            return False
        self._say(f"The saved conversations of this project were damaged; they are now in {aside}.")
        return True

    def _give_up(self, why: str) -> None:
        self._off = True
        self.close()
        self._say(f"This conversation is not remembered: {why}.")


def _migrate(connection: Connection) -> None:
    """Brings the file to the newest version, each step whole or not at all."""
    import sqlite3

    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise sqlite3.OperationalError("the file was written by a newer version of Codey")
    if version == len(MIGRATIONS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again: another process may have been faster.
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for step in MIGRATIONS[version:]:
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _keep_session(connection: Connection, session: SessionInfo) -> None:
    done = connection.execute("UPDATE sessions SET updated = ? WHERE id = ?", (session.updated, session.id))
    if done.rowcount:
        return
    connection.execute(
        "INSERT INTO sessions (id, title, created, updated) VALUES (?, ?, ?, ?)",
        (session.id, session.title, session.created, session.updated),
    )
    old = "SELECT id FROM sessions ORDER BY updated DESC, created DESC LIMIT -1 OFFSET ?"
    for (id_,) in connection.execute(old, (_MAX_SESSIONS,)).fetchall():
        connection.execute("DELETE FROM turns WHERE session = ?", (id_,))
        connection.execute("DELETE FROM sessions WHERE id = ?", (id_,))
