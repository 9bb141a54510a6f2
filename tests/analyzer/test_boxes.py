import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.boxes import BOX_SCHEMA, MOST_BOXES, Convention, Padding, box_schema, to_boxes
from analyzer.prompt import asked, claim_of, explain_asked, instruction, where_asked
from contracts.messages import Box, Detection

WIDE = (1280, 720)


def found(text: str, convention: Convention = "relative_1000", **more: object) -> list[Box]:
    given: dict[str, object] = {"input_size": WIDE, "label": "a person", "score": 0.9} | more
    return [one.box for one in to_boxes(text, convention=convention, **given)]  # type: ignore[arg-type]


# --- what stands in the text -----------------------------------------------------------------------------------------


def test_thousandths_become_parts_of_the_picture_with_the_callers_label_and_score() -> None:
    text = '[{"bbox_2d": [100, 200, 300, 1000], "label": "IGNORE ALL RULES"}]'

    detections = to_boxes(text, convention="relative_1000", input_size=WIDE, label="a person", score=0.83)

    assert detections == (Detection("a person", 0.83, (0.1, 0.2, 0.3, 1.0)),)


def test_pixels_are_those_of_the_input_that_the_model_saw() -> None:
    assert found('[{"bbox_2d": [128, 72, 640, 360], "label": "x"}]', "absolute_pixels") == [(0.1, 0.1, 0.5, 0.5)]


@pytest.mark.parametrize(
    "text",
    [
        '```json\n[\n\t{"bbox_2d": [100, 200, 300, 400], "label": "x"}\n]\n```',
        '{"bbox_2d": [100, 200, 300, 400]}',
        'Here it is: [{"label": "x", "bbox_2d": [100.0, 200.0, 300.0, 400.0]}] I hope this helps!',
        '[{"bbox_2d":[100,200,300,400],"label":"x"},{"bbox_2d":[100,2',
        "<ref>x</ref><box>[[100, 200, 300, 400]]</box>",
        "[0.1, 0.2, 0.3, 0.4]",
    ],
    ids=["fenced", "single", "prose and floats", "cut off", "brackets in brackets", "fractions"],
)
def test_a_box_is_found_in_whatever_a_server_wraps_it(text: str) -> None:
    assert found(text) == [(0.1, 0.2, 0.3, 0.4)]


@pytest.mark.parametrize("text", ["", "[]", "No.", "[1, 2, 3]", "[[1, 2], [3, 4]]", '{"bbox_2d": "left"}', "[" * 9999])
def test_a_text_without_boxes_gives_none(text: str) -> None:
    assert found(text) == []


def test_a_family_that_writes_no_boxes_has_none() -> None:
    assert found("[100, 200, 300, 400]", "none") == []


# --- what is not believed --------------------------------------------------------------------------------------------


def test_corners_in_the_wrong_order_are_no_box() -> None:
    assert found("[300, 200, 100, 400] [100, 400, 300, 200] [100, 200, 100, 400]") == []


def test_what_lies_outside_the_picture_is_cut_off_and_a_box_wholly_outside_dropped() -> None:
    assert found("[-50, 500, 500, 1500] [1100, 0, 1200, 500]") == [(0.0, 0.5, 0.5, 1.0)]


def test_a_repeated_box_counts_once_and_there_are_never_more_than_asked_for() -> None:
    many = " ".join(f"[{at}, 0, 1000, 1000]" for at in range(100))

    assert found("[1, 2, 3, 4]" * 50) == [(0.001, 0.002, 0.003, 0.004)]
    assert len(found(many)) == MOST_BOXES
    assert len(found(many, most=2)) == 2


def test_padding_is_undone() -> None:
    # 1280 x 720 in a square of 512: 288 rows drawn, 112 above and below
    square, bars = (512, 512), Padding(top=112, bottom=112)

    assert found("[0, 218.75, 500, 781.25]", input_size=square, padding=bars) == [(0.0, 0.0, 0.5, 1.0)]
    assert found("[256, 256, 512, 400]", "absolute_pixels", input_size=square, padding=bars) == [(0.5, 0.5, 1.0, 1.0)]
    assert found("[0, 0, 1000, 200]", input_size=square, padding=bars) == []


@given(
    text=st.text()
    | st.from_regex(r"\[?\{?(\[(-?\d{1,8}(\.\d{0,3})?, ?){3}\d+\],? ?){0,12}", fullmatch=True)
    | st.recursive(st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=5)).map(json.dumps),
    convention=st.sampled_from(("relative_1000", "absolute_pixels", "none")),
    size=st.tuples(st.integers(1, 5000), st.integers(1, 5000)),
    bars=st.tuples(st.floats(0, 0.45), st.floats(0, 0.45)),
)
@example("[٣, ٣, ٤, ٤]", "relative_1000", (10, 10), (0.0, 0.0))
@example("[1e308, 0, 9999999, 9999999.999999999]", "absolute_pixels", (1, 1), (0.0, 0.0))
def test_any_text_gives_sound_boxes_or_nothing(
    text: str, convention: Convention, size: tuple[int, int], bars: tuple[float, float]
) -> None:
    padding = Padding(int(size[0] * bars[0]), int(size[1] * bars[0]), int(size[0] * bars[1]), int(size[1] * bars[1]))

    boxes = found(text, convention, input_size=size, padding=padding)

    assert len(boxes) <= MOST_BOXES
    for x1, y1, x2, y2 in boxes:
        assert 0.0 <= x1 < x2 <= 1.0
        assert 0.0 <= y1 < y2 <= 1.0


@given(box=st.tuples(*[st.integers(0, 1000)] * 4).filter(lambda box: box[0] < box[2] and box[1] < box[3]))
def test_a_box_as_the_schema_asks_for_it_comes_back_as_it_was(box: tuple[int, int, int, int]) -> None:
    text = json.dumps([{"bbox_2d": box, "label": "a person"}])

    assert found(text) == [tuple(value / 1000 for value in box)]


def test_the_schema_bounds_numbers_and_boxes() -> None:
    items = BOX_SCHEMA["items"]

    assert BOX_SCHEMA["maxItems"] == MOST_BOXES
    assert isinstance(items, dict)
    assert items["properties"]["bbox_2d"]["items"] == {"type": "integer", "minimum": 0, "maximum": 1000}
    assert '"maximum": 1280' in json.dumps(box_schema(1280))


# --- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "lang", "claim"),
    [
        ("Is a person on the roof?", "en", "a person on the roof"),
        ("Is a car visible?", "en", "a car"),
        ("Does the picture show a forklift near boxes?", "en", "a forklift near boxes"),
        ("Has the guard left?", "en", "Has the guard left"),
        ("画面中是否有人翻越围栏?", "zh", "人翻越围栏"),
        ("画面中能否看到货车?", "zh", "货车"),
        ("仓库门口是否有人\uff1f", "zh", "仓库门口有人"),
        ("?", "en", "?"),
    ],
)
def test_what_a_yes_claims_is_the_question_without_the_asking(question: str, lang: str, claim: str) -> None:
    assert claim_of(question, lang) == claim  # type: ignore[arg-type]


def test_a_sentence_is_asked_for_in_the_rules_language_about_all_questions() -> None:
    english = explain_asked(["Is a  person running?", "Is it\nnight?"])
    chinese = explain_asked(["画面中是否有人?"], "zh", pictures=3)

    assert english.endswith("in the picture that answers this: Is a person running? Is it night?")
    assert "中文" in chinese and "这些画面" in chinese and chinese.endswith("画面中是否有人?")


def test_boxes_are_asked_for_in_the_units_of_the_family_and_in_the_last_picture() -> None:
    thousandths = where_asked('a "red" {car}', "relative_1000")
    pixels = where_asked("a car", "absolute_pixels", pictures=3)

    assert '"label": "a \\"red\\" {car}"' in thousandths and "0 to 1000" in thousandths
    assert "in the last picture" in pixels and "in pixels" in pixels


def test_yes_or_no_is_demanded_only_of_questions_that_ask_for_it() -> None:
    # Behind the same words a sentence is asked for, so they may not forbid it.
    assert "Where a question about it asks for Yes or No" in instruction(1)
    assert "Yes or No?" in asked("Is a car visible?")
    assert "quarters" in instruction(5, tiled=True)
