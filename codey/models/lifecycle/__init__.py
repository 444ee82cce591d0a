"""Who is in memory: the owner of all loaded models, its scheduler, its keeper and its records."""

from __future__ import annotations

from codey.models.lifecycle.guard import Device
from codey.models.lifecycle.journal import LoadJournal
from codey.models.lifecycle.owner import ModelLifecycleManager, SlotStatus

__all__ = ["Device", "LoadJournal", "ModelLifecycleManager", "SlotStatus"]
