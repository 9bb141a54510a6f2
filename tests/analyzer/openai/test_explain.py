import pytest

from analyzer.engine import Explainer, Writer, probability
from contracts.errors import EngineError, Invalid
from contracts.explain import ExplainRequest
from tests.analyzer.openai.conftest import Open, Serve
from tests.analyzer.openai.scripted import Asked, Handler

CAR, DOG = "Is a red car visible?", "Is a dog visible?"
REQUEST = ExplainRequest("gate", ("sha",), (CAR,))


def wrote(boxes: str, sentence: str = "A red car stands at the gate.\nIt is red.") -> dict[str, object]:
    return {"writes": lambda asked: boxes if "Locate in" in asked.text else sentence, "margin": lambda _: 2.0}


def test_a_sentence_and_boxes_come_from_the_same_picture(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    server = serve(**wrote('{"boxes":[{"bbox_2d":[100,200,500,800],"label":"car"}]}'))
    engine = open_at(server)

    explained = engine.explain(REQUEST, [jpeg])

    assert isinstance(engine, Explainer)
    assert explained.text == "A red car stands at the gate."
    assert explained.model == engine.capabilities("a").model
    assert explained.grounded
    (found,) = explained.detections
    assert found.box == (0.1, 0.2, 0.5, 0.8)
    assert found.label == "a red car"
    assert found.score == pytest.approx(probability(2.0))
    assert {asked.parts[0]["uuid"] for asked in server.of_cameras} == {server.of_cameras[0].parts[0]["uuid"]}


def test_boxes_are_asked_for_in_a_schema_and_read_from_prose_where_it_is_refused(
    serve: Serve, open_at: Open, jpeg: bytes
) -> None:
    def fault(handler: Handler) -> bool:
        if "response_format" not in handler.server.of_cameras[-1].body:
            return False
        handler.give(400, {"error": {"message": "response_format is not supported"}})
        return True

    held, free = serve(**wrote('[{"bbox_2d":[0,0,500,500]}]')), serve(**wrote("At [0, 0, 500, 500]."), fault=fault)

    explained = [open_at(server).explain(REQUEST, [jpeg]) for server in (held, free)]

    assert explained[0].detections == explained[1].detections != ()
    forms = [asked.body["response_format"]["type"] for asked in held.of_cameras if "response_format" in asked.body]
    assert forms == ["json_schema"]


def test_boxes_in_pixels_are_of_the_picture_that_was_sent(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    engine = open_at(serve(**wrote("[[35, 28, 70, 56]]")), boxes="absolute_pixels")

    # Of 160 x 120 pixels, 140 x 112 are whole squares of 28.
    explained = engine.explain(REQUEST, [jpeg])

    assert explained.detections[0].box == (0.25, 0.25, 0.5, 0.5)


def test_a_claim_without_a_box_is_not_grounded(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    def writes(asked: Asked) -> str:
        if "Locate in" in asked.text:
            return "[[0,0,500,500]]" if "car" in asked.text else "[]"
        return "A car and a dog."

    engine = open_at(serve(writes=writes))

    both = engine.explain(ExplainRequest("gate", ("sha",), (CAR, DOG)), [jpeg])

    assert [found.label for found in both.detections] == ["a red car"]
    assert not both.grounded


def test_a_model_that_writes_no_boxes_is_not_asked_for_them(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    server = serve(**wrote("[[0,0,500,500]]"))

    explained = open_at(server, boxes="none").explain(REQUEST, [jpeg])

    assert len(server.of_cameras) == 1
    assert not explained.grounded


def test_the_sentence_is_asked_for_in_the_language_of_the_rule(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    server = serve(**wrote("[]", "一辆红色的车停在门口。"))

    explained = open_at(server, boxes="none").explain(
        ExplainRequest("gate", ("a", "b"), ("画面中有车吗?",), lang="zh"), [jpeg, jpeg]
    )

    assert explained.text == "一辆红色的车停在门口。"
    assert "中文" in server.of_cameras[0].text
    assert len(server.of_cameras[0].parts) == 2


def test_silence_a_broken_picture_and_a_failing_server_are_errors(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    silent = open_at(serve(**wrote("[]", " \n ")))
    failing = open_at(serve(fault=lambda handler: handler.give(500, b"") is None))

    with pytest.raises(EngineError, match="said nothing"):
        silent.explain(REQUEST, [jpeg])
    with pytest.raises(EngineError, match="answered 500"):
        failing.explain(REQUEST, [jpeg])
    with pytest.raises(Invalid, match="picture"):
        silent.explain(REQUEST, [jpeg[:200]])


@pytest.mark.parametrize(
    ("ends", "wrote", "told"),
    [
        ("length", "A man climbs over the fen", "A man climbs over the…"),
        ("length", "A man climbs. He we", "A man climbs."),
        ("stop", "A man climbs over the fence", "A man climbs over the fence"),
    ],
)
def test_a_sentence_that_the_server_cut_off_is_not_told_as_a_whole_one(
    serve: Serve, open_at: Open, jpeg: bytes, ends: str, wrote: str, told: str
) -> None:
    engine = open_at(serve(writes=lambda _: wrote, ends=ends), boxes="none")

    assert engine.explain(REQUEST, [jpeg]).text == told


def test_text_is_written_without_a_picture(serve: Serve, open_at: Open) -> None:
    server = serve(writes=lambda asked: f"{len(asked.text)} characters")
    engine = open_at(server)

    text = engine.write("Turn this sentence into a plan.")

    assert isinstance(engine, Writer) and engine.capabilities("a").writes
    assert text == "31 characters"
