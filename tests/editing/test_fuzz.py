"""Random replies made of what real ones are made of: nothing crashes, nothing leaves the project."""

# ruff: noqa: RUF001, E501 - rows of a table; wrong quotes and dashes are what is tested
from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from codey.editing.edit import Edit, MoveFile
from codey.editing.gate import resolve_edits
from codey.editing.replies import parse_reply
from codey.editing.workspace import Workspace
from codey.errors import RefusedEditError, WorkspaceError

FRAGMENTS = [
    "```", "````", "~~~", "```python", "```diff", "```bash", "```json", "```markdown", "```python a.py",
    "<<<<<<< SEARCH", "<<<<< SEARCH", "<<<<<<<", "<<<<<<< HEAD", "------- SEARCH", "=======", "=====", ">>>>>>>",
    ">>>>>>> REPLACE", ">>>>>>> UPDATED", "+++++++ REPLACE", "<<<<<<< SEARCH ../x.py",
    "a.py", "**a.py**", "`b.txt`:", "# a.py", "../x.py", "/etc/passwd", "~/x.py", "d/../../x.py", ".git/config.py",
    "link/x.py", "link.py", "sub/new.py", "a.py\x00.txt", ".GIT/hooks.py", "a" * 300 + ".py",
    "--- a/a.py", "+++ b/a.py", "--- /dev/null", "+++ /dev/null", "+++ b/../x.py", "--- /etc/passwd",
    "diff --git a/a.py b/a.py", "diff --git a/../x b/../x", "rename from a.py", "rename to ../x.py",
    "deleted file mode 100644", "new file mode 100644", "@@ -1,3 +1,3 @@", "@@ -0,0 +1 @@ def f():", "@@", "@@ f",
    "*** Begin Patch", "*** End Patch", "*** Add File: n.py", "*** Add File: ../n.py", "*** Update File: a.py",
    "*** Delete File: b.txt", "*** Delete File: ../outside.txt", "*** Move to: ../n.py", "*** Move to: c.py",
    "*** End of File", "apply_patch <<'EOF'",
    '{"name": "write_file", "arguments": {"path": "../x.py", "content": "x"}}',
    '{"path": "a.py", "content": "x = 2\\n"}', '{"name": "run", "arguments": {}}', "<tool_call>", "</tool_call>",
    "<think>", "</think>", "def f():", "    return 1", "-    return 1", "+    return 2", "     return 1", "-def f():",
    " def f():", "+x = 1", "x = 1", "-x = 1", "    x = 1", "...", "    ...", "# ... existing code ...",
    "class A:", "", "", "", "Here is the change to `a.py`:", "“quoted” – text", "\u00a0\u00a0x = 1", "\tx = 1", "\r", "é",
    "\u2028", "\ufeff", "\x0c", "\\ No newline at end of file", "Binary files a/b.txt and b/b.txt differ", "hello",
]  # fmt: skip
FILES = {
    "a.py": "def f():\n    return 1\n\n\nx = 1\n\n\nclass A:\n    def f(self):\n        return 1\n",
    "b.txt": "hello\n“quoted” – text\nhello\n",
}


OLD = [
    "x = 1",
    "    return 1",
    "class A:",
    "hello",
    "def f():\n    return 1",
    "",
    "def f():\n    ...\nx = 1",
    "return 1",
]
NEW = [
    "x = 2",
    "    return 2",
    "",
    "y = (",
    "# ... rest of the code",
    "“é”",
    "class A:\n    y = 1",
    "def f():\n    ...",
]
NAMES = [
    "a.py", "b.txt", "n.py", "sub/n.py", "../x.py", "/etc/x.py", "~/x.py", ".git/x.py", "link/x.py", "link.py",
    "d/../../x.py", "a/./../a.py", ".GIT/x.py", "sub/.git/x.py", "./a.py", "link", "sub", "a.py/x.py", "/a.py",
]  # fmt: skip


def unit(rng: random.Random) -> list[str]:
    """One whole edit, in some form, for some file."""
    name, old, new = rng.choice(NAMES), rng.choice(OLD), rng.choice(NEW)
    minus = [f"-{line}" for line in old.split("\n")]
    plus = [f"+{line}" for line in new.split("\n")]
    return rng.choice(
        [
            [name, "<<<<<<< SEARCH", old, "=======", new, ">>>>>>> REPLACE"],
            [name, "```python", "<<<<<<< SEARCH", old, "=======", new, ">>>>>>> REPLACE", "```"],
            ["```", f"# {name}", "<<<<< SEARCH", old, "=====", new, ">>>>> REPLACE", "```"],
            ["```diff", f"--- a/{name}", f"+++ b/{name}", "@@ -1 +1 @@ f", *minus, *plus, "```"],
            ["```diff", "--- /dev/null", f"+++ b/{name}", "@@ -0,0 +1 @@", *plus, "```"],
            ["```diff", f"--- a/{name}", "+++ /dev/null", "@@ -1 +0,0 @@", *minus, "```"],
            [f"diff --git a/a.py b/{name}", "rename from a.py", f"rename to {name}"],
            ["*** Begin Patch", f"*** Update File: {name}", "@@ f", *minus, *plus, "*** End Patch"],
            ["*** Begin Patch", f"*** Add File: {name}", *plus, "*** End Patch"],
            ["*** Begin Patch", f"*** Delete File: {name}", "*** End Patch"],
            [
                "*** Begin Patch",
                "*** Update File: a.py",
                f"*** Move to: {name}",
                *minus,
                *plus,
                "*** End Patch",
            ],
            [name, "```python", new, "```"],
            [f"```python {name}", FILES["a.py"].replace("x = 1", new), "```"],
            [
                "```json",
                json.dumps({"name": "write_file", "arguments": {"path": name, "content": new}}),
                "```",
            ],
            ["```python", "def f():", "    return 3", "```"],
            ["```bash", f"rm {name}", "```"],
        ]
    )


def reply(rng: random.Random) -> str:
    """Whole edits in any order, most of them damaged somewhere."""
    lines = [line for _ in range(rng.randint(1, 3)) for line in ["", *unit(rng)]]
    for _ in range(rng.choice([0, 0, 1, 1, 2, 4, 8])):
        at = rng.randrange(len(lines) + 1)
        what = rng.random()
        if what < 0.5:
            lines.insert(at, rng.choice(FRAGMENTS))
        elif what < 0.75:
            lines[at : at + 1] = [rng.choice(FRAGMENTS)]
        else:
            del lines[at : at + 1]
    return "\n".join(lines) if rng.random() < 0.97 else "".join(lines)


def names(edits: list[Edit]) -> list[str]:
    return [
        name
        for edit in edits
        for name in ([edit.path, edit.to] if isinstance(edit, MoveFile) else [edit.path])
    ]


def fuzz(project: Path, state: Path, count: int, seed: int) -> tuple[int, int, int]:
    """Counts of replies with edits, of those that would be written, and of names that were refused."""
    outside = project.parent / "outside"
    outside.mkdir()
    (outside / "x.py").write_text("x = 1\n")
    for name, text in FILES.items():
        (project / name).write_text(text, encoding="utf-8")
    (project / "link").symlink_to(outside)
    (project / "link.py").symlink_to(outside / "x.py")
    (project / ".git").mkdir()
    workspace, rng = Workspace(project, state), random.Random(seed)
    edited = written = refused = 0
    root = project.resolve()
    for _ in range(count):
        text = reply(rng)
        target = rng.choice([None, None, "a.py", "sub/new.py", "b.txt"])
        definition = rng.random() < 0.2
        try:
            edits = parse_reply(
                text, target=target, symbol="f" if definition else None, definition=definition
            )
        except RefusedEditError:
            continue
        edited += bool(edits)
        for name in names(edits):
            try:
                workspace.read(name)
            except WorkspaceError:
                refused += 1
        try:
            changes = resolve_edits(edits, workspace.read)
        except (RefusedEditError, WorkspaceError):
            continue
        written += bool(changes)
        for change in changes:
            path = (root / change.path).resolve()
            assert path.is_relative_to(root)
            assert ".git" not in path.relative_to(root).parts
    assert sorted(path.name for path in project.parent.iterdir()) == sorted(["outside", project.name])
    return edited, written, refused


@pytest.mark.parametrize(
    "count", [pytest.param(3_000, id="3000"), pytest.param(100_000, id="100000", marks=pytest.mark.slow)]
)
def test_random_replies(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, count: int) -> None:
    (tmp_path / "project").mkdir()
    edited, written, refused = fuzz(tmp_path / "project", tmp_path_factory.mktemp("state"), count, seed=1)
    print(f"\n{count} replies: {edited} with edits, {written} to be written, {refused} names refused")
    # The fragments must still make edits of both kinds, or this would show nothing.
    assert written > count / 100
    assert refused > count / 100
