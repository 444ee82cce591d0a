"""What the device has and what a process takes. Unknown is None: Android hides much, and 0 would lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_CPUS = Path("/sys/devices/system/cpu")
_THERMAL = Path("/sys/class/thermal")
# Names of the zones that measure processors; others measure modems, chargers and skin.
_CPU_ZONES = ("cpu", "soc", "x86_pkg", "tsens", "apc", "big", "little")
_PLAUSIBLE_C = (1.0, 150.0)


@dataclass(frozen=True)
class Pressure:
    """How much of the last ten seconds was lost to waiting for memory, in percent.

    Attributes:
        some: Something waited.
        full: Everything did: the system is busy with nothing but swapping.
    """

    some: float
    full: float


def resident_mb(pid: int) -> tuple[float | None, float | None]:
    """Anonymous and file-backed resident memory of a process in MB of 10^6 bytes, from `/proc`."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None, None
    kib = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    if "RssAnon" not in kib:
        return None, None
    shared = int(kib.get("RssFile", 0)) + int(kib.get("RssShmem", 0))
    return int(kib["RssAnon"]) * 1024 / 1e6, shared * 1024 / 1e6


def available_mb() -> float | None:
    """Memory that can be had without swapping: available, not free, since page cache is not in use."""
    return _meminfo_mb("MemAvailable:")


def total_mb() -> float | None:
    """Memory of the device."""
    return _meminfo_mb("MemTotal:")


def _meminfo_mb(key: str) -> float | None:
    try:
        lines = (_PROC / "meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(key):
            return int(line.split()[1]) * 1024 / 1e6
    return None


def memory_pressure(proc: Path = _PROC) -> Pressure | None:
    """How much work waits for memory; None where the kernel does not count it.

    Args:
        proc: The folder that `/proc` is.
    """
    try:
        lines = (proc / "pressure" / "memory").read_text().splitlines()
        # some avg10=0.12 avg60=0.03 avg300=0.00 total=1234
        parts = {line.split()[0]: float(line.split()[1].removeprefix("avg10=")) for line in lines}
        return Pressure(parts["some"], parts["full"])
    except (OSError, ValueError, KeyError, IndexError):
        return None


def cpu_celsius(thermal: Path = _THERMAL) -> float | None:
    """The temperature of the hottest processor, None where no zone that measures one may be read.

    Args:
        thermal: The folder of thermal zones.
    """
    found = []
    for zone in thermal.glob("thermal_zone*"):
        try:
            name = (zone / "type").read_text().lower()
        except OSError:
            continue
        milli = _read_int(zone / "temp")
        if milli is not None and name.startswith(_CPU_ZONES):
            found.append(milli / 1000)
    low, high = _PLAUSIBLE_C
    return max((value for value in found if low <= value <= high), default=None)


def usable_cpus() -> list[int]:
    """The processors this process may run on; a background terminal on Android loses the big ones."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def max_frequencies(cpus: Sequence[int]) -> list[int | None]:
    """The highest clock of each processor in kHz, None where the system does not say."""
    return [_read_int(_CPUS / f"cpu{cpu}" / "cpufreq" / "cpuinfo_max_freq") for cpu in cpus]


def big_cores(frequencies: Sequence[int | None]) -> int:
    """How many processors are fast enough to help. Pure.

    One slow core too many has been reported to cost a factor of 90 on a phone: every layer waits for
    the slowest thread. Cores within three quarters of the fastest count; where clocks are unknown,
    all of them do, up to four.

    Args:
        frequencies: The highest clock of each usable processor, None where unknown.
    """
    known = [frequency for frequency in frequencies if frequency]
    if len(known) < len(frequencies) or not known:
        return max(1, min(4, len(frequencies)))
    return sum(frequency >= 0.75 * max(known) for frequency in known)


def _read_int(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
