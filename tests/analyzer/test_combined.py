"""Two engines as one: who is asked what, and what the failure of one does to the other."""

from collections.abc import Callable, Sequence

import pytest

from analyzer.combined import CombinedEngine
from analyzer.edge.engine import EdgeEngine
from analyzer.engine import Explainer, Query, Writer
from analyzer.fake import FakeEngine, Fault
from contracts.errors import EngineError
from contracts.explain import ExplainRequest
from contracts.messages import Answer, Capabilities, Keyframe, ModelRef, Scene
from contracts.site import AskedQuestion

MakeFrame = Callable[..., Keyframe]
Ask = Callable[..., AskedQuestion]


class _Counting(EdgeEngine):
    """The edge engine with a detector that sees one person everywhere; it remembers the frames it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[int] = []

    def capabilities(self, worker: str) -> Capabilities:
        known = super().capabilities(worker)
        return Capabilities(worker, "edge", known.model, ("person",), ("objects", *known.predicates))

    def answer(self, batch: Sequence[Query]) -> list[tuple[Answer, ...]]:
        self.shown.append(len(batch))
        return [tuple(Answer(one.key, margin=2.0, count=1) for one in query.questions) for query in batch]


def test_the_detector_gets_what_it_knows_and_the_reader_everything_else(frame_of: MakeFrame, ask: Ask) -> None:
    questions = (ask("text"), ask("objects", "person"), ask("objects", "person", "dog"), ask("motion"))
    query = Query(frame_of(), questions)

    (answers,) = CombinedEngine(_Counting(), FakeEngine()).answer([query])

    assert [answer.question_key for answer in answers] == [question.key for question in questions]
    assert [answer.by for answer in answers] == ["", "edge", "", "edge"]
    assert [answer.count for answer in answers] == [None, 1, None, 1]
    assert answers[0] == FakeEngine().answer([Query(query.frame, questions[:1])])[0][0]


def test_a_frame_is_shown_only_to_who_is_asked_about_it(frame_of: MakeFrame, ask: Ask) -> None:
    edge, reader = _Counting(), FakeEngine()
    engine = CombinedEngine(edge, reader)

    engine.answer([Query(frame_of("a"), (ask("motion"),)), Query(frame_of("b"), (ask("motion"), ask("text")))])
    engine.answer([Query(frame_of("a"), (ask("motion"),))])

    assert (edge.shown, reader.batches) == ([2, 1], [1])


def test_its_capabilities_are_those_of_both(frame_of: MakeFrame) -> None:
    offered = CombinedEngine(_Counting(), FakeEngine()).capabilities("w")

    assert (offered.engine, offered.model) == ("fake", ModelRef("fake", "1", "fake"))
    assert (offered.free_text, offered.explains) == (True, True)
    assert offered.labels == ("person",)
    assert {"objects", "motion"} <= set(offered.predicates)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(Fault.FAIL, "the engine failed: fake engine: a marked picture came"), (Fault.MEMORY, "out of memory")],
)
def test_the_readers_failure_on_one_frame_leaves_the_detectors_answers_standing(
    frame_of: MakeFrame, ask: Ask, fault: Fault, reason: str
) -> None:
    query = Query(
        frame_of(picture=b"\xff\xd8 marked", scene=Scene(motion=0.2, warm=True)), (ask("text"), ask("motion"))
    )

    (answers,) = CombinedEngine(EdgeEngine(), FakeEngine({b"marked": fault})).answer([query])

    assert reason in (answers[0].unknown_reason or "")
    assert (answers[1].margin or 0) > 0


@pytest.mark.parametrize(("fault", "error"), [(Fault.FAIL, EngineError), (Fault.MEMORY, MemoryError)])
def test_the_readers_failure_on_several_frames_is_told_so_that_they_can_be_halved(
    frame_of: MakeFrame, ask: Ask, fault: Fault, error: type[Exception]
) -> None:
    marked = Query(frame_of(picture=b"\xff\xd8 marked"), (ask("text"),))
    engine = CombinedEngine(EdgeEngine(), FakeEngine({b"marked": fault}))

    with pytest.raises(error):
        engine.answer([marked, Query(frame_of(), (ask("motion"),))])


def test_explaining_is_the_readers_affair(frame_of: MakeFrame) -> None:
    request = ExplainRequest("cam_1", ("sha",), ("Is a person visible?",))
    picture = frame_of().picture

    engine = CombinedEngine(EdgeEngine(), FakeEngine())
    mute = CombinedEngine(EdgeEngine(), EdgeEngine())

    assert isinstance(engine, Explainer)
    assert engine.explain(request, [picture]) == FakeEngine().explain(request, [picture])
    assert not mute.capabilities("w").explains
    with pytest.raises(EngineError, match="does not explain"):
        mute.explain(request, [picture])


def test_writing_is_the_readers_affair() -> None:
    engine = CombinedEngine(EdgeEngine(), FakeEngine())
    mute = CombinedEngine(EdgeEngine(), EdgeEngine())

    assert isinstance(engine, Writer) and engine.capabilities("w").writes
    assert engine.write("a sentence") == FakeEngine().write("a sentence")
    assert not mute.capabilities("w").writes
    with pytest.raises(EngineError, match="does not write"):
        mute.write("a sentence")
