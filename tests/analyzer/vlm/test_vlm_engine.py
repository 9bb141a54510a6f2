"""What the engine vlm holds to besides what every engine does."""

import io
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import torch
from PIL import Image, ImageDraw
from transformers.modeling_outputs import ModelOutput

from analyzer.engine import Query
from analyzer.vlm.answers import margins
from analyzer.vlm.detail import Detail
from analyzer.vlm.engine import FORGIVEN_AFTER, VlmEngine
from analyzer.vlm.load import Loaded, load
from analyzer.vlm.naive import hidden_at_ends
from analyzer.vlm.reading import prepare, together
from contracts.errors import EngineError, Invalid
from contracts.explain import ExplainRequest
from contracts.messages import Answer, Keyframe, Scene
from contracts.site import AskedQuestion
from tests.analyzer.vlm.tiny import HYBRID

LoadTiny = Callable[..., Loaded]
MakeFrame = Callable[..., Keyframe]

MOVING = Scene(warm=True, moving=((0.0, 0.0, 0.1, 0.15),))


def jpeg(seed: int, size: tuple[int, int] = (256, 256)) -> bytes:
    drawn = Image.new("RGB", size, (seed * 53 % 256, seed * 91 % 256, 128))
    ImageDraw.Draw(drawn).ellipse((20, 20, 60 + 10 * seed, 90), fill=(255 - seed * 40 % 256, 40, 200))
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=95)
    return out.getvalue()


def asked(*texts: str, frames: int = 1) -> tuple[AskedQuestion, ...]:
    return tuple(AskedQuestion(f"q_{text}_{frames}", f"Is {text} visible?", frames=frames) for text in texts)


def engine_of(loaded: Loaded, **settings: object) -> VlmEngine:
    """Random weights say neither yes nor no, so any mass will do."""
    return VlmEngine(loaded, **({"clock": lambda: 0.0, "least_mass": 0.0} | settings))  # type: ignore[arg-type]


def margins_of(answers: tuple[Answer, ...]) -> list[float | None]:
    return [answer.margin for answer in answers]


@contextmanager
def no_memory_above(loaded: Loaded, rows: int) -> Iterator[list[int]]:
    """As on a small GPU: a forward pass of more rows fails. Gives the rows of every pass that was tried."""
    tried: list[int] = []

    def look(_: torch.nn.Module, __: tuple[object, ...], given: dict[str, torch.Tensor]) -> None:
        tried.append(given["input_ids"].shape[0])
        if tried[-1] > rows:
            raise torch.OutOfMemoryError("CUDA out of memory")

    hook = loaded.model.model.register_forward_pre_hook(look, with_kwargs=True)
    try:
        yield tried
    finally:
        hook.remove()


@torch.inference_mode()
def test_the_margin_is_that_of_the_whole_prompt_asked_alone(loaded: Loaded, frame_of: MakeFrame) -> None:
    query = Query(frame_of(picture=jpeg(1)), asked("a car", "a person near the gate"))

    given = engine_of(loaded).answer([query])[0]

    picture = Image.open(io.BytesIO(jpeg(1))).convert("RGB")
    suffixes = [loaded.layout.question_ids(question.text) for question in query.questions]
    hidden = hidden_at_ends(loaded.model, together(loaded, [prepare(loaded, [picture])]), suffixes)
    assert margins_of(given) == pytest.approx(margins(loaded.model, hidden, loaded.words)[0].tolist(), abs=0.02)


def test_a_batch_of_unlike_frames_and_questions_gives_what_each_gives_alone(
    loaded: Loaded, frame_of: MakeFrame
) -> None:
    engine, cars = engine_of(loaded, batch_frames=3), asked("a car", "a bus")
    shapes = [(256, 256), (320, 180), (256, 256), (320, 180), (256, 256), (256, 256), (256, 256)]
    batch = [
        Query(frame_of(f"cam_{at}", picture=jpeg(at, size)), (*cars[: 1 + at % 2], *asked(f"thing {at}")))
        for at, size in enumerate(shapes)
    ]

    together_ = engine.answer(batch)

    for query, given in zip(batch, together_, strict=True):
        assert margins_of(given) == pytest.approx(margins_of(engine.answer([query])[0]), abs=1e-4)
    assert len({round(margin or 0.0, 4) for given in together_ for margin in margins_of(given)}) > len(batch)


def test_a_question_about_change_sees_the_frames_in_their_order(loaded: Loaded, frame_of: MakeFrame) -> None:
    engine, questions = engine_of(loaded), (*asked("falling", frames=2), *asked("a car"))
    first, second, third = (frame_of(picture=jpeg(seed)) for seed in (1, 2, 3))

    forward = engine.answer([Query(second, questions, earlier=(third, first))])[0]
    backward = engine.answer([Query(first, questions, earlier=(second,))])[0]
    shorter = engine.answer([Query(second, questions, earlier=(first,))])[0]

    assert forward[0].margin == pytest.approx(shorter[0].margin, abs=1e-4)
    assert abs((forward[0].margin or 0) - (backward[0].margin or 0)) > 1e-3
    assert forward[1].margin == pytest.approx(shorter[1].margin, abs=1e-4)


def test_too_few_frames_mean_unknown_and_never_no(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    questions = (*asked("falling", frames=3), *asked("a car"))
    query = Query(frame_of(picture=jpeg(1)), questions, earlier=(frame_of(picture=jpeg(2)),))

    given = engine_of(load_tiny("internvl")).answer([query])[0]

    assert given[0] == Answer(questions[0].key, unknown_reason="needs 3 frames, has 2")
    assert given[1].margin is not None


def test_a_broken_earlier_picture_spoils_only_what_is_asked_of_it(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    questions = (*asked("falling", frames=2), *asked("a car"))
    query = Query(frame_of(picture=jpeg(1)), questions, earlier=(frame_of(picture=b"broken"),))

    given = engine_of(load_tiny("internvl")).answer([query])[0]

    assert (given[0].unknown_reason or "").startswith("picture:")
    assert given[1].margin is not None


def test_a_picture_of_absurd_shape_is_unknown(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    query = Query(frame_of(picture=jpeg(1, (2100, 8))), asked("a car"))

    given = engine_of(load_tiny("qwen3_vl")).answer([query])[0]

    assert "the model does not take it" in (given[0].unknown_reason or "")


def test_a_model_that_says_neither_yes_nor_no_is_not_believed(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    query = Query(frame_of(picture=jpeg(1)), asked("a car"))

    given = VlmEngine(load_tiny("internvl"), clock=lambda: 0.0).answer([query])[0][0]

    assert given.margin is None
    assert 0 < given.mass < 0.05
    assert given.unknown_reason == f"the model did not answer yes or no (mass {given.mass:.2f})"


def test_nan_is_unknown(checkpoint: Callable[[str], Path], frame_of: MakeFrame) -> None:
    loaded = load(str(checkpoint("internvl")))
    engine = engine_of(loaded)
    with torch.no_grad():
        loaded.model.get_output_embeddings().weight.fill_(float("nan"))

    given = engine.answer([Query(frame_of(picture=jpeg(1)), asked("a car"))])[0]

    assert given[0].unknown_reason == "the model gave no number"


def test_without_memory_the_batch_is_halved_and_grows_again_later(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded = load_tiny("internvl")
    engine = engine_of(loaded, batch_frames=8)
    batch = [Query(frame_of(f"cam_{at}", picture=jpeg(at)), asked("a car")) for at in range(8)]
    expected = [given[0].margin for given in engine.answer(batch)]

    with no_memory_above(loaded, 2) as tried:
        given = [answers[0].margin for answers in engine.answer(batch)]
        at_first = list(tried)
        tried.clear()
        engine.answer(batch)
        at_second = list(tried)
    for _ in range(FORGIVEN_AFTER * 2):
        engine.answer(batch[:1])
    with no_memory_above(loaded, 8) as tried:
        engine.answer(batch)

    assert given == pytest.approx(expected, abs=1e-4)
    assert at_first[:2] == [8, 4]
    assert set(at_second) == {2}
    assert max(tried) == 8


def test_where_not_even_one_frame_fits_it_is_a_memory_error(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded = load_tiny("internvl")
    engine = engine_of(loaded)
    batch = [Query(frame_of(f"cam_{at}", picture=jpeg(at)), asked("a car")) for at in range(2)]

    with no_memory_above(loaded, 0), pytest.raises(MemoryError):
        engine.answer(batch)

    assert engine.answer(batch)[0][0].margin is not None


def test_another_failure_of_the_model_is_an_engine_error(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded = load_tiny("internvl")
    engine = engine_of(loaded)

    def fail(*_: object) -> None:
        raise RuntimeError("CUDA error: device-side assert triggered\nand much more")

    hook = loaded.model.model.register_forward_pre_hook(fail)
    with pytest.raises(EngineError, match="it failed: CUDA error: device-side assert triggered;"):
        engine.answer([Query(frame_of(picture=jpeg(1)), asked("a car"))])
    hook.remove()


def test_what_is_not_scored_in_time_is_unknown(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    ticks = itertools.count()
    engine = engine_of(load_tiny("internvl"), clock=lambda: float(next(ticks)), answer_deadline_s=3.5, batch_frames=1)
    many = asked(*(f"thing {at}" for at in range(40)))

    given = engine.answer([Query(frame_of(picture=jpeg(1)), many), Query(frame_of(picture=jpeg(2)), many)])

    reasons = [[answer.unknown_reason for answer in answers] for answers in given]
    assert sum(reason is None for row in reasons for reason in row) == 32
    assert {reason for row in reasons for reason in row} == {None, "deadline"}


def test_a_hybrid_answers_too(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    engine = engine_of(load_tiny(HYBRID))
    batch = [Query(frame_of(picture=jpeg(at)), asked("a car", *["a bus"] * at)) for at in range(1, 3)]

    given = engine.answer(batch)

    assert engine.path == "batched"
    for query, answers in zip(batch, given, strict=True):
        assert margins_of(answers) == pytest.approx(margins_of(engine.answer([query])[0]), abs=1e-4)


def test_tiles_change_the_answer_about_a_large_picture_only(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded = load_tiny("qwen3_vl")
    plain, close = engine_of(loaded), engine_of(loaded, detail="tiles")
    large = Query(frame_of(picture=jpeg(1, (1280, 720))), asked("a car", "a bus"))
    small = Query(frame_of(picture=jpeg(1, (256, 256))), asked("a car", "a bus"))

    of_large = [margins_of(engine.answer([large])[0]) for engine in (plain, close)]
    of_small = [margins_of(engine.answer([small])[0]) for engine in (plain, close)]

    assert of_large[0] != pytest.approx(of_large[1], abs=1e-3)
    assert of_small[0] == pytest.approx(of_small[1], abs=1e-4)


def test_a_second_look_where_something_moves_is_taken_where_the_first_left_it_open(
    load_tiny: LoadTiny, frame_of: MakeFrame
) -> None:
    loaded = load_tiny("qwen3_vl")
    engine, first = engine_of(loaded, detail="crop"), engine_of(loaded)
    moving = Query(frame_of(picture=jpeg(1, (1280, 720)), scene=MOVING), asked("a car", "a bus"))
    still = Query(frame_of(picture=jpeg(1, (1280, 720)), scene=Scene(warm=True)), asked("a car", "a bus"))

    with no_memory_above(loaded, 9) as passes:
        alone = margins_of(engine.answer([still])[0])
        for_one_look = len(passes)
        looked_again = margins_of(engine.answer([moving])[0])

    assert len(passes) == 3 * for_one_look
    assert alone == pytest.approx(margins_of(first.answer([still])[0]), abs=0.05)
    for again, once in zip(looked_again, alone, strict=True):
        assert again == pytest.approx(once, abs=1e-4) or (again or 0) > max(once or 0, 0)


@torch.inference_mode()
def test_a_crop_that_says_no_changes_no_answer(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded, packs = load_tiny("qwen3_vl"), itertools.count()
    engine = engine_of(loaded, detail="crop")
    moving, still = (
        Query(frame_of(picture=jpeg(1, (1280, 720)), scene=scene), asked("a car"))
        for scene in (MOVING, Scene(warm=True))
    )
    once = engine.answer([still])[0][0].margin
    # Random weights have no opinion, so the crop is given one: a sure no.
    head = loaded.model.get_output_embeddings().weight
    no = 40.0 * (head[list(loaded.words.no)].sum(0) - head[list(loaded.words.yes)].sum(0))

    def say_no_to_the_crop(_: object, __: object, given: dict[str, torch.Tensor], said: ModelOutput) -> None:
        if "pixel_values" not in given and next(packs) == 1:
            said.last_hidden_state[:] = no

    hook = loaded.model.model.register_forward_hook(say_no_to_the_crop, with_kwargs=True)
    try:
        given = engine.answer([moving])[0][0]
    finally:
        hook.remove()

    assert next(packs) == 2
    assert given.margin == pytest.approx(once, abs=1e-4)


def test_an_explanation_starts_from_the_picture_that_was_just_seen(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    loaded = load_tiny("qwen3_vl")
    engine = engine_of(loaded)
    request = ExplainRequest("cam_1", ("sha",), ("Is a car visible?",))

    with no_memory_above(loaded, 9) as passes:
        looked = engine.explain(request, [jpeg(1)])
        from_the_picture = len(passes)
        passes.clear()
        engine.answer([Query(frame_of(picture=jpeg(1)), asked("a car"))])
        passes.clear()
        remembered = engine.explain(request, [jpeg(1)])

    assert remembered == looked
    assert len(passes) == from_the_picture - 1
    assert engine.capabilities("analyzer-1").explains
    with pytest.raises(Invalid, match="names no picture"):
        engine.explain(request, [])


def test_a_picture_is_remembered_where_a_rule_may_fire_on_its_margin(
    load_tiny: LoadTiny, frame_of: MakeFrame
) -> None:
    loaded = load_tiny("qwen3_vl")
    request = ExplainRequest("cam_1", ("sha",), ("Is a car visible?",))

    def passes_to_explain(above_the_floor: float) -> int:
        engine, (question,) = engine_of(loaded), asked("a car")
        margin = engine.answer([Query(frame_of(picture=jpeg(1)), (question,))])[0][0].margin or 0.0
        engine = engine_of(loaded)
        floored = msgspec.structs.replace(question, floor=margin - above_the_floor)
        engine.answer([Query(frame_of(picture=jpeg(1)), (floored,))])
        with no_memory_above(loaded, 9) as passes:
            engine.explain(request, [jpeg(1)])
        return len(passes)

    assert passes_to_explain(0.5) == passes_to_explain(-0.5) - 1


@pytest.mark.parametrize(
    ("detail", "size", "count"), [("off", (256, 256), 3), ("tiles", (1280, 720), 1), ("tiles", (256, 256), 1)]
)
def test_an_explanation_goes_on_from_the_very_look_that_answered(
    detail: Detail, size: tuple[int, int], count: int, load_tiny: LoadTiny, frame_of: MakeFrame
) -> None:
    loaded = load_tiny("qwen2_5_vl")
    engine, fresh = engine_of(loaded, detail=detail), engine_of(loaded, detail=detail)
    pictures = [jpeg(seed, size) for seed in range(1, count + 1)]
    *earlier, frame = (frame_of(picture=picture) for picture in pictures)
    request = ExplainRequest("cam_1", ("sha",), ("Is a car visible?",))
    shown: list[int] = []

    def look(_: object, __: object, given: dict[str, torch.Tensor]) -> None:
        shown.append(len(given["image_grid_thw"]) if "image_grid_thw" in given else 0)

    hook = loaded.model.model.register_forward_pre_hook(look, with_kwargs=True)
    try:
        looked_again = fresh.explain(request, pictures)
        views = sum(shown)
        engine.answer([Query(frame, asked("a car", frames=count), earlier=tuple(earlier))])
        shown.clear()
        remembered = engine.explain(request, pictures)
    finally:
        hook.remove()

    assert views == (5 if detail == "tiles" and size[0] > 256 else count)
    assert sum(shown) == 0
    assert remembered == looked_again


def test_an_explanation_ends_in_time_with_what_there_is_by_then(load_tiny: LoadTiny) -> None:
    loaded = load_tiny("internvl")
    request = ExplainRequest("cam_1", ("sha",), ("Is a car visible?", "Is a bus visible?", "Is it dark?"))

    with no_memory_above(loaded, 9) as passes:

        def a_second_a_pass() -> float:
            return float(len(passes))

        engine = engine_of(loaded, clock=a_second_a_pass, explain_within_s=12.0)
        hurried = engine_of(loaded, clock=a_second_a_pass, explain_within_s=1.0)
        passes.clear()
        said = engine.explain(request, [jpeg(1)])
        lasted_s = a_second_a_pass()
        with pytest.raises(EngineError, match="no time left for a word"):
            hurried.explain(request, [jpeg(1)])

    assert lasted_s <= 12.0
    assert said.text.endswith("…")
    assert not said.grounded


def test_a_closed_engine_says_so(load_tiny: LoadTiny, frame_of: MakeFrame) -> None:
    engine = engine_of(load_tiny("internvl"))

    engine.close()
    engine.close()

    with pytest.raises(EngineError, match="it was closed"):
        engine.answer([Query(frame_of(picture=jpeg(1)), asked("a car"))])
