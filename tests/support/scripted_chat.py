"""A chat whose conversation follows a script: what the screen shows of each event, without a model.

Run as a program on a terminal. A request names what happens: see `_Conversation.process_message`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from codey import events
from codey.errors import NotDoneError
from codey.events import Answer, Frontend, Question, Status
from codey.ui.chat import Chat
from codey.ui.commands import Desk
from codey.utils import signals
from codey.utils.battery import Battery
from codey.utils.monitor import Sample

REPLY = (
    "## Fibonacci\n\nEach number is the **sum of the two** before it, so `fib(10)` is 55 and grows fast.\n\n"
    "- it begins with 0 and 1, which are given and not computed\n- then it goes on\n\n"
    "```python\ndef fib(n):\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n"
    "    return a\n```\n"
)
DIFF = "--- /dev/null\n+++ b/fib.py\n@@ -0,0 +1,{n} @@\n"


def diff(n_lines: int) -> str:
    added = (f"+line_{number} = {number}\n" for number in range(1, n_lines + 1))
    return DIFF.format(n=n_lines) + "".join(added)


class _Conversation:
    id = "scripted"
    files: tuple[str, ...] = ()

    def __init__(self, frontend: Frontend, folder: Path) -> None:
        self._folder = folder
        self._frontend, self._stop = frontend, threading.Event()

    def process_message(self, text: str) -> None:
        show, what, _, more = self._frontend.show, *text.partition(" ")
        self._stop.clear()
        if what == "stream":
            show(events.Routed("simple_answer", None, {}, 0.97, 4.0, "model"))
            for index in range(0, len(REPLY), 3):
                show(events.Text(REPLY[index : index + 3]))
            show(events.Replied("coder", "nano-coder", "stop", 40, 0, 80, 0.1, 12.34))
        elif what == "hang":
            show(events.Text("The first words of it"))
            self._stop.wait()
        elif what == "read":
            show(events.Prefill("coder", 0.0))
            show(events.Prefill("coder", 0.4))
            self._stop.wait()
        elif what == "load":
            show(events.Loading("coder", "nano-coder", 0.3))
            self._stop.wait()
        elif what == "tool":
            show(events.Routed("tool_call", "run_command", {}, 1.0, 0.1, "literal"))
            show(events.Output("half a li"))
            self._stop.wait()
        elif what == "write":
            self._write(int(more or 3))
        elif what == "edit":
            show(events.Notice(f"edited: {self._frontend.edit('a.py', 'x = 1')}"))
        elif what == "run":
            show(events.Routed("tool_call", "run_command", {}, 1.0, 0.1, "literal"))
            answer = self._frontend.confirm(Question(f"Run `{more}`?", True, always=more))
            show(events.Notice(f"answer {answer.value}"))
            if more == "forever":
                self._stop.wait()
        elif what == "wide":
            show(events.Output("\tno word of this long line of a tool is broken\n"))
        elif what == "many":
            for number in range(int(more)):
                show(events.Output(f"row {number}\n"))
        elif what == "fault":
            raise ValueError("a fault")
        else:
            raise NotDoneError(f"heard {text!r}", "codey status")
        if self._stop.is_set():
            show(events.Result(Status.NOT_DONE, "stopped"))

    def _write(self, n_lines: int) -> None:
        while True:
            self._frontend.show(events.Proposed("fib.py", diff(n_lines), n_lines, 0))
            answer = self._frontend.confirm(Question("Write fib.py?", True, "writes", editable=True))
            if answer is not Answer.EDIT:
                break
            n_lines = (self._frontend.edit("fib.py", "one\ntwo") or "").count("\n") + 1
        self._frontend.show(events.Result(Status.DONE, f"answer {answer.value}"))

    def cancel(self) -> None:
        self._stop.set()

    def idle(self) -> None:
        with (self._folder / "idle").open("a") as log:
            print("idle", file=log)
        threading.Event().wait()  # as long as a summary may take

    def context(self) -> events.ContextUse:
        return events.ContextUse("nano-coder", 1024, 256)

    def get_conversation_history(self) -> list[Any]:
        return []

    def sessions(self) -> list[events.SessionInfo]:
        return []


def main() -> None:
    folder = Path(sys.argv[1])
    drafts = folder / "drafts"

    @contextmanager
    def opening(frontend: Frontend) -> Iterator[Desk]:
        if len(sys.argv) > 2:
            raise NotDoneError("The project cannot be opened.", "codey status")
        models: Any = SimpleNamespace(
            status=lambda: (),
            total_mb=lambda: 1234.0,
            budget_mb=6000.0,
            spec=lambda role: SimpleNamespace(path=Path("nano-coder.gguf"), role=role),
            switch_model=lambda role, path: None,
        )
        agent: Any = None
        conversation: Any = _Conversation(frontend, folder)
        with drafts.open("a") as log:
            yield Desk(
                conversation=conversation,
                agent=agent,
                models=models,
                frontend=frontend,
                config_path=folder / "config.json",
                model_dir=folder,
                root=Path("/demo"),
                project_files=lambda: ["fib.py", "src/deep/fibonacci.py", "README.md"],
                draft=lambda text: print(text, file=log, flush=True),
                sample=lambda: Sample(0.0, Battery(80, None, 31.0)),
                idle=conversation.idle,
            )

    with signals.orderly():
        try:
            Chat(opening, folder / "history", idle_s=float(os.environ.get("IDLE_S", "600"))).run()
        except NotDoneError as error:
            sys.exit(error.message)


if __name__ == "__main__":
    main()
