"""How worth asking a frame looks for a question: it has changed, and it is like what is asked for.

Takes: unit embeddings of the frame, of the frame that was asked about last, and of the question.
Gives: a score, 0-1; whether chance wants an audit.
Knows nothing about: models, bars."""

import hashlib

import numpy as np
import numpy.typing as npt

Unit = npt.NDArray[np.float32]  # (D,), length 1

#: Maps both to 0-1, so that the smaller can be taken. The bar is learnt on the score, so these decide how much is
#: skipped and not whether the promise holds: a cosine distance of 0.05 is a plain change between two frames of one
#: camera, and SigLIP's cosines between a picture and a text that fits it lie about 0.1 (no larger than 0.2).
CHANGE_SCALE = 0.05
LIKENESS_MIDDLE, LIKENESS_SCALE = 0.05, 0.03


def worth_asking(frame: Unit, question: Unit, asked_before: Unit | None) -> float:
    """The smaller of change and likeness: an unchanged picture has its answer, an unlike one has a no."""
    likeness = 1.0 / (1.0 + float(np.exp((LIKENESS_MIDDLE - float(frame @ question)) / LIKENESS_SCALE)))
    if asked_before is None or asked_before.shape != frame.shape:
        return likeness
    distance = max(0.0, 1.0 - float(frame @ asked_before))
    return min(likeness, 1.0 - float(np.exp(-distance / CHANGE_SCALE)))


def is_audited(camera: str, epoch: int, seq: int, rate: float) -> bool:
    """The same in every process and every retry: chance by hash.

    Of the whole frame: a rule that needs two answers would learn nothing from one of them."""
    drawn = hashlib.sha256(f"{camera}|{epoch}|{seq}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") / 2**32 < rate
