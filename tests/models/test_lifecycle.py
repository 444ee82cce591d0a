"""The owner of models with real threads; loads block on gates, and time is what a test says it is."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

import pytest

from codey.errors import CancelledError, CodeyError, ModelDiedError, ModelLoadError, NoRoomError
from codey.events import Event, Notice, Unloaded
from codey.models.base import ModelRole, ModelSpec, SamplingParams
from codey.models.fake import FakeModel
from codey.models.lifecycle import Device, ModelLifecycleManager

ROUTER, CODER, ALGORITHM = ModelRole.ROUTER, ModelRole.CODER, ModelRole.ALGORITHM
WAIT_S = 30  # what never comes; nothing in here takes as long
SMALL, OTHER = Path("small.gguf"), Path("other.gguf")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class House:
    """A manager over fake models, and everything around it that a test wants to change or look at."""

    def __init__(
        self,
        *,
        budget_mb: float = 6000,
        memory_mb: float = 100,
        sizes: dict[str, float] | None = None,
        failures: dict[str, Sequence[CodeyError | None]] | None = None,
        change: Callable[[ModelSpec], ModelSpec] = lambda spec: spec,
        gated: Sequence[str] = (),
        mb_per_token: float = 0.0,
        replies: Sequence[str | CodeyError] = ("",),
    ) -> None:
        self.clock, self.device = Clock(), Device(own_mb=0.0)
        self.events: list[Event] = []
        self.fakes: dict[str, FakeModel] = {}

        def make(spec: ModelSpec) -> FakeModel:
            name = spec.path.stem
            self.fakes[name] = FakeModel(
                spec,
                replies,
                memory_mb=(sizes or {}).get(name, memory_mb),
                failures=(failures or {}).get(name, ()),
                gated=name in gated,
                mb_per_token=mb_per_token,
            )
            return self.fakes[name]

        specs = {
            ROUTER: ModelSpec(ROUTER, Path("router.gguf"), 512, always_resident=True),
            CODER: ModelSpec(CODER, Path("coder.gguf"), unload_after_s=60),
            ALGORITHM: ModelSpec(ALGORITHM, Path("algorithm.gguf"), unload_after_s=30),
        }
        self.models = ModelLifecycleManager(
            {role: change(spec) for role, spec in specs.items()},
            budget_mb,
            make,
            clock=self.clock,
            memory=lambda: self.device,
            on_event=self.events.append,
        )
        self.threads = ThreadPoolExecutor(8)

    def use(self, role: ModelRole) -> None:
        with self.models.lease(role):
            pass

    def start(self, role: ModelRole, on_progress: Callable[[float], None] | None = None) -> Future[None]:
        def use() -> None:
            with self.models.lease(role, on_progress):
                pass

        return self.threads.submit(use)

    def waiting(self, name: str, count: int) -> None:
        """Returns when so many threads wait for a model."""
        book = self.models._book
        slots = book.scheduler.slots
        with book.changed:
            assert book.changed.wait_for(lambda: len(slots[Path(name + ".gguf")].waiting) == count, WAIT_S)

    def became(self, name: str, state: str) -> None:
        """Returns when a model is in a state."""
        book = self.models._book
        with book.changed:
            assert book.changed.wait_for(
                lambda: book.scheduler.slots[Path(name + ".gguf")].state.value == state, WAIT_S
            )

    def state(self, role: ModelRole) -> str:
        return next(slot.state for slot in self.models.status() if role in slot.roles)

    @property
    def notices(self) -> list[str]:
        return [event.message for event in self.events if isinstance(event, Notice)]


# -- loading and leases ------------------------------------------------------------------------------


def test_loads_on_demand_and_once() -> None:
    house = House()
    assert house.models.get_loaded_models() == []
    with house.models.lease(CODER) as model:
        assert house.models.is_loaded(CODER)
    with house.models.lease(CODER) as again:
        assert again is model
    assert house.fakes["coder"].loads == 1


def test_roles_of_one_file_share_one_model() -> None:
    house = House(change=lambda spec: replace(spec, path=Path("one.gguf")))
    with house.models.lease(CODER) as coder, house.models.lease(ALGORITHM) as algorithm:
        assert coder is algorithm
        (status,) = house.models.status()
        assert (status.roles, status.leases) == ((ROUTER, CODER, ALGORITHM), 2)
    assert list(house.models.get_memory_usage()) == [ROUTER]


def test_three_requests_are_one_load_and_all_are_told_how_far_it_is() -> None:
    house = House(gated=["coder"])
    told: list[list[float]] = [[], [], []]
    uses = [house.start(CODER, seen.append) for seen in told]
    house.waiting("coder", 3)
    house.fakes["coder"].open_gate()
    for use in uses:
        use.result(WAIT_S)
    assert house.fakes["coder"].loads == 1
    assert told == [[1.0]] * 3


def test_a_failed_load_is_the_answer_to_all_who_wait_and_the_next_one_tries_again() -> None:
    house = House(gated=["coder"], failures={"coder": [ModelLoadError("broken")]})
    uses = [house.start(CODER) for _ in range(3)]
    house.waiting("coder", 3)
    house.fakes["coder"].open_gate()
    for use in uses:
        with pytest.raises(ModelLoadError, match="broken"):
            use.result(WAIT_S)
    assert house.state(CODER) == "failed"
    house.use(CODER)
    assert house.fakes["coder"].loads == 1


def test_a_load_keeps_nobody_else_waiting() -> None:
    house = House(gated=["coder"])
    use = house.start(CODER)
    assert house.fakes["coder"].loading.wait(WAIT_S)
    house.use(ALGORITHM)
    house.models.unload_model(ALGORITHM)
    status = {slot.path.stem: slot for slot in house.models.status()}["coder"]
    assert (status.state, status.plan, status.leases) == ("loading", None, 0)
    assert status.predicted
    assert status.predicted.total_mb == 100
    assert not house.models.is_loaded(CODER)
    assert house.models.total_mb()
    house.fakes["coder"].open_gate()
    use.result(WAIT_S)


def test_a_process_that_has_gone_while_idle_is_loaded_again() -> None:
    house = House()
    house.use(CODER)
    house.fakes["coder"].die()
    assert not house.models.is_loaded(CODER)
    house.use(CODER)
    assert house.fakes["coder"].loads == 2


def test_a_listener_that_fails_stops_nothing() -> None:
    house = House()

    def fail(_: Event) -> None:
        raise OSError("the screen has gone")

    house.models._book.on_event = fail
    house.use(CODER)
    house.models.unload_model(CODER)
    assert house.state(CODER) == "unloaded"


# -- the end of waiting ------------------------------------------------------------------------------


def test_a_waiter_that_is_interrupted_leaves_the_load_to_the_others() -> None:
    house = House(gated=["coder"])

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    gone, stays = house.start(CODER, interrupt), house.start(CODER)
    house.waiting("coder", 2)
    house.fakes["coder"].open_gate()
    stays.result(WAIT_S)
    with pytest.raises(KeyboardInterrupt):
        gone.result(WAIT_S)
    assert house.fakes["coder"].loads == 1
    assert house.state(CODER) == "ready"


def test_ctrl_c_ends_a_load_that_nobody_else_waits_for() -> None:
    house = House(gated=["coder"])

    def press() -> None:
        assert house.fakes["coder"].loading.wait(WAIT_S)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    house.threads.submit(press)
    with pytest.raises(KeyboardInterrupt):
        house.use(CODER)
    house.became("coder", "unloaded")
    house.fakes["coder"].open_gate()
    house.use(CODER)
    assert house.fakes["coder"].loads == 1


def test_cancelling_a_role_ends_its_waiting_and_the_load() -> None:
    house = House(gated=["coder"])
    use = house.start(CODER)
    assert house.fakes["coder"].loading.wait(WAIT_S)
    house.models.cancel(CODER)
    with pytest.raises(CancelledError):
        use.result(WAIT_S)
    house.became("coder", "unloaded")
    assert house.fakes["coder"].loads == 0


def test_cancelling_one_role_leaves_a_shared_load_to_the_other() -> None:
    house = House(change=lambda spec: replace(spec, path=Path("one.gguf")), gated=["one"])
    stopped, stays = house.start(CODER), house.start(ALGORITHM)
    house.waiting("one", 2)
    house.models.cancel(CODER)
    with pytest.raises(CancelledError):
        stopped.result(WAIT_S)
    house.fakes["one"].open_gate()
    stays.result(WAIT_S)


def test_cancelling_reaches_the_request_that_runs() -> None:
    house = House()
    house.models.cancel(CODER)
    assert house.fakes["coder"].cancels == 0
    with house.models.lease(CODER):
        house.models.cancel(CODER)
    assert house.fakes["coder"].cancels == 1


def test_preloading_returns_at_once_and_the_next_use_finds_it() -> None:
    house = House(gated=["coder"])
    house.models.preload(CODER)
    assert house.fakes["coder"].loading.wait(WAIT_S)
    use = house.start(CODER)
    house.fakes["coder"].open_gate()
    use.result(WAIT_S)
    assert house.fakes["coder"].loads == 1


def test_a_preload_that_fails_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    house = House(failures={"coder": [ModelLoadError("broken")]})
    caplog.set_level(logging.INFO, "codey.models")
    house.models.preload(CODER)
    for thread in threading.enumerate():
        if thread.name == "codey-preload":
            thread.join(WAIT_S)
    assert "preloading the coder model: broken" in caplog.messages


def no_threads(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """From here on the system has no thread left for these."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name in names:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_where_no_thread_can_be_started_the_work_is_still_done(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House()
    no_threads(monkeypatch, "codey-load", "codey-keeper", "codey-preload")
    house.models.preload(CODER)
    house.use(CODER)
    house.clock.now += 60
    house.use(ROUTER)  # looks after the timers
    assert house.models.get_loaded_models() == [ROUTER]


def test_ctrl_c_in_a_load_without_a_thread_of_its_own_leaves_nothing_half_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House(failures={"coder": [KeyboardInterrupt()]})  # type: ignore[list-item]
    no_threads(monkeypatch, "codey-load")
    with pytest.raises(KeyboardInterrupt):
        house.use(CODER)
    house.use(CODER)
    assert house.fakes["coder"].loads == 1


def test_the_plan_that_is_told_is_how_the_model_works_now() -> None:
    house = House()
    house.use(CODER)
    fake = house.fakes["coder"]
    fake._plan = replace(fake.plans[0], n_threads=3)  # it tried numbers of threads out
    assert [slot.plan and slot.plan.n_threads for slot in house.models.status() if slot.plan] == [3]


def test_a_load_that_was_stopped_is_no_unload() -> None:
    house = House(gated=["coder"])
    loading = house.start(CODER)
    assert house.fakes["coder"].loading.wait(WAIT_S)
    house.models.unload_all()
    with pytest.raises(CancelledError):
        loading.result(WAIT_S)
    house.became("coder", "unloaded")
    assert house.events == []


def test_everything_ends_at_the_end() -> None:
    house = House(gated=["algorithm"])
    loading = house.start(ALGORITHM)
    assert house.fakes["algorithm"].loading.wait(WAIT_S)
    with house.models.lease(CODER), house.models.lease(ROUTER):
        house.models.shutdown()
        assert {slot.state for slot in house.models.status()} == {"unloaded"}
    with pytest.raises(CancelledError):
        loading.result(WAIT_S)
    with pytest.raises(CancelledError):
        house.use(CODER)
    assert not any(fake.loaded for fake in house.fakes.values())


def test_unloading_everything_is_no_end() -> None:
    house = House()
    house.use(CODER)
    house.models.unload_all()
    house.use(CODER)
    assert house.fakes["coder"].loads == 2


# -- time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after_s", "idle_s", "stays"), [(60, 59, True), (60, 60, False), (0, 0, False), (-1, 1e9, True)]
)
def test_unloads_when_it_has_been_idle_long_enough(after_s: float, idle_s: float, stays: bool) -> None:
    house = House(change=lambda spec: replace(spec, unload_after_s=after_s))
    with house.models.lease(CODER):
        house.clock.now += 1000  # time in use does not count
    house.clock.now += idle_s
    house.models.status()  # and a look is no use
    house.models.sweep()
    assert house.models.is_loaded(CODER) is stays


def test_a_resident_model_has_no_timer() -> None:
    house = House(change=lambda spec: replace(spec, unload_after_s=1))
    house.use(ROUTER)
    house.clock.now += 1e6
    house.models.sweep()
    assert house.models.is_loaded(ROUTER)


def test_the_time_left_is_told() -> None:
    house = House()
    house.use(CODER)
    house.clock.now += 45
    assert {slot.path.stem: slot.unload_in_s for slot in house.models.status()} == {
        "router": None,
        "coder": 15,
        "algorithm": None,
    }


def test_what_is_loaded_ahead_stays_for_a_while_even_if_it_is_to_go_at_once_after_a_use() -> None:
    house = House(change=lambda spec: replace(spec, unload_after_s=0))
    house.models.ensure_loaded(CODER)
    assert house.models.is_loaded(CODER)
    house.use(CODER)
    assert not house.models.is_loaded(CODER)
    house.models.ensure_loaded(CODER)
    house.clock.now += 30
    house.models.sweep()
    assert not house.models.is_loaded(CODER)


def test_the_keeper_unloads_without_being_asked_and_goes_home() -> None:
    unloaded = threading.Event()
    specs = {CODER: ModelSpec(CODER, Path("coder.gguf"), unload_after_s=0.001)}
    events: list[Event] = []

    def listen(event: Event) -> None:
        events.append(event)
        unloaded.set()

    models = ModelLifecycleManager(specs, 6000, FakeModel, on_event=listen)
    models.ensure_loaded(CODER)
    assert unloaded.wait(WAIT_S)
    for thread in threading.enumerate():
        if thread.name == "codey-keeper" and thread is models._keeper._thread:
            thread.join(WAIT_S)
    assert models._keeper._thread is None
    assert not models.is_loaded(CODER)
    assert events == [Unloaded("coder", "coder", "its time was up")]


def test_a_watch_that_fails_is_logged_and_begins_again_with_the_next_use(
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = House()
    keeper = house.models._keeper
    with house.models._book.changed:  # nobody watches before this is in place
        house.models._book.scheduler.next_due = fail  # type: ignore[method-assign]
    house.use(CODER)
    book = house.models._book
    while (watch := keeper._thread) is not None:
        watch.join(WAIT_S)
    assert "the watch over the models ended" in caplog.messages
    del book.scheduler.next_due
    house.use(CODER)
    assert keeper._thread is not None
    house.models.shutdown()


def fail() -> float:
    raise OSError("the clock is broken")


# -- room --------------------------------------------------------------------------------------------


def test_what_is_in_use_is_not_unloaded() -> None:
    house = House()
    with house.models.lease(CODER):
        house.clock.now += 1e6
        house.models.sweep()
        with pytest.raises(ModelLoadError, match="in use"):
            house.models.unload_model(CODER)
        assert house.models.is_loaded(CODER)
    house.models.unload_model(CODER)
    assert not house.models.is_loaded(CODER)


def test_the_least_recently_used_makes_room_and_learns_why() -> None:
    house = House(memory_mb=2500)
    for role in (ROUTER, CODER):
        house.use(role)
        house.clock.now += 1
    with house.models.lease(ALGORITHM):
        assert house.models.get_loaded_models() == [ROUTER, ALGORITHM]
    assert {slot.last_eviction for slot in house.models.status()} == {None, "to make room for algorithm"}
    assert house.events == [Unloaded("coder", "coder", "to make room for algorithm")]


def test_what_does_not_fit_is_refused_and_nothing_is_lost() -> None:
    house = House(memory_mb=2500)
    with house.models.lease(ROUTER), house.models.lease(CODER):
        with pytest.raises(NoRoomError, match="needs 2500 MB") as caught, house.models.lease(ALGORITHM):
            pass
        assert caught.value.hint
        assert house.models.get_loaded_models() == [ROUTER, CODER]


def test_a_request_waits_for_the_room_of_one_that_is_in_use() -> None:
    house = House(memory_mb=4000)
    with house.models.lease(CODER):
        use = house.start(ALGORITHM)
        house.waiting("algorithm", 1)
    use.result(WAIT_S)
    assert house.models.get_loaded_models() == [ALGORITHM]


def test_a_request_that_waited_long_enough_for_one_in_use_is_refused() -> None:
    house = House(memory_mb=4000)
    with house.models.lease(CODER):
        use = house.start(ALGORITHM)
        while not wait([use], timeout=0.01).done:
            house.clock.now += 1
            with house.models._book.changed:
                house.models._book.changed.notify_all()
        with pytest.raises(NoRoomError):
            use.result(WAIT_S)


def test_the_budget_counts_this_process_too() -> None:
    house = House(memory_mb=99, budget_mb=100)
    house.device = Device(own_mb=20)
    with pytest.raises(NoRoomError, match="needs 99 MB"):
        house.models.ensure_loaded(CODER)


def test_a_device_short_of_memory_loses_idle_models_until_it_has_enough() -> None:
    house = House()
    house.use(ROUTER)
    house.use(CODER)
    house.use(ALGORITHM)
    relieve = house.models._keeper.relieve
    house.device = Device(own_mb=0, available_mb=700)
    assert not relieve()
    house.device = Device(own_mb=0, available_mb=200)
    with house.models.lease(ALGORITHM):
        assert relieve()
        assert relieve()
        assert house.models.get_loaded_models() == [ROUTER, ALGORITHM]
        house.device = Device(own_mb=0, available_mb=500)
        assert relieve()  # more than it took to begin, and not yet enough to stop
    assert relieve()
    assert house.models.get_loaded_models() == [ROUTER]
    house.device = Device(own_mb=0, available_mb=700)
    assert not relieve()
    reasons = [event.reason for event in house.events if isinstance(event, Unloaded)]
    assert reasons == ["the device is short of memory"] * 2
    assert [house.fakes[role].saves for role in (CODER, ALGORITHM)] == [[False], [False]]


def test_stalls_count_only_where_memory_is_not_plentiful() -> None:
    house = House()
    house.device = Device(own_mb=0, available_mb=5000, stalled=50)
    assert not house.models._keeper.relieve()
    house.device = Device(own_mb=0, available_mb=1000, stalled=50)
    assert house.models._keeper.relieve()
    house.device = Device(own_mb=0, available_mb=1000, stalled=1)
    assert not house.models._keeper.relieve()


# -- the ladder --------------------------------------------------------------------------------------

FULL = NoRoomError("failed to allocate the cache")


def with_fallback(spec: ModelSpec) -> ModelSpec:
    return replace(spec, fallbacks=(SMALL,)) if spec.role is CODER else spec


def test_a_load_without_memory_climbs_down_step_by_step() -> None:
    house = House(failures={"coder": [FULL, FULL, FULL]}, change=with_fallback, mb_per_token=0.1)
    house.use(ALGORITHM)
    house.use(CODER)
    assert house.models.get_loaded_models() == [CODER]
    assert house.models.spec(CODER).path == SMALL
    assert house.notices == [
        "There was not enough memory for coder: idle models make room for it.",
        "There was not enough memory for coder: it is tried with a smaller window.",
        "failed to allocate the cache small takes its place.",
    ]


def test_a_smaller_window_is_enough_where_that_was_the_trouble() -> None:
    house = House(failures={"coder": [FULL]}, mb_per_token=0.1)
    with house.models.lease(CODER) as model:
        assert model.info().n_ctx == 2048


def test_a_window_that_was_asked_for_is_never_made_smaller() -> None:
    house = House(
        failures={"coder": [FULL]}, change=lambda spec: replace(spec, context_size=4096), mb_per_token=0.1
    )
    with pytest.raises(NoRoomError, match="allocate"):
        house.use(CODER)
    assert house.notices == []


def test_a_file_of_no_use_goes_straight_to_the_next_and_is_left_alone_for_minutes() -> None:
    house = House(failures={"coder": [ModelLoadError("coder.gguf is damaged.")]}, change=with_fallback)
    house.use(ALGORITHM)
    house.use(CODER)
    assert house.notices == ["coder.gguf is damaged. small takes its place."]
    assert house.models.get_loaded_models() == [CODER, ALGORITHM]
    house.models.unload_model(CODER)
    house.use(CODER)
    assert (house.fakes["coder"].loads, house.fakes["small"].loads) == (0, 2)
    house.models.unload_model(CODER)
    house.clock.now += 301
    house.use(CODER)
    assert house.models.spec(CODER).path == Path("coder.gguf")


def test_the_error_of_the_wanted_model_is_told_where_nothing_helps() -> None:
    house = House(
        failures={"small": [ModelLoadError("small is damaged")]}, sizes={"coder": 9000}, change=with_fallback
    )
    with pytest.raises(NoRoomError, match="needs 9000 MB"):
        house.use(CODER)


def test_a_fallback_that_serves_another_role_is_shared_with_it() -> None:
    house = House(
        failures={"coder": [ModelLoadError("damaged")]},
        change=lambda spec: (
            replace(spec, fallbacks=(Path("algorithm.gguf"),)) if spec.role is CODER else spec
        ),
    )
    house.use(ALGORITHM)
    house.use(CODER)
    assert house.fakes["algorithm"].loads == 1
    assert {slot.roles for slot in house.models.status()} == {(ROUTER,), (CODER, ALGORITHM)}


# -- a process that dies at work -----------------------------------------------------------------------

DIED = ModelDiedError("was killed (signal 9)")


def windows(house: House, n_deaths: int) -> list[int]:
    """The windows that a model gets that dies so often."""
    for _ in range(n_deaths):
        with pytest.raises(ModelDiedError), house.models.lease(CODER) as model:
            model.generate("x", SamplingParams())
    house.use(CODER)
    return [plan.n_ctx for plan in house.fakes["coder"].plans]


def test_it_comes_back_smaller_and_grows_again_later() -> None:
    house = House(mb_per_token=0.1, replies=[DIED, ""])
    assert windows(house, 1) == [4096, 2048]
    house.models.unload_model(CODER)
    house.clock.now += 601
    house.use(CODER)
    assert house.fakes["coder"].plans[-1].n_ctx == 4096


def test_it_shrinks_only_once_in_some_minutes() -> None:
    assert windows(House(mb_per_token=0.1, replies=[DIED, DIED, ""]), 2) == [4096, 2048, 2048]


def test_a_tiny_model_did_not_die_of_its_size() -> None:
    assert windows(House(memory_mb=10, mb_per_token=0.01, replies=[DIED, ""]), 1) == [4096, 4096]


def test_a_window_that_was_asked_for_stays_after_a_death() -> None:
    house = House(mb_per_token=0.1, replies=[DIED, ""], change=lambda spec: replace(spec, context_size=4096))
    assert windows(house, 1) == [4096, 4096]


def test_where_nothing_smaller_is_possible_it_comes_back_as_it_was() -> None:
    assert windows(House(memory_mb=500, replies=[DIED, ""]), 1) == [4096, 4096]


# -- another model for a role --------------------------------------------------------------------------


def test_switching_loads_the_new_one_and_unloads_the_old() -> None:
    house = House()
    house.use(CODER)
    house.models.switch_model(CODER, OTHER)
    assert house.models.spec(CODER).path == OTHER.absolute()
    assert house.models.spec(CODER).unload_after_s == 60
    assert not house.fakes["coder"].loaded
    assert [slot.path.stem for slot in house.models.status()] == ["router", "algorithm", "other"]


def test_switching_leaves_the_old_one_to_those_who_work_with_it() -> None:
    house = House()
    with house.models.lease(CODER) as old:
        new = house.models.switch_model(CODER, replace(old.spec, path=OTHER, unload_after_s=1))
        assert (new.loaded, old.loaded) == (True, True)
        assert house.models.spec(CODER).unload_after_s == 60
    assert (new.loaded, old.loaded) == (True, False)


def test_a_switch_that_fails_changes_nothing() -> None:
    house = House(failures={"other": [ModelLoadError("damaged")]})
    with pytest.raises(ModelLoadError, match="damaged"):
        house.models.switch_model(CODER, OTHER)
    assert house.models.spec(CODER).path == Path("coder.gguf")
    house.use(CODER)
    assert len(house.models.status()) == 3


def test_switching_to_another_window_of_the_same_file_loads_it_again() -> None:
    house = House()
    house.use(CODER)
    house.models.switch_model(CODER, replace(house.models.spec(CODER), context_size=2048))
    assert house.models.get_model_info(CODER).n_ctx == 2048


def test_a_role_without_a_model_says_so() -> None:
    models = ModelLifecycleManager({}, 6000, FakeModel)
    with pytest.raises(ModelLoadError, match="role coder"), models.lease(CODER):
        pass
    with pytest.raises(ModelLoadError, match="role coder"):
        models.preload(CODER)
