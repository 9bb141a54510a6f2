import hashlib
import math

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st

from analyzer.engine import Query
from analyzer.openai.fitted import Budget
from analyzer.openai.options import Options, from_settings
from contracts.explain import ExplainRequest
from contracts.settings import load_settings
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve

QWEN_3, QWEN_2_5 = Budget(256, 32), Budget(256, 28)


def drawn(width: int, height: int) -> bytes:
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.stack([rows % 256, columns % 256, (rows + columns) % 256], axis=2).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(picture), quality=80, colorspace="BGR"))


def size(jpeg: bytes) -> tuple[int, int]:
    rows, columns, _, _ = simplejpeg.decode_jpeg_header(jpeg)
    return columns, rows


def smart_resize(width: int, height: int, side: int, least: int, most: int) -> tuple[int, int]:
    """What the processors of Qwen's models do."""
    across, down = round(width / side) * side, round(height / side) * side
    if across * down > most:
        shrink = math.sqrt(width * height / most)
        across, down = (max(side, math.floor(length / shrink / side) * side) for length in (width, height))
    elif across * down < least:
        grow = math.sqrt(least / (width * height))
        across, down = (math.ceil(length * grow / side) * side for length in (width, height))
    return across, down


@given(
    width=st.integers(64, 8000),
    height=st.integers(64, 5000),
    budget=st.builds(Budget, st.integers(16, 4096), st.sampled_from([28, 32])),
)
def test_what_is_sent_costs_no_more_than_the_budget_and_the_server_leaves_it_as_it_is(
    width: int, height: int, budget: Budget
) -> None:
    fitted = budget.size(width, height)

    most = budget.tokens * budget.side**2
    assert fitted[0] <= width and fitted[1] <= height
    assert fitted[0] * fitted[1] <= most
    assert smart_resize(*fitted, budget.side, 4 * budget.side**2, most) == fitted


@pytest.mark.parametrize(
    ("budget", "given_size", "sent"),
    [
        (QWEN_3, (3840, 2160), (672, 384)),
        (QWEN_3, (1920, 1080), (672, 384)),
        (QWEN_3, (512, 512), (512, 512)),
        (QWEN_2_5, (1920, 1080), (588, 336)),
        (QWEN_2_5, (640, 360), (588, 336)),
        (QWEN_3, (20, 5000), (20, 4992)),
        (QWEN_3, (4, 100_000), (4, 8192)),
    ],
)
def test_sizes_of_cameras(budget: Budget, given_size: tuple[int, int], sent: tuple[int, int]) -> None:
    assert budget.size(*given_size) == sent


def test_a_picture_of_4k_is_sent_once_encoded_and_named_by_the_bytes_that_were_sent(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve()
    questions = tuple(ask_text(key) for key in ("a car", "a dog", "a bus"))

    open_at(server).answer([Query(frame_of(picture=drawn(3840, 2160)), questions)])

    (sent,) = {asked.pictures[0] for asked in server.of_cameras}
    assert size(sent) == (672, 384)
    assert {asked.parts[0]["uuid"] for asked in server.of_cameras} == {hashlib.sha256(sent).hexdigest()}


def test_a_picture_that_fits_is_sent_as_it_came(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server, fitting = serve(), drawn(320, 256)

    open_at(server).answer([Query(frame_of(picture=fitting), (ask_text("a car"),))])

    assert server.of_cameras[0].pictures == [fitting]


def test_boxes_in_pixels_are_of_the_shrunk_picture_and_come_back_in_parts_of_the_cameras(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    # 588 x 336 of 28-pixel patches: its middle, and its lower right corner.
    boxes = "[[147, 84, 294, 168], [294, 168, 588, 336]]"
    server = serve(writes=lambda asked: boxes if "Locate" in asked.text else "A car.")
    engine = open_at(server, boxes="absolute_pixels")
    picture = drawn(1920, 1080)

    explained = engine.explain(ExplainRequest("gate", ("sha",), ("Is a car visible?",)), [picture])
    engine.answer([Query(frame_of(picture=picture), (ask_text("a car"),))])

    assert [found.box for found in explained.detections] == [(0.25, 0.25, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)]
    assert {size(asked.pictures[0]) for asked in server.of_cameras} == {(588, 336)}
    # What answered and what explains is one picture in the server's cache.
    assert len({asked.parts[0]["uuid"] for asked in server.of_cameras}) == 1


def test_the_budget_is_a_setting_and_part_of_the_name_that_verdicts_bear(serve: Serve, open_at: Open) -> None:
    options = from_settings(load_settings(openai_url="http://vl:8000", vlm_visual_tokens=1024))

    assert options.budget == Budget(1024, 32)
    assert Options((), boxes="absolute_pixels").budget == Budget(256, 28)
    assert "+1024+" in open_at(serve(), visual_tokens=1024).capabilities("a").model.revision
