"""The engine vlm as the settings want it.

Takes: the settings.
Gives: a VlmEngine that has proved itself; EngineError where it cannot be had.
Knows nothing about: the other engines."""

import logging
import time
from dataclasses import replace

import msgspec

from analyzer.vlm.choice import choose, sees_gpu
from analyzer.vlm.detail import NAMES, Detail, cost
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.load import Loaded, load
from contracts.errors import EngineError
from contracts.settings import Settings

log = logging.getLogger(__name__)

GPU_BATCH, CPU_BATCH = 8, 1
#: of the time after which the process ends itself: 10 of 30 s, since reading the pictures comes before
EXPLAIN_SHARE = 1 / 3
#: for which a closer look's cost is told
FULL_HD = (1920, 1080)


def open_vlm_engine(settings: Settings) -> VlmEngine:
    """Without a name the model is one that suits the device."""
    gpu, why = sees_gpu(settings.vlm_device)
    if settings.require_gpu and not gpu:
        raise EngineError(
            f"engine vlm: PLAINWATCH_REQUIRE_GPU is set, and {why}",
            "install the driver and torch's CUDA build, or unset PLAINWATCH_REQUIRE_GPU",
        )
    name = settings.vlm_model or choose(gpu=gpu).name
    log.info("model chosen", extra={"model": name, "because": "it is set" if settings.vlm_model else why})
    loaded = load(
        name,
        revision=settings.vlm_revision or None,
        device=settings.vlm_device,
        dtype=settings.vlm_dtype,
        visual_tokens=settings.vlm_visual_tokens,
    )
    loaded = _named(loaded, settings.vlm_detail)
    return VlmEngine(
        loaded,
        clock=time.monotonic,
        batch_frames=settings.vlm_batch_frames or (GPU_BATCH if gpu else CPU_BATCH),
        answer_deadline_s=settings.answer_deadline_s,
        explain_within_s=EXPLAIN_SHARE * settings.engine_deadline_s,
        detail=settings.vlm_detail,
    )


def _named(loaded: Loaded, detail: Detail) -> Loaded:
    """Other pictures, other margins: the budget and the detail are part of the name under which they are calibrated."""
    revision = f"{loaded.ref.revision}+{loaded.visual_tokens}"
    if detail != "off":
        times = round(cost(loaded, detail, FULL_HD), 1)
        log.info("detail chosen", extra={"detail": detail, "visual_tokens_times_at_1080p": times})
        revision += f"+{NAMES[detail]}"
    return replace(loaded, ref=msgspec.structs.replace(loaded.ref, revision=revision))
