import ipaddress
from pathlib import Path

import pytest

from analyzer.engine import Query
from analyzer.openai.engine import OpenAIEngine
from analyzer.openai.options import THIS_MACHINE, ServerOptions, from_settings
from contracts.errors import ConfigError, EngineError
from contracts.explain import ExplainRequest
from contracts.messages import Answer
from contracts.settings import load_settings
from tests.analyzer.openai.conftest import AskText, MakeFrame, Open, Serve
from tests.analyzer.openai.scripted import SocketServer, running

#: so that loopback is another's machine
ELSEWHERE = (ipaddress.ip_network("10.9.0.0/16"),)


@pytest.fixture
def asked(frame_of: MakeFrame, ask_text: AskText) -> tuple[Query, Query]:
    """One camera whose pictures must stay, one whose pictures may go."""
    questions = (ask_text("a car"), ask_text("a dog"))
    return Query(frame_of("private"), questions, keep_local=True), Query(frame_of("open"), questions)


def first(engine: OpenAIEngine, query: Query) -> Answer:
    return engine.answer([query])[0][0]


def test_a_picture_that_must_stay_is_never_sent_to_another_machine(
    serve: Serve, open_at: Open, asked: tuple[Query, Query]
) -> None:
    server = serve()
    engine = open_at(server, local_networks=ELSEWHERE)

    private, free = engine.answer(list(asked))

    assert {answer.unknown_reason for answer in private} == {"camera forbids sending pictures to '127.0.0.1'"}
    assert all(answer.margin is not None for answer in free)
    assert len(server.of_cameras) == len(free)


def test_a_private_camera_counts_nothing_against_the_server(
    serve: Serve, open_at: Open, asked: tuple[Query, Query]
) -> None:
    engine = open_at(serve(), local_networks=ELSEWHERE)

    for _ in range(5):
        first(engine, asked[0])

    assert first(engine, asked[1]).margin is not None


def test_this_machine_is_local(serve: Serve, open_at: Open, asked: tuple[Query, Query]) -> None:
    assert first(open_at(serve()), asked[0]).margin is not None


def test_a_name_counts_as_what_it_resolves_to_and_just_that_is_dialled(
    serve: Serve, open_at: Open, asked: tuple[Query, Query]
) -> None:
    server = serve()
    named = ServerOptions(server.url.replace("127.0.0.1", "localhost"))

    local = first(open_at(named, local_networks=THIS_MACHINE), asked[0])
    sent = server.of_cameras[-1].headers["host"]
    foreign = first(open_at(named, local_networks=ELSEWHERE), asked[0])

    assert local.margin is not None
    assert sent == named.url.removeprefix("http://").removesuffix("/v1")
    assert foreign.unknown_reason == "camera forbids sending pictures to 'localhost'"


def test_an_explanation_stays_too(serve: Serve, open_at: Open, jpeg: bytes) -> None:
    server = serve()
    engine = open_at(server, local_networks=ELSEWHERE)

    with pytest.raises(EngineError, match="camera forbids sending pictures to"):
        engine.explain(ExplainRequest("private", ("x",), ("Is a car visible?",), keep_local=True), [jpeg])

    assert server.of_cameras == []


def test_a_socket_file_is_local(tmp_path: Path, open_at: Open, asked: tuple[Query, Query]) -> None:
    with running(SocketServer(tmp_path / "vl.sock")) as server:
        answer = first(open_at(server, local_networks=()), asked[0])

    assert answer.margin is not None


def test_the_settings_add_networks_to_this_machine() -> None:
    options = from_settings(load_settings(openai_url="http://vl:8000", openai_local="10.1.0.0/16, 192.168.3.4"))

    assert options.servers[0].url == "http://vl:8000/v1"
    assert [str(network) for network in options.local_networks[2:]] == ["10.1.0.0/16", "192.168.3.4/32"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"openai_url": ""}, "PLAINWATCH_OPENAI_URL"),
        ({"openai_url": "ftp://host/v1"}, "no server's address"),
        ({"openai_url": "http://me:sesame@host/v1"}, "holds a password"),
        ({"openai_url": "http://host/v1", "openai_local": "next door"}, "PLAINWATCH_OPENAI_LOCAL"),
        ({"openai_url": "http://host/v1", "openai_api_key": "sesame,sesame"}, "2 keys for 1 servers"),
    ],
)
def test_a_wrong_setting_is_named_and_tells_no_secret(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=named) as refused:
        from_settings(load_settings(**given))

    assert "sesame" not in str(refused.value)
