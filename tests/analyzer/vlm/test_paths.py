"""Every way of sharing a picture between questions says what asking one by one says."""

from collections.abc import Callable, Sequence

import pytest
import torch
from PIL import Image, ImageDraw

from analyzer.vlm import batched, naive, pack
from analyzer.vlm.answers import margins
from analyzer.vlm.load import Loaded
from analyzer.vlm.prefix import NotShareable, Prefix, prefill
from analyzer.vlm.reading import open_prefixes, prepare, together
from tests.analyzer.vlm.tiny import FAMILIES, HYBRID

LoadTiny = Callable[..., Loaded]

#: logits of these models are about 1; float32 leaves 1e-6 of error
BOUND = 1e-4
#: bfloat16 has 8 bits: the long way in bfloat16 is as far from float32 as this
BOUND_BF16 = 0.1


def picture(seed: int, size: tuple[int, int] = (256, 256)) -> Image.Image:
    """Drawn, and another for each seed."""
    drawn = Image.new("RGB", size, (seed * 53 % 256, seed * 91 % 256, 128))
    side = 30 + seed * 17 % 60
    ImageDraw.Draw(drawn).rectangle((side, side, 2 * side, 3 * side), fill=(255 - seed * 40 % 256, 40, 200))
    return drawn


def questions(count: int) -> list[str]:
    """Of ragged length."""
    return [f"Is thing {index}{' or another one, near the gate,' * (index % 4)} visible?" for index in range(count)]


def suffixes(loaded: Loaded, count: int) -> list[list[int]]:
    return [loaded.layout.question_ids(question) for question in questions(count)]


def opened(loaded: Loaded, pictures: Sequence[Image.Image], *, frozen: bool = True) -> Prefix:
    return prefill(loaded.model, together(loaded, [prepare(loaded, [one]) for one in pictures]), frozen=frozen)


def truth(loaded: Loaded, pictures: Sequence[Image.Image], asked: list[list[int]]) -> torch.Tensor:
    """Each picture alone, each question alone."""
    inputs = [together(loaded, [prepare(loaded, [one])]) for one in pictures]
    return torch.cat([naive.hidden_at_ends(loaded.model, one, asked) for one in inputs])


def apart(loaded: Loaded, got: torch.Tensor, expected: torch.Tensor) -> float:
    """The largest distance of two margins."""
    of = [margins(loaded.model, hidden, loaded.words) for hidden in (got, expected)]
    return float((of[0] - of[1]).abs().max())


@pytest.mark.parametrize("count", [1, 5, 16, 19])
@torch.inference_mode()
def test_packed_and_batched_and_shared_vision_say_what_the_whole_prompt_says(loaded: Loaded, count: int) -> None:
    two, asked = [picture(1), picture(2)], suffixes(loaded, count)
    expected = truth(loaded, two, asked)

    packed = pack.hidden_at_ends(loaded.model, opened(loaded, two), asked)
    in_batch = batched.hidden_at_ends(loaded.model, opened(loaded, two), asked)
    shared = naive.hidden_at_ends(
        loaded.model, together(loaded, [prepare(loaded, [one]) for one in two]), asked, share_vision=True
    )

    assert apart(loaded, packed, expected) < BOUND
    assert apart(loaded, in_batch, expected) < BOUND
    assert apart(loaded, shared, expected) < BOUND
    assert (packed - expected).abs().max() < BOUND
    assert apart(loaded, expected[:1], expected[1:]) > 100 * BOUND


@torch.inference_mode()
def test_each_frame_of_a_batch_may_be_asked_something_else(loaded: Loaded) -> None:
    three, asked = [picture(1), picture(2), picture(3)], suffixes(loaded, 6)
    rows = [asked[:4], [], asked[3:]]

    got = pack.hidden_at_own_ends(loaded.model, opened(loaded, three), rows)

    assert [len(one) for one in got] == [4, 0, 3]
    for one, row, hidden in zip(three, rows, got, strict=True):
        if row:
            assert apart(loaded, hidden[None], truth(loaded, [one], row)) < BOUND


@torch.inference_mode()
def test_two_cameras_may_take_turns_between_prefix_and_questions(loaded: Loaded) -> None:
    near, far, asked = picture(1), picture(2), suffixes(loaded, 3)

    first, second = opened(loaded, [near]), opened(loaded, [far])
    of_first = pack.hidden_at_ends(loaded.model, first, asked)
    of_second = pack.hidden_at_ends(loaded.model, second, asked)
    of_first_again = pack.hidden_at_ends(loaded.model, first, asked)

    assert apart(loaded, of_first, truth(loaded, [near], asked)) < BOUND
    assert apart(loaded, of_second, truth(loaded, [far], asked)) < BOUND
    assert torch.equal(of_first, of_first_again)


@torch.inference_mode()
def test_a_question_is_blind_to_the_others_in_its_pack(loaded: Loaded) -> None:
    prefix, asked = opened(loaded, [picture(1)]), suffixes(loaded, 4)

    alone = pack.hidden_at_ends(loaded.model, prefix, asked[2:3])
    among_others = pack.hidden_at_ends(loaded.model, prefix, [asked[0], asked[2], asked[3]])

    assert apart(loaded, alone[:, 0], among_others[:, 1]) < BOUND


@torch.inference_mode()
def test_several_pictures_in_one_prompt_are_packed_as_well_as_one(loaded: Loaded) -> None:
    prompts = [[picture(seed + at) for at in range(3)] for seed in (1, 5)]
    asked = suffixes(loaded, 3)
    inputs = together(loaded, [prepare(loaded, pictures) for pictures in prompts])

    packed = pack.hidden_at_ends(loaded.model, prefill(loaded.model, inputs), asked)

    assert apart(loaded, packed, naive.hidden_at_ends(loaded.model, inputs, asked)) < BOUND
    assert apart(loaded, packed[:1], packed[1:]) > 100 * BOUND


@pytest.mark.parametrize("family", FAMILIES)
@torch.inference_mode()
def test_in_bfloat16_packing_is_no_further_off_than_bfloat16_itself(family: str, load_tiny: LoadTiny) -> None:
    exact, rough = load_tiny(family), load_tiny(family, dtype="bfloat16")
    two, asked = [picture(1), picture(2)], suffixes(exact, 5)

    packed = pack.hidden_at_ends(rough.model, opened(rough, two), asked)

    assert apart(rough, packed, truth(rough, two, asked)) < BOUND_BF16
    assert apart(rough, packed, truth(exact, two, asked).bfloat16()) < BOUND_BF16


@torch.inference_mode()
def test_pictures_of_different_shape_are_opened_in_one_call(loaded: Loaded) -> None:
    shapes = [picture(1), picture(2, (320, 160)), picture(3)]
    asked = suffixes(loaded, 2)

    prefixes = open_prefixes(loaded, [[one] for one in shapes])

    for one, prefixed in zip(shapes, prefixes, strict=True):
        got = pack.hidden_at_ends(loaded.model, prefixed.prefix, asked)
        assert apart(loaded, got, truth(loaded, [one], asked)) < BOUND


@torch.inference_mode()
def test_a_hybrid_is_not_frozen_and_its_batched_path_is_right(load_tiny: LoadTiny) -> None:
    hybrid = load_tiny(HYBRID)
    two, asked = [picture(1), picture(2)], suffixes(hybrid, 5)

    with pytest.raises(NotShareable, match="LinearAttention"):
        opened(hybrid, two)
    prefix = opened(hybrid, two, frozen=False)
    got = [batched.hidden_at_ends(hybrid.model, prefix, asked) for _ in range(2)]

    assert apart(hybrid, got[0], truth(hybrid, two, asked)) < BOUND
    assert torch.equal(got[0], got[1])
