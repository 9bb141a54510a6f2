"""The engine proves itself at load: every shortcut must say what the long way says, or it is not taken.

Takes: a Loaded model.
Gives: the best path that holds for it (packed, batched, vision_shared), and why; EngineError where none does.
Knows nothing about: cameras, frames.

Two drawn pictures, three questions. A hybrid model packs without an error message and is wrong from the second question
on; a model that saw the wrong picture, or none, would answer the same for both."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from PIL import Image, ImageDraw

from analyzer.vlm import answers, batched, naive, pack
from analyzer.vlm.load import Loaded
from analyzer.vlm.no_memory import out_of_memory
from analyzer.vlm.prefix import NotShareable, Prefix, prefill
from analyzer.vlm.reading import prepare, together
from contracts.errors import EngineError

log = logging.getLogger(__name__)

Path = Literal["packed", "batched", "vision_shared"]

#: the most by which a shortcut's hidden state may differ, relative to its length. Rounding gives 1e-6 in float32 and
#: 0.01 in bfloat16 (measured on two layers); a wrong mask or position gives 0.3 and more.
BOUND = {torch.float32: 1e-3, torch.float16: 0.02, torch.bfloat16: 0.1}

QUESTIONS = (
    "Is a red circle visible?",
    "Is there a large blue square in the lower right half of the picture?",
    "Is it dark?",
)
_SIDE = 384


@dataclass(frozen=True, slots=True)
class Proof:
    """`freezes`: the prefix is keys and values. `error`: of the path, relative. `reason`: why not a better one."""

    path: Path
    freezes: bool
    error: float
    margin_error: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    path: Path
    freezes: bool
    hidden: Callable[[], torch.Tensor]


@torch.inference_mode()
def prove(loaded: Loaded) -> Proof:
    """Raises EngineError where no path agrees with the long way, or the pictures make no difference."""
    inputs = together(loaded, [prepare(loaded, [picture]) for picture in drawn_pictures()])
    suffixes = [loaded.layout.question_ids(question) for question in QUESTIONS]
    truth = naive.hidden_at_ends(loaded.model, inputs, suffixes)
    if not truth.isfinite().all():
        raise EngineError(f"model '{loaded.ref.name}': it gives no numbers", "choose another dtype or checkpoint")

    def prefix(*, frozen: bool) -> Prefix:
        return prefill(loaded.model, inputs, frozen=frozen)

    def packed() -> torch.Tensor:
        """Both ways of packing: the same questions for all, and each its own (here the second in another order)."""
        shared, rows = prefix(frozen=True), (suffixes, suffixes[::-1])
        first, second = pack.hidden_at_own_ends(loaded.model, shared, rows)
        own = torch.stack([first, second.flip(0)])
        return torch.cat([pack.hidden_at_ends(loaded.model, shared, suffixes), own], 1)

    attempts = (
        _Attempt("packed", True, packed),
        _Attempt("batched", True, lambda: batched.hidden_at_ends(loaded.model, prefix(frozen=True), suffixes)),
        _Attempt("batched", False, lambda: batched.hidden_at_ends(loaded.model, prefix(frozen=False), suffixes)),
        _Attempt(
            "vision_shared",
            False,
            lambda: naive.hidden_at_ends(loaded.model, inputs, suffixes, share_vision=True),
        ),
    )
    return _first_that_holds(loaded, attempts, truth)


def drawn_pictures() -> list[Image.Image]:
    """Two that differ in everything the questions ask."""
    bright, dark = Image.new("RGB", (_SIDE, _SIDE), (230, 225, 210)), Image.new("RGB", (_SIDE, _SIDE), (15, 15, 30))
    ImageDraw.Draw(bright).ellipse((40, 40, 200, 200), fill=(220, 30, 30))
    ImageDraw.Draw(dark).rectangle((180, 200, 370, 370), fill=(40, 60, 230))
    return [bright, dark]


def relative_error(got: torch.Tensor, truth: torch.Tensor) -> float:
    """(B, R, D) each -> the largest distance, in lengths of the true one; infinite where a number is missing.

    `got` may hold the R several times over."""
    truth = truth.repeat(1, got.shape[1] // truth.shape[1], 1)
    error = ((got.float() - truth.float()).norm(dim=-1) / truth.float().norm(dim=-1)).max().item()
    return error if error == error else float("inf")  # not a number is unequal to itself


def _first_that_holds(loaded: Loaded, attempts: tuple[_Attempt, ...], truth: torch.Tensor) -> Proof:
    reasons: list[str] = []
    for attempt in attempts:
        got, reason = _tried(attempt)
        if got is None:
            reasons.append(f"{attempt.path}: {reason}")
            continue
        off = relative_error(got, truth)
        if off > BOUND[loaded.dtype]:
            reasons.append(f"{attempt.path}: off by {off:.2g}")
            continue
        differ = relative_error(truth[:1], truth[1:])
        if differ <= 2 * off or differ == 0.0:
            raise EngineError(
                f"model '{loaded.ref.name}': two different pictures make no difference ({differ:.2g})",
                "choose another checkpoint: this one does not see",
            )
        return _proof(loaded, attempt, got, truth, off, reasons)
    raise EngineError(
        f"model '{loaded.ref.name}': no way of sharing a picture between questions agrees with asking one by one "
        f"({'; '.join(reasons)})",
        "choose a checkpoint of a known family",
    )


def _tried(attempt: _Attempt) -> tuple[torch.Tensor | None, str]:
    """A model may refuse a shortcut in many ways; memory that ran out is not one of them."""
    try:
        return attempt.hidden(), ""
    except NotShareable as error:
        return None, f"its cache holds {error}"
    except (ValueError, TypeError, AttributeError, IndexError, RuntimeError) as error:
        if out_of_memory(error):
            raise
        return None, type(error).__name__


def _proof(
    loaded: Loaded, attempt: _Attempt, got: torch.Tensor, truth: torch.Tensor, off: float, reasons: list[str]
) -> Proof:
    margins = [answers.margins(loaded.model, hidden, loaded.words) for hidden in (got[:, : truth.shape[1]], truth)]
    margin_error = float((margins[0] - margins[1]).abs().max())
    reason = "; ".join(dict.fromkeys(reasons))
    log.info(
        "model proved itself",
        extra={
            "model": loaded.ref.name,
            "path": attempt.path,
            "error": off,
            "margin_error": margin_error,
            "reason": reason,
        },
    )
    return Proof(attempt.path, attempt.freezes, off, margin_error, reason)
