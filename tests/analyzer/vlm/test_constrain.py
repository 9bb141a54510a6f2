"""Boxes in a form that a model cannot leave; a model that has a text in mind writes that text, whatever its tokens."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from analyzer.boxes import to_boxes
from analyzer.prompt import where_asked
from analyzer.vlm.constrain import write_boxes
from analyzer.vlm.decode import Decoder
from analyzer.vlm.load import load
from analyzer.vlm.proof import drawn_pictures
from analyzer.vlm.reading import open_prefixes
from contracts.errors import EngineError
from tests.analyzer.vlm.tiny import FAMILIES, make_tokenizer

ASKED = [1, 2, 3]
LABEL = 'a "red" {car}, 货车'


def grouping_tokenizer() -> PreTrainedTokenizerFast:
    """Up to three digits in one token, and brackets that stick to each other and to quotes."""
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    raw.decoder = decoders.ByteLevel()
    corpus = [f"{number:03d}" for number in range(1000)] * 3 + ['[{"', "[]", '"}]', "], ", "[{", "]}"] * 200
    trainer = trainers.BpeTrainer(
        vocab_size=1500, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    raw.train_from_iterator(corpus, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=None)


TOKENIZERS = [*FAMILIES, "groups of digits"]


@pytest.fixture(scope="module", params=TOKENIZERS)
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerFast:
    return grouping_tokenizer() if request.param == "groups of digits" else make_tokenizer(request.param)


class Mind:
    """In the Decoder's place: it wants to write one text, and falls to dice where it was led away from it."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast, wanted: str, seed: int = 0) -> None:
        self._tokenizer = tokenizer
        self._texts = [tokenizer.decode([token]) for token in range(len(tokenizer))]
        self._wanted = wanted
        self._fed: list[int] = []
        self._dice = torch.Generator().manual_seed(seed)

    def feed(self, ids: Sequence[int]) -> torch.Tensor:
        self._fed += ids
        written = self._tokenizer.decode(self._fed[len(ASKED) :])
        likely = 4 * torch.randn(len(self._texts), generator=self._dice)
        if self._wanted.startswith(written):
            rest = self._wanted[len(written) :]
            likely += torch.tensor(
                [30.0 + len(text) if text and rest.startswith(text) else 0.0 for text in self._texts]
            )
        return torch.log_softmax(likely, -1)


def written(
    mind: "Mind", tokenizer: PreTrainedTokenizerFast, *, largest: tuple[int, int] = (1000, 1000), most: int = 4
) -> str:
    return write_boxes(mind, tokenizer, ASKED, largest=largest, label=LABEL, most=most)  # type: ignore[arg-type]


def as_json(*boxes: tuple[int, int, int, int]) -> str:
    return json.dumps([{"bbox_2d": box, "label": LABEL} for box in boxes], ensure_ascii=False)


@pytest.mark.parametrize(
    "boxes",
    [
        (),
        ((0, 12, 345, 1000),),
        ((1, 20, 300, 999), (0, 0, 1000, 1000), (7, 70, 700, 701)),
        ((900, 900, 10, 10),),
    ],
    ids=["none", "one", "three", "corners in the wrong order"],
)
def test_what_a_model_has_in_mind_is_written(
    tokenizer: PreTrainedTokenizerFast, boxes: tuple[tuple[int, int, int, int], ...]
) -> None:
    text = as_json(*boxes)

    assert written(Mind(tokenizer, text), tokenizer) == text


def test_a_model_that_rambles_is_held_to_the_form(tokenizer: PreTrainedTokenizerFast) -> None:
    texts = [written(Mind(tokenizer, "Sure! Here", seed), tokenizer, largest=(64, 480), most=3) for seed in range(24)]

    parsed = [json.loads(text) for text in texts]
    assert len({len(boxes) for boxes in parsed}) >= 2
    for boxes in parsed:
        assert len(boxes) <= 3
        for box in boxes:
            x1, y1, x2, y2 = box["bbox_2d"]
            assert box["label"] == LABEL
            assert 0 <= min(x1, x2) and max(x1, x2) <= 64
            assert 0 <= min(y1, y2) and max(y1, y2) <= 480


def test_there_are_no_more_boxes_than_asked_for(tokenizer: PreTrainedTokenizerFast) -> None:
    wanted = [(1, 2, 3, 4), (5, 6, 7, 8), (9, 10, 11, 12)]

    assert written(Mind(tokenizer, as_json(*wanted)), tokenizer, most=2) == as_json(*wanted[:2])


def test_a_tokenizer_without_digits_is_an_error() -> None:
    raw = Tokenizer(models.WordLevel({"[": 0, "]": 1, "<unk>": 2}, unk_token="<unk>"))
    wordy = PreTrainedTokenizerFast(tokenizer_object=raw, unk_token="<unk>")

    with pytest.raises(EngineError, match="digits"):
        written(Mind(wordy, "[]"), wordy)


def test_each_familys_model_writes_boxes_that_can_be_read(tiny: Path) -> None:
    loaded = load(str(tiny), device="cpu", visual_tokens=16)
    (prefixed,) = open_prefixes(loaded, [drawn_pictures()[:1]])
    asked = loaded.layout.ids(where_asked("a car", "relative_1000"))

    with torch.inference_mode():
        decoder = Decoder(loaded.model, prefixed.prefix)
        text = write_boxes(decoder, loaded.tokenizer, asked, largest=(1000, 1000), label="a car", most=3)

    boxes = json.loads(text)
    assert len(boxes) <= 3
    sound = to_boxes(text, convention="relative_1000", input_size=(100, 100), label="a car", score=1.0)
    real = {tuple(box["bbox_2d"]) for box in boxes if _is_box(box["bbox_2d"])}
    assert {tuple(round(value * 1000) for value in one.box) for one in sound} == real


def _is_box(corners: list[int]) -> bool:
    return corners[0] < corners[2] and corners[1] < corners[3]
