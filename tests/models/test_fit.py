"""The solver: which plan for which room. Headers are written by hand, and no file is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codey.errors import NoRoomError
from codey.models import fit
from codey.models.base import KVType, ModelRole, ModelSpec, Plan, Room
from codey.models.gguf import Header, Tensor, Value

F16, Q8_0, Q4_0 = KVType.F16, KVType.Q8_0, KVType.Q4_0


@dataclass(frozen=True)
class Model:
    """What a header says, in the words of a model's card."""

    arch: str = "qwen2"
    layers: int = 28
    width: int = 3584
    heads: int = 28
    kv_heads: int = 4
    inner: int = 18944
    vocab: int = 152_064
    trained: int = 32_768
    weight_mb: int = 4700
    row_mb: int = 300
    more: tuple[tuple[str, Value], ...] = ()

    def header(self) -> Header:
        numbers: dict[str, Value] = {
            "block_count": self.layers,
            "embedding_length": self.width,
            "attention.head_count": self.heads,
            "attention.head_count_kv": self.kv_heads,
            "feed_forward_length": self.inner,
            "context_length": self.trained,
            **dict(self.more),
        }
        metadata: dict[str, Value] = {f"{self.arch}.{key}": value for key, value in numbers.items()}
        metadata["general.architecture"] = self.arch
        embedding = Tensor("token_embd.weight", (self.width, self.vocab), self.row_mb * 10**6, 0)
        rest = (self.weight_mb - self.row_mb) * 10**6
        lengths = {"tokenizer.ggml.tokens": self.vocab, "tokenizer.ggml.merges": self.vocab}
        tensors = (embedding, Tensor("output.weight", (1,), rest, 0))
        return Header(Path("model.gguf"), self.weight_mb * 10**6, metadata, tensors, lengths)


QWEN_7B = Model()
DEEPSEEK = Model("llama", 32, 4096, 32, 32, 11008, 32_256, 16_384, 4082, 74)
SMALL = Model("llama", 12, 768, 12, 4, 2048, 32_000, 4096, 300, 20)
MAMBA = Model(
    "mamba", 24, 768, 0, 0, 0, 50_280, 32_768, 100, 10,
    (("ssm.conv_kernel", 4), ("ssm.inner_size", 1536), ("ssm.state_size", 16)),
)  # fmt: skip


def spec(n_ctx: int | None = None) -> ModelSpec:
    return ModelSpec(ModelRole.CODER, Path("model.gguf"), n_ctx)


def solve(model: Model, room: Room, n_ctx: int | None = None) -> Plan:
    return fit.plan(model.header(), spec(n_ctx), room, 4)


def total(plan: Plan) -> float:
    assert plan.memory.total_mb is not None
    return plan.memory.total_mb


def exactness(plan: Plan) -> int:
    """How good a cache is; more is better."""
    return [(Q4_0, Q4_0), (Q8_0, Q8_0), (Q8_0, F16), (F16, F16)].index((plan.type_k, plan.type_v))


# -- preference ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "budget_mb", "n_ctx", "types", "n_ubatch"),
    [
        (QWEN_7B, 5900, 8192, (F16, F16), 64),
        (QWEN_7B, 5300, 8192, (Q8_0, F16), 64),
        (QWEN_7B, 5150, 8192, (Q8_0, Q8_0), 64),
        (QWEN_7B, 4990, 8192, (Q4_0, Q4_0), 64),
        (DEEPSEEK, 5900, 8192, (Q4_0, Q4_0), 64),
        (DEEPSEEK, 9500, 8192, (F16, F16), 64),
        (SMALL, 2000, 4096, (F16, F16), 512),
        (SMALL, 550, 4096, (F16, F16), 256),
        (SMALL, 425, 4096, (F16, F16), 64),
        (SMALL, 415, 4096, (Q8_0, F16), 64),
    ],
)
def test_the_wanted_window_comes_first_then_the_most_exact_cache(
    model: Model, budget_mb: float, n_ctx: int, types: tuple[KVType, KVType], n_ubatch: int
) -> None:
    plan = solve(model, Room(budget_mb))
    assert (plan.n_ctx, (plan.type_k, plan.type_v), plan.n_ubatch) == (n_ctx, types, n_ubatch)


def test_both_models_of_the_catalogue_fit_beside_the_router() -> None:
    for model in (QWEN_7B, DEEPSEEK):
        plan = solve(model, Room(6000 - 100))
        assert plan.n_ctx == 8192
        assert total(plan) <= 5900


def test_a_smaller_window_comes_last() -> None:
    plan = solve(DEEPSEEK, Room(4900))
    assert 1024 <= plan.n_ctx < 8192
    assert plan.n_ctx % 256 == 0
    assert (plan.type_k, plan.n_ubatch) == (Q4_0, 64)
    # Not a step larger would do.
    with pytest.raises(NoRoomError):
        solve(DEEPSEEK, Room(4900), plan.n_ctx + 256)


def test_a_heavy_model_takes_no_step_that_is_never_used() -> None:
    light, heavy = solve(SMALL, Room(inf)), solve(replace(SMALL, weight_mb=2000), Room(inf))
    assert (light.n_ubatch, heavy.n_ubatch) == (512, 128)


def test_quantised_values_and_only_they_take_flash_attention() -> None:
    plans = [solve(QWEN_7B, Room(budget)) for budget in (9000, 5300, 5150, 4990)]
    assert [plan.flash_attn for plan in plans] == [False, False, True, True]


def test_the_trained_length_caps_the_window() -> None:
    assert solve(SMALL, Room(inf)).n_ctx == 4096
    assert solve(SMALL, Room(inf), 100_000).n_ctx == 4096


def test_weights_are_never_copied_into_another_order() -> None:
    assert not solve(QWEN_7B, Room(inf)).repack


# -- what a family cannot do -----------------------------------------------------------------------


@pytest.mark.parametrize("heads", [80, 24])
def test_heads_that_are_no_whole_blocks_are_not_quantised(heads: int) -> None:
    model = replace(SMALL, more=(("attention.key_length", heads), ("attention.value_length", heads)))
    full = total(solve(model, Room(inf), 4096))
    least = solve(model, Room(full - 50), 4096)
    assert (least.type_k, least.type_v, least.flash_attn) == (F16, F16, False)


def test_recurrent_layers_keep_the_same_whatever_the_window() -> None:
    short, long = (fit.cache_bytes(MAMBA.header(), n, F16, F16, False) for n in (1024, 8192))
    assert short == long
    assert short.attention == 0
    # 24 layers of 3 x 1536 values of a convolution and 16 x 1536 of a state, 4 bytes each.
    assert short.recurrent == 24 * (3 * 1536 + 16 * 1536) * 4
    assert solve(MAMBA, Room(inf)).type_k is F16


def test_one_latent_vector_has_one_type() -> None:
    mla = replace(
        SMALL,
        arch="deepseek2",
        more=(
            ("attention.head_count_kv", 1), ("attention.key_length", 576), ("attention.value_length", 512),
            ("attention.key_length_mla", 192), ("attention.value_length_mla", 128),
        ),
    )  # fmt: skip
    assert fit.cache_bytes(mla.header(), 1024, F16, F16, False).attention == 12 * 1024 * 576 * 2
    rooms = range(370, 900, 5)
    plans = []
    for budget in rooms:
        try:
            plans.append(solve(mla, Room(budget), 4096))
        except NoRoomError:
            continue
    assert {(plan.type_k, plan.type_v) for plan in plans} >= {(F16, F16), (Q4_0, Q4_0)}
    assert all(plan.type_k is plan.type_v for plan in plans)


def test_layers_of_a_mixed_model_count_once_each() -> None:
    model = replace(
        SMALL,
        arch="lfm2",
        layers=4,
        more=(("attention.head_count_kv", [0, 4, 0, 4]), ("shortconv.l_cache", 3)),
    )
    kept = fit.cache_bytes(model.header(), 1000, F16, F16, True)
    assert kept.attention == 2 * 1024 * 4 * (64 + 64) * 2
    assert kept.recurrent == 2 * 768 * 2 * 4


# -- the unknown is measured -----------------------------------------------------------------------


def test_an_unknown_family_is_measured() -> None:
    asked: list[fit.Shape] = []

    def measure(shape: fit.Shape) -> fit.Buffers:
        asked.append(shape)
        return fit.Buffers(cache=10**8, compute=5 * 10**7)

    model = replace(SMALL, arch="new-family").header()
    plan = fit.plan(model, spec(), Room(inf), 4, measure=measure)
    assert asked == [fit.Shape(4096)]
    unmeasured = fit.plan(model, spec(), Room(inf), 4)
    assert plan.memory != unmeasured.memory
    # 300 of weights, 100 + 50 measured, 50.3 of scratch, 9 of vocabulary, 38 of process.
    assert total(plan) == pytest.approx(547, abs=3)


def test_a_known_family_is_not() -> None:
    def measure(shape: fit.Shape) -> fit.Buffers:
        raise AssertionError(f"measured {shape}")

    fit.plan(SMALL.header(), spec(), Room(inf), 4, measure=measure)


def test_where_nothing_can_be_measured_the_estimate_is_cautious() -> None:
    known, unknown = (
        fit.plan(replace(SMALL, arch=arch).header(), spec(), Room(inf), 4, measure=lambda _: None)
        for arch in ("llama", "new-family")
    )
    assert total(unknown) > total(known)


def test_a_graph_that_llama_cpp_cannot_lay_out_is_not_chosen() -> None:
    header = replace(SMALL, arch="new-family").header()

    def measure(shape: fit.Shape) -> fit.Buffers | None:
        return None if shape.flash_attn else fit.Buffers(shape.n_ctx * 100_000, 10**6)

    room = Room(total(fit.plan(header, spec(4096), Room(inf), 4, measure=measure)) - 200)
    plan = fit.plan(header, spec(), room, 4, measure=measure)
    assert not plan.flash_attn
    assert 1024 <= plan.n_ctx < 4096
    with pytest.raises(NoRoomError):
        fit.plan(header, spec(4096), room, 4, measure=measure)
    # Where llama.cpp cannot be asked at all, the estimate has to do.
    assert fit.plan(header, spec(4096), room, 4, measure=lambda _: None).n_ctx == 4096


# -- the three bounds ------------------------------------------------------------------------------


def test_what_the_device_has_bounds_it_too() -> None:
    rich, poor = solve(QWEN_7B, Room(9000)), solve(QWEN_7B, Room(9000, available_mb=5000))
    assert total(poor) < total(rich)


def test_weights_of_which_a_token_reads_one_row_need_not_stay() -> None:
    plan = solve(QWEN_7B, Room(inf), 8192)
    assert solve(QWEN_7B, Room(inf, total(plan) - 300), 8192) == plan
    assert solve(QWEN_7B, Room(inf, total(plan) - 301), 8192) != plan


def test_what_was_too_much_before_is_not_tried_again() -> None:
    first = solve(QWEN_7B, Room(6000))
    second = solve(QWEN_7B, Room(6000, below_mb=total(first)))
    assert total(second) < total(first)


# -- refusals --------------------------------------------------------------------------------------


def test_an_explicit_window_is_refused_with_the_arithmetic_and_what_fits() -> None:
    with pytest.raises(NoRoomError) as caught:
        solve(DEEPSEEK, Room(4900), 8192)
    message, hint = caught.value.message, caught.value.hint or ""
    assert "context of 8192 tokens" in message
    assert "weights 4082, cache 1208" in message
    assert "4900 MB can be had" in message
    n_ctx = int(hint.split("set context_size to ")[1].split()[0])
    assert solve(DEEPSEEK, Room(4900), n_ctx).n_ctx == n_ctx
    with pytest.raises(NoRoomError):
        solve(DEEPSEEK, Room(4900), n_ctx + 256)
    missing_mb = int(hint.split("free ")[1].split()[0])
    assert solve(DEEPSEEK, Room(4900 + missing_mb), 8192).n_ctx == 8192
    with pytest.raises(NoRoomError):
        solve(DEEPSEEK, Room(4900 + missing_mb - 2), 8192)


def test_where_no_window_fits_the_hint_is_another_model() -> None:
    with pytest.raises(NoRoomError, match="context of 1024 tokens") as caught:
        solve(QWEN_7B, Room(3000))
    assert (caught.value.hint or "").startswith("choose a smaller model; or free")


@pytest.mark.parametrize(
    ("room", "words"),
    [
        (Room(9000, available_mb=3000), "the device has 3000 MB to give"),
        (Room(9000, below_mb=3500), "3500 MB was too much for the device before"),
        (Room(-20), "0 MB can be had"),
    ],
    ids=["available", "below", "no budget"],
)
def test_a_refusal_names_the_bound_that_is_the_tightest(room: Room, words: str) -> None:
    with pytest.raises(NoRoomError, match=words):
        solve(QWEN_7B, room)


# -- properties ------------------------------------------------------------------------------------

models = st.builds(
    Model,
    arch=st.sampled_from(["llama", "qwen2", "gemma3", "mamba", "lfm2", "granitemoe", "unheard-of"]),
    layers=st.integers(1, 64),
    width=st.sampled_from([512, 896, 2048, 4096]),
    heads=st.sampled_from([4, 8, 14, 32]),
    kv_heads=st.sampled_from([1, 2, 4, 8]),
    inner=st.sampled_from([1024, 4864, 11008]),
    vocab=st.sampled_from([32_000, 151_936, 262_144]),
    trained=st.sampled_from([512, 2048, 8192, 131_072]),
    weight_mb=st.integers(350, 5000),
)
windows = st.none() | st.sampled_from([256, 1000, 2048, 8192, 32_768])
megabytes = st.integers(0, 12_000)


def attempt(model: Model, room: Room, n_ctx: int | None) -> Plan | None:
    try:
        return solve(model, room, n_ctx)
    except NoRoomError:
        return None


@given(models, windows, megabytes, st.none() | megabytes, st.none() | megabytes)
def test_no_plan_is_above_its_room(
    model: Model, n_ctx: int | None, budget: int, available: int | None, below: int | None
) -> None:
    plan = attempt(model, Room(budget, available, below), n_ctx)
    if plan is not None:
        assert total(plan) <= budget
        assert available is None or total(plan) - model.row_mb <= available + 0.001
        assert below is None or total(plan) < below


@given(models, windows, megabytes, megabytes)
def test_more_room_is_never_worse(model: Model, n_ctx: int | None, budget: int, more: int) -> None:
    small, large = attempt(model, Room(budget), n_ctx), attempt(model, Room(budget + more), n_ctx)
    if small is not None:
        assert large is not None
        order = [(plan.n_ctx, exactness(plan), plan.n_ubatch) for plan in (small, large)]
        assert order[0] <= order[1]


@given(models, windows.filter(bool), megabytes)
def test_an_explicit_window_is_never_changed(model: Model, n_ctx: int, budget: int) -> None:
    plan = attempt(model, Room(budget), n_ctx)
    assert plan is None or plan.n_ctx == min(n_ctx, model.trained)
