"""Which file each role uses: the one that is wanted, or the fallback that took its place."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

from codey.models.base import ModelSpec


@dataclass
class Seat:
    """A role's choice of files.

    Attributes:
        spec: What is wanted.
        current: The file that serves the role.
        failed: When each file last could not be loaded.
    """

    spec: ModelSpec
    current: Path
    failed: dict[Path, float] = field(default_factory=dict)

    @property
    def chain(self) -> list[Path]:
        """The file that is wanted, then its fallbacks, none of them twice."""
        return list(dict.fromkeys((self.spec.path, *self.spec.fallbacks)))

    def spec_of(self, path: Path) -> ModelSpec:
        """How one of its files is loaded."""
        return dataclasses.replace(self.spec, path=path)
