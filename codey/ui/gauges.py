"""Where the figures of the status line and the words of completion are read from."""

from __future__ import annotations

from codey.models.base import ModelRole
from codey.ui.commands import COMMANDS, Desk
from codey.ui.complete import Kept, Sources
from codey.ui.statusline import Figures


def read_figures(desk: Desk) -> Figures:
    """What can be observed now; nothing of it waits for a model."""
    unloads = [slot.unload_in_s for slot in desk.models.status() if slot.unload_in_s is not None]
    use, device = desk.conversation.context(), desk.sample()
    return Figures(
        model=desk.models.spec(ModelRole.CODER).path.stem,
        memory_mb=desk.models.total_mb(),
        budget_mb=desk.models.budget_mb,
        context_tokens=use.prompt_tokens,
        context_size=use.n_ctx,
        unload_in_s=min(unloads, default=None),
        battery_percent=device.battery.percent,
        temperature_c=device.cpu_celsius if device.battery.celsius is None else device.battery.celsius,
    )


def sources(desk: Desk) -> Sources:
    """The words that can be completed."""
    return Sources(
        commands=[(command.name, command.about) for command in COMMANDS.values()],
        files=Kept(desk.project_files),
        context=lambda: desk.conversation.files,
        models=desk.model_files,
        sessions=lambda: [(session.id, session.title) for session in desk.conversation.sessions()],
    )
