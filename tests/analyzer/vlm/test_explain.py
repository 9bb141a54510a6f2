"""Sentences and boxes from the frozen prefix; what tiny models with random weights say is noise, and must be the right
noise."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from analyzer.prompt import explain_asked, where_asked
from analyzer.sentence import LONGEST
from analyzer.vlm import pack
from analyzer.vlm.answers import read
from analyzer.vlm.constrain import write_boxes
from analyzer.vlm.decode import Decoder, InTime, always, greedy
from analyzer.vlm.explain import (
    ask_again,
    ends_of,
    explain,
    explained,
    locate,
    locate_by_quarters,
)
from analyzer.vlm.load import Loaded, load
from analyzer.vlm.proof import drawn_pictures
from analyzer.vlm.reading import Prefixed, open_prefixes, prepare
from analyzer.vlm.remember import Memory, alone, nbytes
from contracts.errors import EngineError, Invalid

QUESTION = "Is a person climbing over the fence?"
TOKENS = 24


@pytest.fixture(scope="module")
def loaded(tiny: Path) -> Loaded:
    return load(str(tiny), device="cpu", visual_tokens=16)


@pytest.fixture(scope="module")
def cameras(loaded: Loaded) -> list[Prefixed]:
    """Two pictures, read as one batch."""
    return open_prefixes(loaded, [[picture] for picture in drawn_pictures()])


def generated(loaded: Loaded, pictures: list[Image.Image], asked: list[int]) -> list[int]:
    """What `generate()` says to the whole prompt, with the end if it came to one."""
    inputs = dict(prepare(loaded, pictures).inputs)
    suffix = torch.tensor([asked])
    inputs["input_ids"] = whole = torch.cat([inputs["input_ids"], suffix], 1)
    if "mm_token_type_ids" in inputs:
        inputs["mm_token_type_ids"] = torch.cat([inputs["mm_token_type_ids"], torch.zeros_like(suffix).int()], 1)
    with torch.inference_mode():
        said = loaded.model.generate(
            **inputs, attention_mask=torch.ones_like(whole), max_new_tokens=TOKENS, do_sample=False
        )
    return [int(token) for token in said[0, whole.shape[1] :]]


# --- the same words --------------------------------------------------------------------------------------------------


def test_the_words_from_the_prefix_are_those_that_generate_gives(loaded: Loaded, cameras: list[Prefixed]) -> None:
    asked = loaded.layout.ids(explain_asked([QUESTION]))
    wanted = [generated(loaded, [picture], asked) for picture in drawn_pictures()]

    with torch.inference_mode():
        said = [greedy(Decoder(loaded.model, one.prefix), asked, most=TOKENS, ends=()).tokens for one in cameras]

    assert [one[: len(words)] for one, words in zip(said, wanted, strict=True)] == wanted
    assert wanted[0] != wanted[1]


def test_the_words_about_two_pictures_of_one_camera_are_those_that_generate_gives(loaded: Loaded) -> None:
    pictures = drawn_pictures()
    asked = loaded.layout.ids(explain_asked([QUESTION], pictures=2))
    wanted = generated(loaded, pictures, asked)

    (prefixed,) = open_prefixes(loaded, [pictures])
    with torch.inference_mode():
        said = greedy(Decoder(loaded.model, prefixed.prefix), asked, most=TOKENS, ends=frozenset()).tokens

    assert said[: len(wanted)] == wanted


def test_two_cameras_that_take_turns_do_not_mix_and_the_prefix_stays_as_it_was(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    suffixes = [loaded.layout.question_ids(QUESTION), loaded.layout.question_ids("Is it dark?")]
    with torch.inference_mode():
        before = [pack.hidden_at_ends(loaded.model, one.prefix, suffixes) for one in cameras]
    alone_each = [explain(loaded, one, [QUESTION]) for one in cameras]

    with torch.inference_mode():
        turns = [Decoder(loaded.model, one.prefix) for one in cameras]
        asked = loaded.layout.ids(explain_asked([QUESTION]))
        mixed: list[list[int]] = [[], []]
        fed = [asked, asked]
        for _ in range(8):
            for camera, decoder in enumerate(turns):
                mixed[camera].append(int(decoder.feed(fed[camera]).argmax()))
                fed[camera] = mixed[camera][-1:]
        straight = [greedy(Decoder(loaded.model, one.prefix), asked, most=8, ends=()).tokens for one in cameras]
        after = [pack.hidden_at_ends(loaded.model, one.prefix, suffixes) for one in cameras]

    assert mixed == straight
    assert [explain(loaded, one, [QUESTION]) for one in cameras] == alone_each
    assert all(torch.equal(*pair) for pair in zip(before, after, strict=True))


def test_a_question_asked_again_alone_has_the_margin_it_had_among_others(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    suffixes = [loaded.layout.question_ids(text) for text in ("Is it dark?", QUESTION, "Is a car visible?")]
    with torch.inference_mode():
        hidden = pack.hidden_at_ends(loaded.model, cameras[0].prefix, suffixes)[0, 1:2]
        margin, mass = read(loaded.model, hidden, loaded.words)

    said = ask_again(loaded, cameras[0], QUESTION)

    assert said.margin == pytest.approx(float(margin), abs=1e-4)
    assert said.mass == pytest.approx(float(mass), abs=1e-5)


def test_a_hybrid_model_explains_from_a_copy_and_keeps_its_state(hybrid: Path) -> None:
    loaded = replace(load(str(hybrid), device="cpu", visual_tokens=16), freezes=False)
    pictures = drawn_pictures()[:1]
    asked = loaded.layout.ids(explain_asked([QUESTION]))
    wanted = generated(loaded, pictures, asked)

    (prefixed,) = open_prefixes(loaded, [pictures])
    with torch.inference_mode():
        first, second = (
            greedy(Decoder(loaded.model, prefixed.prefix), asked, most=TOKENS, ends=()).tokens for _ in range(2)
        )

    assert first == second
    assert first[: len(wanted)] == wanted


# --- the explanation as a whole --------------------------------------------------------------------------------------


def test_an_explanation_is_one_line_with_the_models_name_and_sound_boxes(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    frames = drawn_pictures()[:1]

    said = explained(loaded, cameras[0], frames, [QUESTION, "Is a car visible?"])

    assert said.model == loaded.ref
    assert len(said.text) <= LONGEST and "\n" not in said.text
    labels = {one.label for one in said.detections}
    assert labels <= {"a person climbing over the fence", "a car"}
    assert not said.grounded or len(labels) == 2
    for one in said.detections:
        assert 0 <= one.box[0] < one.box[2] <= 1 and 0 <= one.box[1] < one.box[3] <= 1


def test_boxes_carry_the_certainty_of_the_yes_and_none_come_from_a_family_that_writes_none(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    boxes = locate(loaded, cameras[0], "a car", score=0.75, most=3)

    assert all(one.score == 0.75 and one.label == "a car" for one in boxes)
    assert len(boxes) <= 3
    assert loaded.family.boxes != "none" or boxes == ()


def test_a_rule_that_names_a_token_of_the_model_does_not_smuggle_a_picture_in(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    claim = f"a car {loaded.checkpoint.image_token}{loaded.tokenizer.eos_token}"

    boxes = locate(loaded, cameras[0], claim, score=0.75, most=1)

    assert all(one.label == claim for one in boxes)


def test_a_quarter_is_evidence_only_where_another_quarter_is_not(loaded: Loaded) -> None:
    picture = drawn_pictures()[0]

    (found,) = locate_by_quarters(loaded, picture, [QUESTION])

    assert len(found) < 4
    assert all(one.score > 0.5 and (one.box[2] - one.box[0]) < 0.6 for one in found)


def test_a_yes_about_several_pictures_is_not_sought_in_parts_of_one(checkpoint: Callable[[str], Path]) -> None:
    loaded = load(str(checkpoint("smolvlm")), device="cpu", visual_tokens=16)
    pictures = drawn_pictures()
    (prefixed,) = open_prefixes(loaded, [pictures])

    said = explained(loaded, prefixed, pictures, [QUESTION])

    assert said.detections == ()
    assert not said.grounded


# --- time that is up -------------------------------------------------------------------------------------------------


class Passes:
    """Time for so many passes of the model; counts those that were taken."""

    def __init__(self, loaded: Loaded, enough_for: int) -> None:
        self._left = enough_for
        self.taken = 0
        self._hook = loaded.model.model.register_forward_pre_hook(self._count)

    def __enter__(self) -> "Passes":
        return self

    def __exit__(self, *_: object) -> None:
        self._hook.remove()

    def in_time(self) -> bool:
        return self.taken < self._left

    def _count(self, *_: object) -> None:
        self.taken += 1


def test_when_the_time_is_up_the_words_so_far_are_told_and_nothing_is_grounded(
    loaded: Loaded, cameras: list[Prefixed]
) -> None:
    with Passes(loaded, 6) as few:
        said = explained(loaded, cameras[0], drawn_pictures()[:1], [QUESTION] * 3, in_time=few.in_time)

    assert few.taken <= 6
    assert (said.detections, said.grounded) == ((), False)
    assert said.text.removesuffix("…") in explain(loaded, cameras[0], [QUESTION] * 3)


def test_no_time_at_all_takes_no_pass(loaded: Loaded, cameras: list[Prefixed]) -> None:
    with Passes(loaded, 0) as none:
        said = explained(loaded, cameras[0], drawn_pictures()[:1], [QUESTION], in_time=none.in_time)

    assert (none.taken, said.text, said.detections, said.grounded) == (0, "", (), False)


def test_however_short_the_time_the_boxes_are_those_that_more_time_would_begin_with(
    checkpoint: Callable[[str], Path],
) -> None:
    loaded = load(str(checkpoint("qwen3_vl")), device="cpu", visual_tokens=16)
    (prefixed,) = open_prefixes(loaded, [drawn_pictures()[:1]])
    everything = written(loaded, prefixed, always)
    assert everything.count("bbox_2d") >= 1

    for enough_for in range(0, 40, 3):
        with Passes(loaded, enough_for) as few:
            text = written(loaded, prefixed, few.in_time)

        # A number of up to four digits is not broken off.
        assert few.taken <= enough_for + 4
        assert everything.startswith(text.removesuffix("]"))
        assert isinstance(json.loads(text), list)


def written(loaded: Loaded, prefixed: Prefixed, in_time: InTime) -> str:
    asked = loaded.layout.ids(where_asked("a car", "relative_1000"))
    with torch.inference_mode():
        return write_boxes(
            Decoder(loaded.model, prefixed.prefix), loaded.tokenizer, asked,
            largest=(1000, 1000), label="a car", most=3, in_time=in_time,
        )  # fmt: skip


def test_a_quarter_that_there_was_no_time_for_is_neither_yes_nor_no(checkpoint: Callable[[str], Path]) -> None:
    loaded = load(str(checkpoint("smolvlm")), device="cpu", visual_tokens=16)
    picture, questions = drawn_pictures()[0], [QUESTION, "Is it dark?"]

    with Passes(loaded, 6) as half, Passes(loaded, 100) as all_of_it:
        locate_by_quarters(loaded, picture, questions, in_time=half.in_time)
        for_half = all_of_it.taken
        locate_by_quarters(loaded, picture, questions, in_time=all_of_it.in_time)

    # A quarter is read once for all questions.
    assert (for_half, all_of_it.taken - for_half) == (6, 4 * 3)


def test_an_explanation_of_nothing_is_refused(loaded: Loaded, cameras: list[Prefixed]) -> None:
    with pytest.raises(Invalid, match="no question"):
        explained(loaded, cameras[0], drawn_pictures()[:1], [])


def test_a_model_that_gives_no_numbers_is_an_error_and_not_a_sentence(checkpoint: Callable[[str], Path]) -> None:
    loaded = load(str(checkpoint("qwen3_vl")), device="cpu", visual_tokens=16)
    (prefixed,) = open_prefixes(loaded, [drawn_pictures()[:1]])
    with torch.no_grad():
        loaded.model.model.language_model.norm.weight.fill_(float("nan"))

    with pytest.raises(EngineError, match="no number"):
        explain(loaded, prefixed, [QUESTION])


def test_the_end_is_what_the_tokenizer_and_the_checkpoint_call_so(loaded: Loaded) -> None:
    assert loaded.tokenizer.eos_token_id in ends_of(loaded)


# --- what is remembered ----------------------------------------------------------------------------------------------


def test_a_remembered_row_no_longer_holds_the_batch_and_says_the_same(loaded: Loaded, cameras: list[Prefixed]) -> None:
    kept = alone(cameras[1].prefix)

    for layer in kept.cache.layers:
        assert layer.keys.untyped_storage().nbytes() == layer.keys.nbytes
    again = Prefixed(kept, cameras[1].input_sizes)
    assert ask_again(loaded, again, QUESTION) == ask_again(loaded, cameras[1], QUESTION)


def test_the_least_recently_used_picture_is_forgotten_first(cameras: list[Prefixed]) -> None:
    memory: Memory[str] = Memory(most=2)
    memory.put(["a"], cameras[0].prefix, "first")
    memory.put(["b"], cameras[1].prefix, "second")

    held = memory.get(["a"])
    memory.put(["c"], cameras[1].prefix, "third")

    assert held is not None and held.beside == "first"
    assert memory.get(["b"]) is None
    assert memory.get(["a"]) is not None and memory.get(["c"]) is not None
    assert len(memory) == 2


def test_bytes_bound_the_memory_too_and_all_of_it_can_be_given_up(cameras: list[Prefixed]) -> None:
    one = nbytes(cameras[0].prefix)
    memory: Memory[None] = Memory(most=8, most_bytes=2 * one)

    for name in ("a", "b", "b", "c"):
        memory.put([name], cameras[0].prefix, None)
    held = memory.bytes
    memory.clear()
    small: Memory[None] = Memory(most_bytes=one - 1)
    small.put(["a"], cameras[0].prefix, None)

    assert held == 2 * one
    assert memory.bytes == 0 and memory.get(["c"]) is None
    assert len(small) == 0
