"""Who is evicted, who waits and who is refused, from values alone."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from codey.models.base import MemoryUse, ModelRole
from codey.models.lifecycle.scheduler import Join, Load, Offer, Refuse, Scheduler, Start, Use, Wait
from codey.models.lifecycle.slots import Memory, Slot, State, reload_s

A, B, C, PINNED = Path("a"), Path("b"), Path("c"), Path("router")
ME, OTHER = 1, 2
SEEN = Memory(own_mb=0.0)
CODER = ModelRole.CODER


def anon(mb: float) -> MemoryUse:
    return MemoryUse(mb, 0.0)


class Setting:
    """A scheduler, and models brought into it by the calls that its owner would make."""

    def __init__(self, budget_mb: float = 1000.0) -> None:
        self.scheduler = Scheduler(budget_mb)
        for path in (A, B, C, PINNED):
            self.scheduler.slots[path] = Slot(path)
        self.scheduler.mark(PINNED, pinned=True, retired=False)

    def begin(self, path: Path, thread: int = ME) -> None:
        self.scheduler.enqueue(path, thread)
        assert isinstance(self.scheduler.take(path, thread), Start)

    def place(
        self, path: Path, use: MemoryUse | None, *, now: float = 0.0, since: float = 0.0, later: bool = False
    ) -> Load | Wait | Refuse:
        return self.scheduler.place(path, use, later, now, since, SEEN, "room for it")

    def busy(
        self, path: Path, use: MemoryUse, thread: int = ME, now: float = 0.0, load_s: float = 1.0
    ) -> int:
        self.begin(path, thread)
        decision = self.place(path, use, now=now, since=now)
        assert isinstance(decision, Load)
        for victim in decision.evict:
            self.scheduler.gone(victim)
        self.scheduler.loaded(path, now, load_s)
        used = self.scheduler.take(path, thread)
        assert isinstance(used, Use)
        return used.generation

    def idle(
        self, path: Path, use: MemoryUse, now: float = 0.0, keep_s: float = math.inf, load_s: float = 1.0
    ) -> None:
        generation = self.busy(path, use, now=now, load_s=load_s)
        self.scheduler.leave(path, ME, generation, now, CODER, keep_s)

    def offer(self, path: Path, now: float = 0.0, since: float = 0.0, memory: Memory = SEEN) -> Offer:
        return self.scheduler.offer(path, now, since, memory)

    def state(self, path: Path) -> State:
        return self.scheduler.slots[path].state


@pytest.fixture
def setting() -> Setting:
    return Setting()


def test_the_second_request_joins_the_load_of_the_first(setting: Setting) -> None:
    setting.begin(A, ME)
    setting.scheduler.enqueue(A, OTHER)
    assert setting.scheduler.take(A, OTHER) == Join()
    setting.place(A, anon(100))
    setting.scheduler.loaded(A, 0, 1)
    assert {setting.scheduler.take(A, thread) for thread in (ME, OTHER)} == {Use(1)}
    assert setting.scheduler.slots[A].holders == (ME, OTHER)


def test_nobody_goes_where_there_is_room(setting: Setting) -> None:
    setting.idle(A, anon(400))
    setting.begin(B)
    assert setting.place(B, anon(600)) == Load(())


def test_no_more_go_than_are_needed(setting: Setting) -> None:
    setting.idle(A, anon(100), now=1)
    setting.idle(B, anon(700), now=2)
    setting.begin(C)
    # The least recently used one is too small, and is spared once the other has to go anyway.
    assert setting.place(C, anon(800), now=3) == Load((B,))
    assert setting.state(A) is State.READY


def test_of_two_alike_the_least_recently_used_goes(setting: Setting) -> None:
    setting.idle(A, anon(400), now=1)
    setting.idle(B, anon(400), now=2)
    setting.begin(C)
    assert setting.place(C, anon(400), now=3) == Load((A,))
    assert setting.scheduler.slots[A].last_eviction == "room for it"


def test_one_that_takes_long_to_load_is_kept_rather_than_one_that_does_not(setting: Setting) -> None:
    setting.idle(A, MemoryUse(10, 440), now=1)
    setting.idle(B, MemoryUse(450, 0), now=2)
    setting.begin(C)
    assert setting.place(C, anon(400), now=10) == Load((B,))


def test_a_reload_costs_less_while_the_file_is_cached() -> None:
    use = MemoryUse(500, 4500)
    assert reload_s(use, cached=True) < 2 < 10 < reload_s(use, cached=False)


def test_a_resident_model_stays_and_so_does_one_that_is_waited_for(setting: Setting) -> None:
    setting.idle(PINNED, anon(100))
    setting.idle(A, anon(500))
    setting.scheduler.enqueue(A, OTHER)
    setting.begin(B)
    assert setting.offer(B).now.budget_mb == 400
    assert setting.scheduler.spare(0, SEEN) == []
    assert setting.scheduler.due(1e9) == []


def test_one_in_use_is_waited_for_a_while_and_then_the_answer_is_no(setting: Setting) -> None:
    setting.busy(A, anon(800), thread=OTHER)
    setting.begin(B)
    assert setting.offer(B).later.budget_mb == 1000
    assert setting.place(B, None, later=True, now=0) == Wait(20)
    assert setting.place(B, None, later=True, now=20) == Refuse()


def test_a_thread_does_not_wait_for_its_own_lease(setting: Setting) -> None:
    setting.busy(A, anon(800), thread=ME)
    setting.begin(B, ME)
    assert setting.offer(B).later == setting.offer(B).now


def test_two_threads_do_not_wait_for_each_other(setting: Setting) -> None:
    setting.busy(A, anon(500), thread=ME)
    setting.busy(B, anon(500), thread=OTHER)
    setting.scheduler.enqueue(B, ME)
    setting.begin(C, OTHER)
    assert setting.offer(C).later.budget_mb == 0


def test_racing_loads_share_one_budget(setting: Setting) -> None:
    for path, thread in ((A, ME), (B, OTHER)):
        setting.begin(path, thread)
        assert setting.offer(path).now.budget_mb == 1000
    assert setting.place(A, anon(600)) == Load(())
    assert setting.place(B, anon(600), now=1) == Wait(1)  # plan again: somebody was faster
    assert setting.offer(B).now.budget_mb == 400


def test_what_makes_room_for_one_load_is_not_given_to_another(setting: Setting) -> None:
    setting.idle(A, anon(900))
    setting.begin(B, ME)
    assert setting.place(B, anon(600)) == Load((A,))
    setting.begin(C, OTHER)
    assert setting.offer(C).now.budget_mb == 400
    setting.scheduler.give_up(B)  # its load failed, and the other is still there
    assert setting.offer(C).now.budget_mb == 100


def test_a_window_that_is_not_full_yet_counts_as_full(setting: Setting) -> None:
    setting.idle(A, anon(500))
    setting.scheduler.mark(A, pinned=True, retired=False)
    setting.begin(B)
    seen = Memory(own_mb=50, models={A: anon(120)})
    assert setting.offer(B, memory=seen).now.budget_mb == 450
    more = Memory(own_mb=50, models={A: anon(520)})
    assert setting.offer(B, memory=more).now.budget_mb == 430


def test_the_device_may_have_less_than_the_budget(setting: Setting) -> None:
    setting.idle(A, MemoryUse(300, 100))
    setting.begin(B)
    seen = Memory(own_mb=0, available_mb=200, models={A: MemoryUse(250, 100)})
    # 200 are there, and the 250 of anonymous memory come back; mapped files count as available already.
    assert setting.offer(B, memory=seen).now.available_mb == 450
    assert setting.scheduler.place(B, anon(420), False, 0, 0, seen, "room") == Load((A,))


class TestThrash:
    """Two models that push each other out."""

    def swap(self, setting: Setting) -> None:
        """A is evicted for B, and comes back at once; loading it takes ten seconds."""
        setting.idle(A, anon(800), now=0)
        setting.idle(B, anon(800), now=10)
        setting.idle(A, anon(800), now=20, load_s=10)

    def test_a_first_eviction_waits_for_nothing(self, setting: Setting) -> None:
        setting.idle(A, anon(800), now=0, load_s=10)
        setting.begin(B)
        assert setting.place(B, anon(800), now=0) == Load((A,))

    def test_one_that_just_came_back_stays_as_long_as_its_load_took(self, setting: Setting) -> None:
        self.swap(setting)
        setting.begin(B)
        assert setting.offer(B, now=21, since=21).now.budget_mb == 200
        assert setting.place(B, None, later=True, now=21, since=21) == Wait(30)
        assert setting.place(B, anon(800), now=30, since=21) == Load((A,))

    def test_nobody_waits_longer_than_twenty_seconds_for_it(self, setting: Setting) -> None:
        setting.idle(A, anon(800), now=0)
        setting.idle(B, anon(800), now=10)
        setting.idle(A, anon(800), now=20, load_s=300)
        setting.begin(B)
        assert setting.place(B, None, later=True, now=21, since=21) == Wait(40)
        assert setting.place(B, anon(800), now=41, since=21) == Load((A,))


class TestTime:
    """When a model's time is up."""

    def test_it_counts_from_the_end_of_the_last_use(self, setting: Setting) -> None:
        generation = setting.busy(A, anon(100))
        assert setting.scheduler.due(1e9) == []
        setting.scheduler.leave(A, ME, generation, 500, CODER, 60)
        assert setting.scheduler.next_due() == 560
        assert setting.scheduler.due(559) == []
        assert setting.scheduler.due(560) == [A]

    def test_the_role_that_wants_a_shared_model_longest_decides(self, setting: Setting) -> None:
        setting.idle(A, anon(100), keep_s=60)
        setting.scheduler.enqueue(A, ME)
        used = setting.scheduler.take(A, ME)
        assert isinstance(used, Use)
        setting.scheduler.leave(A, ME, used.generation, 10, ModelRole.ALGORITHM, 30)
        assert setting.scheduler.next_due() == 60

    def test_one_that_no_role_names_is_due_at_once(self, setting: Setting) -> None:
        setting.idle(A, anon(100))
        setting.scheduler.mark(A, pinned=False, retired=True)
        assert setting.scheduler.due(0) == [A]


class TestEnds:
    """Loads and processes that end before their time."""

    def test_the_last_one_to_go_away_ends_a_load(self, setting: Setting) -> None:
        setting.begin(A, ME)
        setting.scheduler.enqueue(A, OTHER)
        assert not setting.scheduler.withdraw(A, ME)
        assert setting.scheduler.withdraw(A, OTHER)
        assert setting.scheduler.slots[A].abandoned

    def test_the_lease_of_a_process_that_died_is_void(self, setting: Setting) -> None:
        old = setting.busy(A, anon(100))
        assert setting.scheduler.died(A, old)
        assert not setting.scheduler.died(A, old)
        setting.busy(A, anon(100))
        setting.scheduler.leave(A, ME, old, 5, CODER, 0)
        assert setting.scheduler.slots[A].holders == (ME,)

    def test_a_state_cannot_be_skipped(self) -> None:
        with pytest.raises(AssertionError, match="unloaded cannot become ready"):
            Slot(A).to(State.READY)
