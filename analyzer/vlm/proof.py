"""The engine proves itself at load: every shortcut must say what the long way says, or it is not taken.

Takes: a Loaded model.
Gives: the best path that holds for it (packed, batched, vision_shared), whether it may explain, and what did not hold;
EngineError where no path does.
Knows nothing about: cameras, frames.

Two drawn pictures, three questions. A hybrid model packs without an error message and is wrong from the second question
on; a model that saw the wrong picture, or none, would answer the same for both."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Literal

import torch
from PIL import Image, ImageDraw

from analyzer.prompt import explain_asked
from analyzer.vlm import answers, batched, naive, pack
from analyzer.vlm.decode import Decoder
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
#: decoded from the kept prefix and compared with the whole prompt
WORDS = 4
_SIDE = 384


@dataclass(frozen=True, slots=True)
class Proof:
    """`freezes`: the prefix is keys and values. `error`: of the path, relative. `explains`: whether words decoded from
    the kept prefix are those of the whole prompt. `reason`: what did not hold, whether it is needed or not."""

    path: Path
    freezes: bool
    error: float
    margin_error: float
    explains: bool
    reason: str


@dataclass(frozen=True, slots=True)
class _Attempt:
    path: Path
    freezes: bool
    hidden: Callable[[], torch.Tensor]


@dataclass(frozen=True, slots=True)
class _Held:
    """An attempt that agrees with the long way; `hidden`: (B, R, D), or R several times over."""

    attempt: _Attempt
    hidden: torch.Tensor
    error: float


@torch.inference_mode()
def prove(loaded: Loaded) -> Proof:
    """Raises EngineError where no path agrees with the long way, or the pictures make no difference.

    Packing and batching are both tried, also where one of them would do: that they agree is what says that a margin
    does not depend on how it was asked for."""
    inputs = together(loaded, [prepare(loaded, [picture]) for picture in drawn_pictures()])
    suffixes = [loaded.layout.question_ids(question) for question in QUESTIONS]
    truth = naive.hidden_at_ends(loaded.model, inputs, suffixes)
    if not truth.isfinite().all():
        raise EngineError(f"model '{loaded.ref.name}': it gives no numbers", "choose another dtype or checkpoint")
    frozen, copied = (cache(partial(prefill, loaded.model, inputs, frozen=freezes)) for freezes in (True, False))

    def packed() -> torch.Tensor:
        """Both ways of packing: the same questions for all, and each its own (here the second in another order)."""
        shared, rows = frozen(), (suffixes, suffixes[::-1])
        first, second = pack.hidden_at_own_ends(loaded.model, shared, rows)
        own = torch.stack([first, second.flip(0)])
        return torch.cat([pack.hidden_at_ends(loaded.model, shared, suffixes), own], 1)

    def in_a_batch(prefix: Callable[[], Prefix]) -> torch.Tensor:
        return batched.hidden_at_ends(loaded.model, prefix(), suffixes)

    def alone() -> torch.Tensor:
        return naive.hidden_at_ends(loaded.model, inputs, suffixes, share_vision=True)

    failed: list[str] = []
    held = _those_that_hold(
        loaded, truth, failed, _Attempt("packed", True, packed), _Attempt("batched", True, partial(in_a_batch, frozen))
    )
    for last_resort in (
        _Attempt("batched", False, partial(in_a_batch, copied)),
        _Attempt("vision_shared", False, alone),
    ):
        held = held or _those_that_hold(loaded, truth, failed, last_resort)
    if not held:
        raise EngineError(
            f"model '{loaded.ref.name}': no way of sharing a picture between questions agrees with asking one by one "
            f"({'; '.join(dict.fromkeys(failed))})",
            "choose a checkpoint of a known family",
        )
    best = held[0]
    _must_see(loaded, truth, best)
    kept = frozen if best.attempt.freezes else copied
    explains = best.attempt.path != "vision_shared" and _decodes(loaded, kept(), failed)
    return _proof(loaded, best, truth, explains=explains, failed=failed)


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


def _those_that_hold(loaded: Loaded, truth: torch.Tensor, failed: list[str], *attempts: _Attempt) -> list[_Held]:
    """Why the others do not is added to `failed`."""
    held: list[_Held] = []
    for attempt in attempts:
        got, reason = _tried(attempt.hidden)
        off = relative_error(got, truth) if got is not None else 0.0
        if got is not None and off <= BOUND[loaded.dtype]:
            held.append(_Held(attempt, got, off))
        else:
            failed.append(f"{attempt.path}: {reason or f'off by {off:.2g}'}")
    return held


def _must_see(loaded: Loaded, truth: torch.Tensor, best: _Held) -> None:
    differ = relative_error(truth[:1], truth[1:])
    if differ <= 2 * best.error or differ == 0.0:
        raise EngineError(
            f"model '{loaded.ref.name}': two different pictures make no difference ({differ:.2g})",
            "choose another checkpoint: this one does not see",
        )


def _decodes(loaded: Loaded, prefix: Prefix, failed: list[str]) -> bool:
    """Of each picture another question, a few words and then a block at once, as boxes are written."""
    asked = [loaded.layout.ids(explain_asked([question])) for question in QUESTIONS]
    got, reason = _tried(lambda: torch.stack([_decoded(loaded, prefix, row, asked[row]) for row in (0, 1)]))
    if got is None:
        failed.append(f"explain: {reason}")
        return False
    off = relative_error(got[:, :, 0], got[:, :, 1])
    if off > BOUND[loaded.dtype]:
        failed.append(f"explain: off by {off:.2g}")
        return False
    return True


def _decoded(loaded: Loaded, prefix: Prefix, row: int, asked: Sequence[int]) -> torch.Tensor:
    """(steps, 2, V): what may follow at each step, from the kept prefix and from the whole prompt, about their mean.

    The whole is read once, with the words that the prefix gave: where each of them is the likeliest there too, `greedy`
    would have given the same. Not words are compared but numbers: in bfloat16 two words may be equally likely."""
    decoder, said = Decoder(loaded.model, prefix.row(row)), list(asked)
    steps, places = [decoder.feed(asked)], [len(said) - 1]
    for step in range(WORDS):
        fed = [int(steps[-1].argmax()), *(asked if step == WORDS - 1 else ())]
        steps.append(decoder.feed(fed))
        said += fed
        places.append(len(said) - 1)
    alone = together(loaded, [prepare(loaded, [drawn_pictures()[row]])])
    hidden = naive.hidden_at(loaded.model, alone, said, places)[0]
    whole = torch.log_softmax(loaded.model.get_output_embeddings()(hidden).float(), -1)
    both = torch.stack([torch.stack(steps), whole], 1)
    return both - both.mean(-1, keepdim=True)


def _tried(attempt: Callable[[], torch.Tensor]) -> tuple[torch.Tensor | None, str]:
    """A model may refuse a shortcut in many ways; memory that ran out is not one of them."""
    try:
        return attempt(), ""
    except NotShareable as error:
        return None, f"its cache holds {error}"
    except (ValueError, TypeError, AttributeError, IndexError, RuntimeError, EngineError) as error:
        if out_of_memory(error):
            raise
        return None, error.problem if isinstance(error, EngineError) else type(error).__name__


def _proof(loaded: Loaded, best: _Held, truth: torch.Tensor, *, explains: bool, failed: Sequence[str]) -> Proof:
    got, path = best.hidden, best.attempt.path
    margins = [answers.margins(loaded.model, hidden, loaded.words) for hidden in (got[:, : truth.shape[1]], truth)]
    margin_error = float((margins[0] - margins[1]).abs().max())
    reason = "; ".join(dict.fromkeys(failed))
    log.info(
        "model proved itself",
        extra={
            "model": loaded.ref.name,
            "path": path,
            "error": best.error,
            "margin_error": margin_error,
            "explains": explains,
            "reason": reason,
        },
    )
    if not explains:
        log.warning("explanations are off", extra={"model": loaded.ref.name, "reason": reason})
    return Proof(path, best.attempt.freezes, best.error, margin_error, explains, reason)
