import hashlib
import threading

import pytest
import simplejpeg

from analyzer import prompt
from analyzer.engine import Query
from analyzer.openai.engine import open_openai_engine
from analyzer.openai.score import TEXT_MARGIN
from analyzer.openai.shown import two_pictures
from contracts.settings import load_settings
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve
from tests.analyzer.openai.scripted import Asked, Handler, drawn_margin, split

RED, BLUE = two_pictures(7)


def test_probabilities_of_asked_for_tokens_become_margin_and_mass(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    engine = open_at(serve(margin=lambda asked: 1.5 if "a car" in asked.text else -2.5))

    answers = engine.answer([Query(frame_of(), (ask_text("a car"), ask_text("a dog")))])[0]

    assert [answer.margin for answer in answers] == [pytest.approx(1.5), pytest.approx(-2.5)]
    assert [answer.mass for answer in answers] == [pytest.approx(0.98)] * 2
    assert engine.capabilities("a").model.revision == f"tiny-vl-r1+256+{prompt.prompt_hash()}"


def test_a_server_without_token_ids_is_asked_for_its_likeliest(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve(gives="top", margin=lambda _: 1.5)

    engine = open_at(server)
    answer = engine.answer([Query(frame_of(), (ask_text("a car"),))])[0][0]

    assert answer.margin == pytest.approx(1.5)
    assert engine.capabilities("a").model.revision.endswith("+top")
    assert server.of_cameras[0].body["top_logprobs"] == 20
    assert "uuid" not in server.of_cameras[0].parts[0]


def test_a_yes_that_is_not_among_the_likeliest_is_a_no_as_sure_as_the_list_shows(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    def top(asked: Asked) -> list[tuple[str, float]]:
        if asked.is_self_test:
            return [("Yes", split(drawn_margin(asked), 0.9)[0]), ("No", split(drawn_margin(asked), 0.9)[1])]
        return [("No", -0.1), ("None", -3.0), ("The", -6.0)]

    answer = open_at(serve(gives="top", top=top)).answer([Query(frame_of(), (ask_text("a car"),))])[0][0]

    assert answer.margin == pytest.approx(-5.9)


def test_a_server_that_refuses_unknown_fields_is_asked_without_them(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    engine = open_at(serve(strict=True))

    assert engine.capabilities("a").model.revision.endswith("+top")
    assert engine.answer([Query(frame_of(), (ask_text("a car"),))])[0][0].margin is not None


def test_without_probabilities_words_are_taken_and_marked(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    said = {"a car": "Yes, a red one", "a dog": "No.", "a cat": "I cannot tell"}
    engine = open_at(
        serve(gives="text", words=lambda asked: next((said[key] for key in said if key in asked.text), "red"))
    )

    answers = engine.answer([Query(frame_of(), tuple(ask_text(key) for key in said))])[0]

    assert [answer.margin for answer in answers] == [TEXT_MARGIN, -TEXT_MARGIN, None]
    assert answers[2].unknown_reason == "the model answered neither yes nor no: 'I cannot tell'"
    assert engine.capabilities("a").model.revision.endswith("+text")


def test_a_low_mass_is_unknown(serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText) -> None:
    answer = open_at(serve(mass=0.02)).answer([Query(frame_of(), (ask_text("a car"),))])[0][0]

    assert answer.margin is None
    assert "2.0%" in (answer.unknown_reason or "")
    assert answer.mass == pytest.approx(0.02)


def test_one_question_goes_first_then_the_others_at_once_behind_the_same_bytes(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    others = threading.Barrier(3)

    def fault(handler: Handler) -> bool:
        if len(handler.server.of_cameras) > 1:
            others.wait(timeout=15)  # passes only if the three are under way together
        return False

    server = serve(fault=fault)
    questions = tuple(ask_text(key) for key in ("a car", "a dog", "a bus", "a cat"))

    answers = open_at(server).answer([Query(frame_of(), questions)])[0]

    assert all(answer.margin is not None for answer in answers)
    bodies = [asked.raw for asked in server.of_cameras]
    assert len(bodies) == 4
    common = bodies[0][: next(at for at, same in enumerate(zip(*bodies, strict=False)) if len(set(same)) > 1)]
    assert common.endswith(b'"text":"' + f"{prompt.instruction(1)}\\nQuestion: Is a ".encode())
    assert len({asked.raw.rpartition(b"]}]")[2] for asked in server.of_cameras}) == 1


def test_a_picture_is_named_by_its_content_and_never_by_its_camera(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve()
    batch = [Query(frame_of("gate", picture=picture), (ask_text("a car"),)) for picture in (RED, BLUE)]

    open_at(server).answer(batch)

    named = {asked.parts[0]["uuid"] for asked in server.of_cameras}
    assert named == {hashlib.sha256(picture).hexdigest() for picture in (RED, BLUE)}
    assert all(b"gate" not in asked.raw for asked in server.of_cameras)
    assert {asked.pictures[0] for asked in server.of_cameras} == {RED, BLUE}


def test_a_request_asks_for_one_token_without_chance(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve()

    open_at(server).answer([Query(frame_of(), (ask_text("a car"),))])

    body = server.of_cameras[0].body
    assert (body["max_tokens"], body["temperature"]) == (1, 0)
    assert body["logprob_token_ids"] == [11, 12, 21, 22]
    assert "cache_salt" not in body


def test_a_question_in_chinese_is_put_in_chinese(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve()

    open_at(server).answer([Query(frame_of(), (ask_text("q", "画面中有人吗?", lang="zh"),))])

    assert server.of_cameras[0].text == f"{prompt.instruction(1)}\n{prompt.asked('画面中有人吗?', 'zh')}"


def test_a_question_about_several_frames_shows_them_oldest_first(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText, jpeg: bytes
) -> None:
    server = serve()
    earlier = (frame_of(seq=1, picture=jpeg), frame_of(seq=2, picture=BLUE))
    questions = (ask_text("someone running", frames=2), ask_text("a car"), ask_text("a fight", frames=4))

    answers = open_at(server).answer([Query(frame_of(seq=3, picture=RED), questions, earlier)])[0]

    by_pictures = {len(asked.parts): asked for asked in server.of_cameras}
    assert by_pictures[2].pictures == [BLUE, RED]
    assert by_pictures[2].text.startswith(prompt.instruction(2))
    assert by_pictures[1].pictures == [RED]
    assert [answer.margin is None for answer in answers] == [False, False, True]
    assert answers[2].unknown_reason == "the question needs 4 frames, the camera has given 3"


def test_a_broken_picture_is_told_without_asking_anybody(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText, jpeg: bytes
) -> None:
    server = serve()
    broken = Query(frame_of("broken", picture=jpeg[: len(jpeg) // 2]), (ask_text("a car"),))
    sound = Query(frame_of("sound"), (ask_text("a car"),))

    answers = open_at(server).answer([broken, sound])

    assert "could not be decoded" in (answers[0][0].unknown_reason or "")
    assert answers[1][0].margin is not None
    assert len(server.of_cameras) == 1


def test_no_more_questions_are_under_way_than_allowed(
    serve: Serve, open_at: Open, frame_of: MakeFrame, ask_text: AskText
) -> None:
    under_way, most = [0], [0]
    lock = threading.Lock()

    def fault(handler: Handler) -> bool:
        with lock:
            under_way[0] += 1
            most[0] = max(most[0], under_way[0])
        handler.server.over.wait(0.01)
        with lock:
            under_way[0] -= 1
        return False

    questions = tuple(ask_text(f"thing {number}") for number in range(6))
    batch = [Query(frame_of(f"cam_{number}"), questions) for number in range(3)]

    open_at(serve(fault=fault), at_once=2).answer(batch)

    assert most[0] == 2


def test_a_frame_of_a_site_with_settings_goes_the_same_way(
    serve: Serve, frame_of: MakeFrame, ask_text: AskText
) -> None:
    server = serve()
    settings = load_settings(openai_url=server.url, openai_api_key="sk-one", openai_revision="2026-10")
    engine = open_openai_engine(settings)

    answer = engine.answer([Query(frame_of(), (ask_text("a car"),))])[0][0]
    engine.close()

    assert answer.margin is not None
    assert engine.capabilities("a").model.revision.startswith("2026-10+")
    assert server.of_cameras[0].headers["authorization"] == "Bearer sk-one"


def test_the_two_pictures_of_the_self_test_are_sound_and_of_one_size() -> None:
    heads = [simplejpeg.decode_jpeg_header(picture) for picture in (RED, BLUE)]

    assert heads[0] == heads[1]
    assert RED != two_pictures(8)[0]
