"""The bench's models: their sizes, what they cost by arithmetic, and that both ways of asking them give one answer."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from analyzer.vlm import speed
from analyzer.vlm.flops import FlopModel
from analyzer.vlm.pack import MOST_IN_A_PACK
from analyzer.vlm.shapes import build, parameters, plan

ANSWERS = (3, 4)


def sizes_of(name: str, visual_tokens: int, *, images: int = 1) -> speed.Sizes:
    return speed.Sizes(images=images, visual_tokens=visual_tokens, common_tokens=plan(name).common_tokens)


def scene_of(model: speed.Model, name: str, *, rules: int, visual_tokens: int, batch: int = 1) -> speed.Scene:
    lengths = speed.suffix_lengths(rules, plan(name).rule_tokens)
    return speed.scene(model, sizes_of(name, visual_tokens), batch=batch, lengths=lengths)


@pytest.mark.parametrize(
    ("name", "millions"), [("cpu-mid", 78), ("qwen3-vl-2b", 2_130), ("qwen3-vl-4b", 4_440), ("qwen3-vl-8b", 8_770)]
)
def test_a_shape_has_as_many_parameters_as_the_model_it_stands_for(name: str, millions: int) -> None:
    model = build(plan(name).config, device="meta", dtype="bfloat16")

    assert parameters(model) / 1e6 == pytest.approx(millions, rel=2e-3)
    assert model.dtype == torch.bfloat16


@pytest.mark.parametrize(("name", "visual_tokens"), [("tiny", 16), ("cpu-mid", 64)])
def test_the_arithmetic_counts_what_torch_counts(name: str, visual_tokens: int) -> None:
    model = build(plan(name).config, device="cpu", dtype="float32")
    model.set_attn_implementation("eager")  # torch does not count the CPU's fused attention
    scene = scene_of(model, name, rules=2, visual_tokens=visual_tokens)
    sizes = sizes_of(name, visual_tokens)
    flops = FlopModel(model.config, sizes.images, sizes.patches(model.config), sizes.prefix_tokens)
    lengths = [len(suffix) for suffix in scene.suffixes]

    with FlopCounterMode(display=False) as naive:
        speed.one_by_one(model, scene, ANSWERS)
    with FlopCounterMode(display=False) as packed:
        speed.packed(model, scene, ANSWERS)

    # Eager attention computes the half above the diagonal too, which we do not count.
    assert 0.97 < flops.naive(lengths) / naive.get_total_flops() < 1
    assert 0.97 < flops.packed(lengths, MOST_IN_A_PACK) / packed.get_total_flops() < 1


def test_the_sizes_are_known_before_anything_takes_memory() -> None:
    model = build(plan("tiny").config, device="cpu", dtype="float32")
    sizes = sizes_of("tiny", 16, images=3)

    more, fewer = (speed.scene(model, sizes, batch=2, lengths=speed.suffix_lengths(rules, 7)) for rules in (4, 2))

    assert sizes.prefix_tokens == more.prefix_tokens
    assert sizes.patches(model.config) * 3 * 2 == len(more.prefix["pixel_values"])
    assert more.first(2).suffixes == fewer.suffixes


@pytest.mark.parametrize(
    ("name", "rules", "ratio"),
    [("cpu-mid", 16, 11.6), ("cpu-mid", 64, 24.9), ("qwen3-vl-2b", 16, 9.8), ("qwen3-vl-8b", 64, 13.0)],
)
def test_the_predicted_gain_is_the_known_one(name: str, rules: int, ratio: float) -> None:
    of = plan(name)
    flops = FlopModel(of.config, 1, 1024, 256 + of.common_tokens)
    lengths = [of.rule_tokens] * rules

    predicted = flops.naive(lengths) / flops.packed(lengths, 16)

    assert predicted == pytest.approx(ratio, rel=2e-2)


def test_nvidia_s_chunk_costs_about_159_tflop_in_an_8b_model() -> None:
    flops = FlopModel(plan("qwen3-vl-8b").config, images=40, patches=784, prefix_tokens=7880)

    assert flops.packed([24], 16) / 1e12 == pytest.approx(159, rel=1e-2)


def test_packed_and_one_by_one_agree_on_the_bench_s_model() -> None:
    model = build(plan("tiny").config, device="cpu", dtype="float32")
    scene = scene_of(model, "tiny", rules=20, visual_tokens=16, batch=2)

    naive, packed = speed.one_by_one(model, scene, ANSWERS), speed.packed(model, scene, ANSWERS)

    assert naive.shape == packed.shape == (2, 20, 2)
    assert torch.allclose(naive, packed, atol=1e-5)
    assert not torch.allclose(naive[0], naive[1], atol=1e-2)


@pytest.mark.parametrize(("tokens", "sides"), [(256, (32, 32)), (196, (28, 28)), (6, (4, 6)), (7, (2, 14))])
def test_a_picture_of_so_many_tokens_is_as_square_as_it_can_be(tokens: int, sides: tuple[int, int]) -> None:
    assert speed.grid(tokens, merge=2) == sides
