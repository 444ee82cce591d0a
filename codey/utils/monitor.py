"""How the device is doing: samples, and the three states that make Codey hold back.

A state has two thresholds, so that it is neither flapping nor for ever: hot at one temperature, cool
again below a lower one. What is unknown is no reason to hold back.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from codey.utils import resources
from codey.utils.battery import Battery, BatteryProbe

_FRESH_S = 1.0

_log = logging.getLogger("codey.resources")


@dataclass(frozen=True)
class Sample:
    """The device at one moment; None where the system hides a figure.

    Attributes:
        at_s: When, on a clock that only grows.
        battery: The battery.
        cpu_celsius: The hottest processor.
        available_mb: Memory that can be had without swapping, in MB of 10^6 bytes.
        pressure: Percent of the last ten seconds in which something waited for memory.
    """

    at_s: float
    battery: Battery = field(default_factory=Battery)
    cpu_celsius: float | None = None
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
        self._sample: Sample | None = None
        self._states = States()

    def sample(self) -> Sample:
        """The device now, at most a second old."""
        with self._lock:
            now, sample = self._clock(), self._sample
            if sample is None or now - sample.at_s >= _FRESH_S:
                sample = self._sample = self._read(now)
                self._note(judge(sample, self._states, self._min_battery_percent), sample)
            return sample

    def states(self) -> States:
        """What makes Codey hold back now."""
        self.sample()
        return self._states

    def _note(self, states: States, sample: Sample) -> None:
        if states != self._states:
            _log.info("%s", _told(sample, states))
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

    def __call__(self, at_s: float) -> Sample:
        """The device now."""
        pressure = resources.memory_pressure()
        return Sample(
            at_s,
            self._battery.read(),
            resources.cpu_celsius(),
            resources.available_mb(),
            pressure.some if pressure else None,
        )
