"""What makes Codey hold back, and that it recovers."""

from __future__ import annotations

import logging

import pytest

from codey.utils.battery import Battery, BatteryProbe
from codey.utils.monitor import DeviceReader, Monitor, Sample, States, judge

FINE = States()


@pytest.mark.parametrize(
    ("sample", "before", "after"),
    [
        (Sample(0), FINE, FINE),
        (Sample(0), States(True, True, True), FINE),
        (Sample(0, Battery(19, False)), FINE, States(low_battery=True)),
        (Sample(0, Battery(20, False)), FINE, FINE),
        (Sample(0, Battery(22, False)), States(low_battery=True), States(low_battery=True)),
        (Sample(0, Battery(23, False)), States(low_battery=True), FINE),
        (Sample(0, Battery(5, True)), States(low_battery=True), FINE),
        (Sample(0, Battery(5, None)), FINE, States(low_battery=True)),
        (Sample(0, Battery(None, False)), FINE, FINE),
        (Sample(0, cpu_celsius=79), FINE, FINE),
        (Sample(0, cpu_celsius=80), FINE, States(hot=True)),
        (Sample(0, cpu_celsius=71), States(hot=True), States(hot=True)),
        (Sample(0, cpu_celsius=69), States(hot=True), FINE),
        (Sample(0, Battery(90, False, 44)), FINE, States(hot=True)),
        (Sample(0, Battery(90, False, 39)), States(hot=True), FINE),
        (Sample(0, pressure=10), FINE, States(short_of_memory=True)),
        (Sample(0, pressure=6), States(short_of_memory=True), States(short_of_memory=True)),
        (Sample(0, pressure=4), States(short_of_memory=True), FINE),
    ],
)
def test_states_follow_from_samples_with_two_thresholds(
    sample: Sample, before: States, after: States
) -> None:
    assert judge(sample, before, min_battery_percent=20) == after


class Device:
    """A device whose battery runs out by a percent a minute."""

    def __init__(self) -> None:
        self.now, self.reads = 0.0, 0

    def clock(self) -> float:
        return self.now

    def read(self, at_s: float) -> Sample:
        self.reads += 1
        return Sample(at_s, Battery(int(22 - at_s / 60), False))


def test_a_change_is_logged_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "codey.resources")
    device = Device()
    monitor = Monitor(20, device.read, device.clock)
    for minute in range(6):
        device.now = 60.0 * minute
        assert monitor.states().low_battery is (minute >= 3)
    assert [record.getMessage() for record in caplog.records] == ["low battery (battery 19%)"]


def test_it_looks_at_the_device_once_a_second_at_most() -> None:
    device = Device()
    monitor = Monitor(20, device.read, device.clock)
    for tenth in range(25):
        device.now = tenth / 10
        monitor.sample()
    assert device.reads == 3


def test_this_device_tells_what_it_tells() -> None:
    sample = DeviceReader(BatteryProbe())(1.0)
    assert sample.available_mb is None or sample.available_mb > 0
