from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from analyzer.vlm.detail import (
    LARGEST_PART,
    QUARTERS,
    WHOLE,
    cost,
    cut,
    raised,
    region_around,
    second_look,
    seen,
    tiles,
    to_full,
)
from analyzer.vlm.load import Loaded, load
from analyzer.vlm.opening import open_vlm_engine
from analyzer.vlm.reading import prepare
from contracts.messages import Box, Scene
from contracts.settings import Settings

BUDGET = 512 * 512
FULL_HD = (1920, 1080)
MOVING = Scene(warm=True, moving=((0.1, 0.1, 0.2, 0.3),))

unit = st.floats(0, 1, allow_nan=False)
boxes = st.tuples(unit, unit, unit, unit).map(
    lambda at: (min(at[0], at[2]), min(at[1], at[3]), max(at[0], at[2]), max(at[1], at[3]))
)


@pytest.fixture(scope="module")
def loaded(checkpoint: Callable[[str], Path]) -> Loaded:
    return load(str(checkpoint("qwen3_vl")), device="cpu", visual_tokens=64)


# --- tiles -----------------------------------------------------------------------------------------------------------


def test_tiles_are_four_quarters_that_overlap_and_the_whole_last() -> None:
    shown = tiles(Image.new("RGB", FULL_HD), BUDGET)

    assert [view.picture.size for view in shown] == [(1056, 594)] * 4 + [FULL_HD]
    assert shown[-1].region == WHOLE
    assert shown[0].region[2] > shown[1].region[0] and shown[0].region[3] > shown[2].region[1]


def test_a_picture_that_the_model_sees_whole_is_not_cut() -> None:
    assert [view.region for view in tiles(Image.new("RGB", (640, 480)), BUDGET)] == [WHOLE]


def test_a_tile_shows_the_pixels_of_its_place() -> None:
    picture = Image.new("RGB", FULL_HD)
    picture.putpixel((1900, 1000), (255, 0, 0))

    lower_right = tiles(picture, BUDGET)[3]

    left, top = round(lower_right.region[0] * 1920), round(lower_right.region[1] * 1080)
    assert lower_right.picture.getpixel((1900 - left, 1000 - top)) == (255, 0, 0)


def test_five_pictures_become_one_prompt_that_says_so(loaded: Loaded) -> None:
    shown = [view.picture for view in tiles(Image.new("RGB", FULL_HD), seen(loaded, FULL_HD)[1])]

    prepared = prepare(loaded, shown, tiled=True)

    text = loaded.tokenizer.decode(prepared.inputs["input_ids"][0])
    assert len(prepared.sizes) == 5
    assert "quarters, enlarged" in text


# --- the second look -------------------------------------------------------------------------------------------------


def test_a_second_look_goes_where_it_moves_and_takes_the_surroundings_in() -> None:
    region = second_look(0.4, MOVING, FULL_HD, BUDGET)

    assert region is not None
    assert region[0] <= 0.1 and region[1] <= 0.1 and region[2] >= 0.2 and region[3] >= 0.3
    assert (region[2] - region[0]) >= 0.25


@pytest.mark.parametrize(
    ("margin", "scene", "size"),
    [
        (3.0, MOVING, FULL_HD),
        (-3.0, MOVING, FULL_HD),
        (0.0, MOVING, (640, 480)),
        (0.0, Scene(warm=True), FULL_HD),
        (0.0, Scene(warm=False, foreground=((0.1, 0.1, 0.2, 0.2),)), FULL_HD),
        (0.0, Scene(warm=True, moving=((0.0, 0.0, 0.9, 0.9),)), FULL_HD),
    ],
    ids=["sure yes", "sure no", "seen whole", "nothing moves", "background unknown", "all of it moves"],
)
def test_there_is_no_second_look_where_it_could_show_nothing_new(
    margin: float, scene: Scene, size: tuple[int, int]
) -> None:
    assert second_look(margin, scene, size, BUDGET) is None


def test_of_things_far_apart_the_largest_is_looked_at() -> None:
    region = region_around([(0.0, 0.0, 0.05, 0.05), (0.7, 0.6, 0.95, 0.9)])

    assert region is not None
    assert region[0] > 0.5 and region[2] >= 0.95


@given(given_boxes=st.lists(boxes, max_size=6))
def test_a_region_lies_in_the_picture_and_is_a_part_of_it(given_boxes: list[Box]) -> None:
    region = region_around(given_boxes)

    if region is not None:
        assert 0 <= region[0] < region[2] <= 1 and 0 <= region[1] < region[3] <= 1
        assert (region[2] - region[0]) * (region[3] - region[1]) <= LARGEST_PART + 1e-9
    assert given_boxes or region is None


@given(box=boxes, region=st.sampled_from(QUARTERS) | boxes, size=st.tuples(st.integers(1, 4000), st.integers(1, 4000)))
def test_a_box_of_a_crop_lies_in_the_crops_place(box: Box, region: Box, size: tuple[int, int]) -> None:
    x1, y1, x2, y2 = to_full(box, region)

    assert region[0] - 1e-9 <= x1 <= x2 <= region[2] + 1e-9
    assert region[1] - 1e-9 <= y1 <= y2 <= region[3] + 1e-9


@given(region=boxes, size=st.tuples(st.integers(1, 60), st.integers(1, 60)))
def test_a_crop_is_never_empty_and_covers_what_was_asked_for(region: Box, size: tuple[int, int]) -> None:
    view = cut(Image.new("RGB", size), region)

    assert view.picture.size[0] >= 1 and view.picture.size[1] >= 1
    assert all(0 <= value <= 1 for value in view.region)
    assert view.region[0] <= region[0] and view.region[2] >= min(region[2], 1.0) - 1e-9


@pytest.mark.parametrize(
    ("first", "second", "margin"),
    [
        (1.9, -6.0, 1.9),
        (-0.5, -6.0, -0.5),
        (-1.5, -0.2, -1.5),
        (-1.5, 0.2, 0.2),
        (0.5, 3.0, 3.0),
        (1.5, 0.5, 1.5),
        (0.5, float("nan"), 0.5),
    ],
    ids=["a sure no", "another no", "a doubt", "a yes", "a surer yes", "a fainter yes", "no number"],
)
def test_a_part_may_say_yes_for_the_whole_and_never_no(first: float, second: float, margin: float) -> None:
    assert raised(first, second) == margin


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_tiles_cost_five_pictures_and_a_second_look_at_most_one_more(loaded: Loaded) -> None:
    assert cost(loaded, "off", FULL_HD) == 1.0
    assert cost(loaded, "tiles", FULL_HD) == pytest.approx(5.0, abs=0.3)
    assert cost(loaded, "crop", FULL_HD) == pytest.approx(2.0, abs=0.1)
    assert cost(loaded, "crop", FULL_HD, looked_again=0.1) == pytest.approx(1.1, abs=0.02)


def test_what_shows_nothing_new_costs_nothing(loaded: Loaded) -> None:
    small = (256, 192)

    assert [cost(loaded, mode, small) for mode in ("off", "tiles", "crop")] == [1.0, 1.0, 1.0]


def test_the_engine_says_what_the_closer_look_costs_and_names_its_margins_apart(
    checkpoint: Callable[[str], Path], caplog: pytest.LogCaptureFixture
) -> None:
    folder = str(checkpoint("qwen3_vl"))

    with caplog.at_level("INFO"):
        plain, tiled, cropped = (
            open_vlm_engine(
                Settings(vlm_model=folder, vlm_device="cpu", vlm_visual_tokens=64, vlm_detail=detail)  # type: ignore[call-arg]
            )
            for detail in ("off", "tiles", "crop")
        )

    record, _ = [one for one in caplog.records if one.message == "detail chosen"]
    assert vars(record)["visual_tokens_times_at_1080p"] == pytest.approx(5.0, abs=0.3)
    revisions = [engine.capabilities("w").model.revision for engine in (plain, tiled, cropped)]
    assert revisions[1:] == [f"{revisions[0]}+tiles", f"{revisions[0]}+crop2"]
