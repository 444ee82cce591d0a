from __future__ import annotations

import pytest

from codey.models import load_log

_WINDOWED = """\
load_tensors: offloaded 3/29 layers to GPU
load_tensors:   CPU_Mapped model buffer size =   279.36 MiB
llama_context: flash_attn            = enabled
llama_kv_cache:        CPU KV buffer size =     3.19 MiB
llama_kv_cache: size =    3.19 MiB (2048 cells,   3 layers, 1/1 seqs), K (q8_0): 1.59 MiB, V (q8_0): 1.60 MiB
llama_kv_cache: size =   15.94 MiB (1024 cells,  15 layers, 1/1 seqs), K (q8_0): 7.97 MiB, V (q8_0): 7.97 MiB
sched_reserve:        CPU compute buffer size =     7.12 MiB
""".splitlines()
_MIB = 1024 * 1024


def test_two_caches_are_added_up() -> None:
    said = load_log.read(_WINDOWED)
    assert (said.type_k, said.type_v, said.flash_attn, said.cells) == ("q8_0", "q8_0", True, 2048)
    assert said.cache_bytes == round(19.13 * _MIB)
    assert said.compute_bytes == round(7.12 * _MIB)
    assert (said.n_gpu_layers, said.repack) == (3, False)


def test_a_recurrent_model_has_states_and_no_types() -> None:
    line = (
        "llama_memory_recurrent: size =    2.67 MiB (     1 cells,  24 layers,  1 seqs  0 rs_seq), "
        "R (f32):    0.42 MiB, S (f32):    2.25 MiB, P (f32):    0.00 MiB"
    )
    said = load_log.read([line, "llama_context: flash_attn            = disabled"])
    assert said.state_bytes == round(2.67 * _MIB)
    assert (said.type_k, said.cache_bytes, said.flash_attn) == (None, 0, False)


def test_repacked_weights_are_noticed() -> None:
    assert load_log.read(["load_tensors:  CPU_REPACK model buffer size =  2336.00 MiB"]).repack


def test_silence_is_not_an_answer() -> None:
    assert load_log.read([]).flash_attn is None


@pytest.mark.parametrize(
    ("said", "no_room"),
    [
        ("unable to allocate CPU buffer", True),
        ("failed to allocate buffer for kv cache", True),
        ("ended with exit code 134: terminate called after throwing an instance of 'std::bad_alloc'", True),
        ("mmap failed: Cannot allocate memory", True),
        ("unknown model architecture: 'x'", False),
        ("tensor 'output.weight' has wrong shape", False),
    ],
)
def test_want_of_memory_is_told_from_a_bad_file(said: str, no_room: bool) -> None:
    assert load_log.means_no_room(said) is no_room
