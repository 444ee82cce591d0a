"""What a model takes before it is loaded, and how to load it so that it fits. Pure, from the header alone.

`caches` counts what grows with the window, `compute` what one step of a prefill needs, `memory` adds
everything up, `solver` chooses.
"""

from codey.models.fit.caches import cache_bytes
from codey.models.fit.compute import BATCH_TOKENS, is_known
from codey.models.fit.memory import Buffers, Parts, Shape, predict
from codey.models.fit.solver import Measure, arithmetic, plan, shapes, window

__all__ = [
    "BATCH_TOKENS",
    "Buffers",
    "Measure",
    "Parts",
    "Shape",
    "arithmetic",
    "cache_bytes",
    "is_known",
    "plan",
    "predict",
    "shapes",
    "window",
]
