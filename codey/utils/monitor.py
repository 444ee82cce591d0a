"""How the device is doing: samples, trends, and the three states that make Codey hold back.

A state has two thresholds, so that it is neither flapping nor for ever: hot at one temperature, cool
again below a lower one. What is unknown is no reason to hold back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from codey.utils import resources
from codey.utils.battery import Battery, BatteryProbe

_KEPT_SAMPLES = 120
_FRESH_S = 1.0

_log = logging.getLogger("codey.resources")


@dataclass(frozen=True)
class Sample:
    """The device at one moment; None where the system hides a figure.

    Attributes:
        at_s: When, on a clock that only grows.
        battery: The battery.
        cpu_celsius: The hottest processor.
        cpu_share: The part of the processors' time since the sample before that was work, 0 to 1.
        available_mb: Memory that can be had without swapping, in MB of 10^6 bytes.
        pressure: Percent of the last ten seconds in which something waited for memory.
    """

    at_s: float
    battery: Battery = field(default_factory=Battery)
    cpu_celsius: float | None = None
    cpu_share: float | None = None
    available_mb: float | None = None
    pressure: float | None = None


@dataclass(frozen=True)
class States:
    """What the device is short of, or has too much of."""

    hot: bool = False
    low_battery: bool = False
    short_of_memory: bool = False


@dataclass(frozen=True)
class _Limits:
    """Where a state begins and where it ends."""

    begins: float
    ends: float

    def hold(self, value: float | None, before: bool) -> bool:
        """Whether the state holds at a value; an unknown value is none to hold back for."""
        if value is None:
            return False
        return value >= (self.ends if before else self.begins)


_CPU_C = _Limits(80.0, 70.0)
_BATTERY_C = _Limits(43.0, 40.0)
_PRESSURE = _Limits(10.0, 5.0)
_ENOUGH_MORE_PERCENT = 3  # a battery that was low is no longer when it has this much more


def judge(sample: Sample, before: States, min_battery_percent: int) -> States:
    """The states that follow from a sample. Pure.

    Args:
        sample: The device now.
        before: The states until now.
        min_battery_percent: Below it the battery is low, where it does not charge.
    """
    battery = sample.battery
    enough = min_battery_percent + (_ENOUGH_MORE_PERCENT if before.low_battery else 0)
    low = battery.percent is not None and battery.percent < enough and battery.charging is not True
    return States(
        hot=_CPU_C.hold(sample.cpu_celsius, before.hot) or _BATTERY_C.hold(battery.celsius, before.hot),
        low_battery=low,
        short_of_memory=_PRESSURE.hold(sample.pressure, before.short_of_memory),
    )


def slope_per_minute(points: Sequence[tuple[float, float | None]]) -> float | None:
    """How fast a figure changes, by least squares. Pure.

    Args:
        points: Seconds and the figure, None where it was unknown.

    Returns:
        The change a minute, None for fewer than two known points or no time between them.
    """
    known = [(at, value) for at, value in points if value is not None]
    if len(known) < 2:
        return None
    mean_at = sum(at for at, _ in known) / len(known)
    mean = sum(value for _, value in known) / len(known)
    spread = sum((at - mean_at) ** 2 for at, _ in known)
    if spread == 0:
        return None
    return 60 * sum((at - mean_at) * (value - mean) for at, value in known) / spread


class Monitor:
    """Watches the device whenever somebody asks; it has no thread of its own.

    Args:
        min_battery_percent: Below it the battery is low, where it does not charge.
        read: Takes a sample, given the time.
        clock: Seconds that only grow.
    """

    def __init__(
        self,
        min_battery_percent: int,
        read: Callable[[float], Sample],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._min_battery_percent, self._read, self._clock = min_battery_percent, read, clock
        self._lock = threading.Lock()
        self._samples: deque[Sample] = deque(maxlen=_KEPT_SAMPLES)
        self._states = States()

    def sample(self) -> Sample:
        """The device now, at most a second old."""
        with self._lock:
            now = self._clock()
            if not self._samples or now - self._samples[-1].at_s >= _FRESH_S:
                self._samples.append(self._read(now))
                self._note(judge(self._samples[-1], self._states, self._min_battery_percent))
            return self._samples[-1]

    def states(self) -> States:
        """What makes Codey hold back now."""
        self.sample()
        return self._states

    def trend(self, figure: Callable[[Sample], float | None]) -> float | None:
        """How fast a figure has changed a minute over the samples kept, None where that is unknown.

        Args:
            figure: Takes the figure from a sample.
        """
        with self._lock:
            return slope_per_minute([(sample.at_s, figure(sample)) for sample in self._samples])

    def _note(self, states: States) -> None:
        if states != self._states:
            _log.info("%s", _told(self._samples[-1], states))
        self._states = states


def _told(sample: Sample, states: States) -> str:
    """A change of the states, with the figures that they follow from."""
    names = {"hot": states.hot, "low battery": states.low_battery, "short of memory": states.short_of_memory}
    held = ", ".join(name for name, holds in names.items() if holds) or "nothing to hold back for"
    figures = {
        "battery": (sample.battery.percent, "%"),
        "battery at": (sample.battery.celsius, "°C"),
        "processor at": (sample.cpu_celsius, "°C"),
        "waiting for memory": (sample.pressure, "%"),
        "available": (sample.available_mb, " MB"),
    }
    known = ", ".join(
        f"{name} {value:.0f}{unit}" for name, (value, unit) in figures.items() if value is not None
    )
    return f"{held} ({known})"


class DeviceReader:
    """Takes samples of this device.

    Args:
        battery: Reads the battery.
    """

    def __init__(self, battery: BatteryProbe) -> None:
        self._battery = battery
        self._cpu_before = resources.cpu_time()

    def __call__(self, at_s: float) -> Sample:
        """The device now."""
        cpu, pressure = resources.cpu_time(), resources.memory_pressure()
        share = cpu.share_since(self._cpu_before) if cpu and self._cpu_before else None
        self._cpu_before = cpu
        return Sample(
            at_s,
            self._battery.read(),
            resources.cpu_celsius(),
            share,
            resources.available_mb(),
            pressure.some if pressure else None,
        )
