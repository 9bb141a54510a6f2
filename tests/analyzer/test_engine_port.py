"""What every engine holds to, whatever is behind it. A new engine joins by one line in ENGINES."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from analyzer.combined import CombinedEngine
from analyzer.edge.detector import load
from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Engine, Query, checked
from analyzer.fake import FakeEngine, Fault
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.load import load as load_vlm
from contracts.errors import EngineError
from contracts.messages import Answer, Keyframe, Scene
from contracts.site import AskedQuestion
from tests.analyzer.openai.scripted import EngineWithServer
from tests.analyzer.vlm.tiny import save_tiny

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]

ENGINES: dict[str, Callable[[Path | None], Engine]] = {
    "edge without a model": lambda _: EdgeEngine(),
    "edge with yolox": lambda assets: EdgeEngine(load(_model(assets, "yolox_nano.onnx"))),
    "edge with nanodet": lambda assets: EdgeEngine(load(_model(assets, "nanodet_m.onnx"))),
    "fake": lambda _: FakeEngine(),
    "combined": lambda _: CombinedEngine(EdgeEngine(), FakeEngine()),
    "openai": lambda _: EngineWithServer(),
    "vlm": lambda checkpoint: VlmEngine(load_vlm(str(checkpoint)), clock=lambda: 0.0, least_mass=0.0),
}


def _model(assets: Path | None, name: str) -> Path:
    if assets is None:
        pytest.skip("PLAINWATCH_ASSETS names no folder with models")
    return assets / "models" / name


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = None
    if request.param.startswith("edge with "):
        folder = request.getfixturevalue("assets")
    elif request.param == "vlm":
        folder = save_tiny("qwen3_vl", tmp_path_factory.mktemp("tiny"))
    engine = ENGINES[request.param](folder)
    yield engine
    engine.close()
    engine.close()


@pytest.fixture
def questions(ask: Ask) -> tuple[AskedQuestion, ...]:
    kinds = ("motion", "foreground", "dark", "covered", "frozen", "text")
    return (ask("objects", "person"), *(ask(kind) for kind in kinds), ask("objects", "car", "truck"))


def test_each_question_gets_one_answer_in_its_order(
    engine: Engine, frame_of: MakeFrame, questions: tuple[AskedQuestion, ...]
) -> None:
    batch = [Query(frame_of("cam_1"), questions), Query(frame_of("cam_2"), questions[::-1])]

    answers = engine.answer(batch)

    assert [[one.question_key for one in given] for given in answers] == [
        [question.key for question in query.questions] for query in batch
    ]
    assert checked(batch, answers) == answers


def test_an_answer_is_either_a_finite_margin_or_unknown_with_a_reason(
    engine: Engine, frame_of: MakeFrame, questions: tuple[AskedQuestion, ...]
) -> None:
    answers = engine.answer([Query(frame_of(scene=Scene(warm=warm)), questions) for warm in (True, False)])

    for answer in (one for given in answers for one in given):
        if answer.unknown_reason is None:
            assert answer.margin is not None
            assert math.isfinite(answer.margin)
        else:
            assert answer.margin is None
            assert answer.unknown_reason
            assert answer.detections == ()


def test_what_is_offered_is_answered_and_what_is_not_offered_is_unknown(
    engine: Engine, frame_of: MakeFrame, questions: tuple[AskedQuestion, ...]
) -> None:
    offered = engine.capabilities("analyzer-1")

    answers = engine.answer([Query(frame_of(), questions)])[0]

    for question, answer in zip(questions, answers, strict=True):
        kind = question.predicate.kind if question.predicate else ""
        can = offered.free_text or kind in offered.predicates
        assert (answer.unknown_reason is None) is can, (question.key, answer)


def test_capabilities_name_the_worker_the_model_and_the_device(engine: Engine) -> None:
    offered = engine.capabilities("analyzer-1")

    assert offered.worker == "analyzer-1"
    assert offered.engine == offered.model.engine
    assert offered.model.name
    assert offered.model.revision
    # "remote": a server has the model, and does not say on what it runs
    assert offered.device in ("cpu", "cuda", "remote")
    assert bool(offered.labels) is ("objects" in offered.predicates)


def test_a_batch_of_several_cameras_gives_what_each_frame_gives_alone(
    engine: Engine, frame_of: MakeFrame, questions: tuple[AskedQuestion, ...], request: pytest.FixtureRequest
) -> None:
    pictures = _some_pictures(request, frame_of)
    batch = [Query(frame_of(f"cam_{index}", picture=one), questions) for index, one in enumerate(pictures)]

    together = engine.answer(batch)

    for query, given in zip(batch, together, strict=True):
        assert_alike(given, engine.answer([query])[0])


def test_the_same_frame_gets_the_same_answers_again(
    engine: Engine, frame_of: MakeFrame, questions: tuple[AskedQuestion, ...]
) -> None:
    query = Query(frame_of(), questions)

    assert engine.answer([query]) == engine.answer([query])


@pytest.mark.parametrize("damage", ["empty", "no picture", "cut off", "another format"])
def test_a_broken_picture_makes_its_own_answers_unknown_and_no_others(
    engine: Engine, frame_of: MakeFrame, ask: Ask, jpeg: bytes, damage: str
) -> None:
    broken = {
        "empty": b"",
        "no picture": b"\xff\xd8 nothing like it",
        "cut off": jpeg[: len(jpeg) // 2],
        "another format": b"\x89PNG\r\n\x1a\n" + jpeg,
    }[damage]
    sound = Query(frame_of("cam_1"), (ask("objects", "person"),))
    damaged = Query(frame_of("cam_2", picture=broken), (ask("objects", "person"),))

    answers = engine.answer([sound, damaged, sound])

    assert answers[1][0].unknown_reason
    for given in (answers[0], answers[2]):
        assert_alike(given, engine.answer([sound])[0])


def test_a_frame_without_questions_and_an_empty_batch_are_fine(engine: Engine, frame_of: MakeFrame) -> None:
    assert engine.answer([Query(frame_of(), ())]) == [()]
    assert engine.answer([]) == []


def test_a_question_about_several_frames_is_unknown_while_there_are_fewer(
    engine: Engine, frame_of: MakeFrame, ask: Ask
) -> None:
    query = Query(frame_of(seq=2), (ask("text", frames=3),), earlier=(frame_of(seq=1),))

    assert engine.answer([query])[0][0].unknown_reason


def test_a_margin_that_is_no_number_is_unknown_by_the_time_it_leaves_the_port(frame_of: MakeFrame, ask: Ask) -> None:
    query = Query(frame_of(picture=b"\xff\xd8 marked"), (ask("motion"),))

    answers = checked([query], FakeEngine({b"marked": Fault.NAN}).answer([query]))

    assert answers == [(Answer("q_motion", unknown_reason="the engine gave no number"),)]


def test_an_engine_that_answers_something_else_is_refused(frame_of: MakeFrame, ask: Ask) -> None:
    query = Query(frame_of("gate"), (ask("motion"),))

    with pytest.raises(EngineError, match="'gate'"):
        checked([query], [(Answer("q_dark", margin=1.0),)])
    with pytest.raises(EngineError, match="1 frames were asked, 0 answered"):
        checked([query], [])


@pytest.mark.parametrize(("fault", "error"), [(Fault.FAIL, EngineError), (Fault.MEMORY, MemoryError)])
def test_the_fake_fails_on_demand(
    frame_of: MakeFrame, ask: Ask, fault: Fault, error: type[Exception]
) -> None:
    query = Query(frame_of(picture=b"\xff\xd8 marked"), (ask("motion"),))

    with pytest.raises(error):
        FakeEngine({b"marked": fault}).answer([query])


def assert_alike(given: tuple[Answer, ...], expected: tuple[Answer, ...]) -> None:
    """A sum over a batch is rounded in another order than a sum over one frame; nothing else may differ."""
    for one, other in zip(given, expected, strict=True):
        assert one.margin == pytest.approx(other.margin, abs=1e-4)
        assert one.mass == pytest.approx(other.mass, abs=1e-4)
        assert msgspec.structs.replace(one, margin=None, mass=1.0) == msgspec.structs.replace(
            other, margin=None, mass=1.0
        )


def _some_pictures(request: pytest.FixtureRequest, frame_of: MakeFrame) -> list[bytes]:
    """Real ones where they are, so that detections are compared too."""
    if "with" in request.node.name and "without" not in request.node.name:
        images = request.getfixturevalue("assets") / "images"
        return [(images / name).read_bytes() for name in ("demo_bus.jpg", "pbc_000.8s.jpg", "vtest_043.0s.jpg")]
    return [frame_of().picture, frame_of().picture[:-2] + b"\xff\xd9"]
