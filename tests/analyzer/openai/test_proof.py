import logging

import pytest

from analyzer.openai.options import ServerOptions
from contracts.errors import EngineError
from tests.analyzer.openai.conftest import Open, Serve
from tests.analyzer.openai.scripted import Asked, drawn_margin


def test_a_server_that_gives_every_picture_the_answer_of_the_first_is_refused(serve: Serve, open_at: Open) -> None:
    kept: dict[str, float] = {}
    server = serve(proof_margin=lambda asked: kept.setdefault(asked.text, drawn_margin(asked)))

    with pytest.raises(EngineError, match="mixes up pictures: two different pictures got the same answer") as refused:
        open_at(server)

    assert server.url in str(refused.value)
    assert "turn its prefix cache off" in str(refused.value)


def test_a_server_that_gives_each_picture_the_answer_of_the_one_before_is_refused(
    serve: Serve, open_at: Open
) -> None:
    seen: list[float] = [3.3]

    def one_late(asked: Asked) -> float:
        seen.append(drawn_margin(asked))
        return seen[-2] + 0.01 * len(seen)

    server = serve(gives="top", proof_margin=one_late)

    with pytest.raises(EngineError, match="mixes up pictures"):
        open_at(server)


def test_a_cache_that_repeats_a_wrong_answer_is_found_by_passing_it_by(serve: Serve, open_at: Open) -> None:
    server = serve(proof_margin=lambda asked: drawn_margin(asked) * (1 if "cache_salt" in asked.body else -1))

    with pytest.raises(EngineError, match="with and without its cache"):
        open_at(server)


def test_noise_of_a_few_hundredths_is_no_mix_up(serve: Serve, open_at: Open) -> None:
    turns = iter(range(100))
    server = serve(proof_margin=lambda asked: drawn_margin(asked) + 0.004 * (next(turns) % 3))

    open_at(server)


def test_the_pictures_are_asked_about_in_turns_with_the_words_of_everyday(serve: Serve, open_at: Open) -> None:
    server = serve()

    open_at(server)

    *_, a, b, a_again, b_again, a_fresh, b_fresh = server.asked
    assert a.raw == a_again.raw
    assert b.raw == b_again.raw
    assert a.pictures != b.pictures
    assert a.text == b.text
    assert (a_fresh.pictures, b_fresh.pictures) == (a.pictures, b.pictures)
    assert a_fresh.body["cache_salt"] != b_fresh.body["cache_salt"]
    assert a_fresh.body["cache_prompt"] is False


def test_words_that_were_anothers_are_refused_too(serve: Serve, open_at: Open) -> None:
    # three answers go to the question what the server can
    said = iter(["Yes", "Yes", "Yes", "red", "blue", "blue", "red"])
    server = serve(gives="text", words=lambda _: next(said))

    with pytest.raises(EngineError, match="the words that were another's"):
        open_at(server)


def test_words_that_are_the_same_for_both_prove_nothing_and_are_said_so(
    serve: Serve, open_at: Open, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve(gives="text", words=lambda _: "grey")

    with caplog.at_level(logging.WARNING):
        open_at(server)

    assert "self-test could not tell two pictures apart by words" in caplog.messages


def test_a_model_that_the_server_does_not_have_is_refused_with_those_it_has(serve: Serve, open_at: Open) -> None:
    with pytest.raises(EngineError, match="has no model 'big-vl', it has: tiny-vl"):
        open_at(serve(), model="big-vl")


def test_a_model_that_takes_no_pictures_is_refused(serve: Serve, open_at: Open) -> None:
    def fault(handler: object) -> bool:
        handler.give(400, {"error": "image input is not supported"})  # type: ignore[attr-defined]
        return True

    with pytest.raises(EngineError, match=r"takes no pictures with model 'tiny-vl'.*image input is not supported"):
        open_at(serve(fault=fault, fault_in_self_test=True))


def test_an_address_without_the_version_is_told_what_it_lacks(serve: Serve, open_at: Open) -> None:
    server = serve()

    with pytest.raises(EngineError, match="up to and with /v1"):
        open_at(ServerOptions(server.url + "/elsewhere"))
