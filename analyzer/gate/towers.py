"""A dual tower in ONNX Runtime (SigLIP and its like): pictures and texts into one space.

Takes: a folder with vision.onnx, text.onnx, tokenizer.json and towers.json; pictures, texts.
Gives: unit embeddings; the name, revision and device of the model.
Knows nothing about: questions, frames.

`plainwatch models export-gate` writes such a folder from a checkpoint."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import msgspec
import numpy as np
import numpy.typing as npt

from analyzer.onnx_session import Session, device_of, open_session, runtime_errors
from analyzer.picture import Picture
from contracts.errors import EngineError

Units = npt.NDArray[np.float32]  # (N, D), each row of length 1
VISION, TEXT, TOKENIZER, ABOUT = "vision.onnx", "text.onnx", "tokenizer.json", "towers.json"
#: more pictures than this go in several runs: memory grows with the batch, speed does not
MOST_IN_A_RUN = 16


class About(msgspec.Struct, frozen=True):
    """What the export knew. Pictures are `size` x `size` pixels, (value / 255 - mean) / std in red, green, blue."""

    model: str
    revision: str
    size: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    text_length: int
    pad_id: int


class _Encoding(Protocol):
    @property
    def ids(self) -> list[int]: ...


class _Tokenizer(Protocol):
    def encode(self, sequence: str) -> _Encoding: ...


class Towers:
    """Both towers, loaded; used from one thread. Made by `load_towers`."""

    def __init__(self, vision: Session, text: Session, tokenizer: _Tokenizer, about: About) -> None:
        self._vision = vision
        self._text = text
        self._tokenizer = tokenizer
        self._about = about
        self.name = f"{about.model}@{about.revision}"
        self.device = device_of(vision)

    def look(self, pictures: Sequence[Picture]) -> Units:
        """(N, D). Raises EngineError where the runtime fails."""
        tensors = [self._tensor(picture) for picture in pictures]
        parts = [
            self._run(self._vision, np.stack(tensors[first : first + MOST_IN_A_RUN]))
            for first in range(0, len(tensors), MOST_IN_A_RUN)
        ]
        return np.concatenate(parts)

    def read(self, text: str) -> npt.NDArray[np.float32]:
        """(D,)."""
        length = self._about.text_length
        ids = self._tokenizer.encode(text.lower()).ids[:length]
        padded = np.full((1, length), self._about.pad_id, np.int64)
        padded[0, : len(ids)] = ids
        unit: npt.NDArray[np.float32] = self._run(self._text, padded)[0]
        return unit

    def _tensor(self, picture: Picture) -> npt.NDArray[np.float32]:
        size = self._about.size
        shrinks = picture.shape[0] > size or picture.shape[1] > size
        fitted = cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        scaled = (fitted[:, :, ::-1].astype(np.float32) / 255.0 - self._about.mean) / self._about.std
        return np.ascontiguousarray(scaled.transpose(2, 0, 1), np.float32)

    def _run(self, session: Session, tensor: npt.NDArray[Any]) -> Units:
        binding = session.io_binding()
        binding.bind_cpu_input(session.get_inputs()[0].name, tensor)
        binding.bind_output(session.get_outputs()[0].name)
        try:
            session.run_with_iobinding(binding)
        except runtime_errors() as error:
            raise EngineError(f"gate '{self.name}': it failed to run: {error}", "unset PLAINWATCH_GATE") from error
        embedded = binding.copy_outputs_to_cpu()[0].astype(np.float32)
        return np.asarray(embedded / np.maximum(np.linalg.norm(embedded, axis=1, keepdims=True), 1e-12), np.float32)


def load_towers(folder: Path, *, require_gpu: bool = False) -> Towers:
    """Loads both and runs them once. Raises EngineError that says what is missing in the folder."""
    missing = [name for name in (VISION, TEXT, TOKENIZER, ABOUT) if not (folder / name).is_file()]
    if missing:
        raise EngineError(
            f"gate '{folder}': {', '.join(missing)} is not there", "make the folder with plainwatch models export-gate"
        )
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EngineError(f"gate '{folder}': the package tokenizers is not installed", "pip install it") from error
    try:
        about = msgspec.json.decode((folder / ABOUT).read_bytes(), type=About)
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    except Exception as error:  # the tokenizers package raises no narrower one
        problem = f"gate '{folder}': {ABOUT} or {TOKENIZER} cannot be read: {error}"
        raise EngineError(problem, "export it anew") from error
    vision, text = (
        open_session(folder / name, what=f"gate '{folder / name}'", require_gpu=require_gpu) for name in (VISION, TEXT)
    )
    towers = Towers(vision, text, tokenizer, about)
    towers.look([np.zeros((about.size, about.size, 3), np.uint8)])
    towers.read("a person")
    return towers
