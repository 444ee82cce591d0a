"""When the device is so short of memory that idle models should go before it kills something. Pure."""

from __future__ import annotations

from dataclasses import dataclass

_LOW_MB, _ENOUGH_MB = 300.0, 600.0
# Percent of the last ten seconds in which every task waited for memory.
_STALLED, _FLOWING = 10.0, 2.0


@dataclass(frozen=True)
class Device:
    """What the system says about its memory; None where it hides it.

    Attributes:
        own_mb: This process, in MB of 10^6 bytes.
        available_mb: What can be had without swapping; page cache is not in use.
        stalled: Percent of the last ten seconds in which every task waited for memory.
    """

    own_mb: float | None = None
    available_mb: float | None = None
    stalled: float | None = None


class Guard:
    """Tells shortage from plenty, with a gap between the two so that it does not flutter."""

    def __init__(self) -> None:
        self.pressed = False

    def feel(self, device: Device) -> bool:
        """Whether an idle model should go.

        Stalls alone do not say so: any disk full of work makes some. They count where memory is not
        plentiful either.
        """
        available_mb, stalled = device.available_mb, device.stalled or 0.0
        if available_mb is None:
            self.pressed = stalled >= (_FLOWING if self.pressed else _STALLED)
        elif self.pressed:
            self.pressed = available_mb < _ENOUGH_MB or (
                stalled >= _FLOWING and available_mb < 2 * _ENOUGH_MB
            )
        else:
            self.pressed = available_mb < _LOW_MB or (stalled >= _STALLED and available_mb < 2 * _ENOUGH_MB)
        return self.pressed
