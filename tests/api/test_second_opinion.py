"""A model that writes is asked what a sentence means; its plan passes the grammar's checks or is left out."""

import threading
from collections.abc import Iterator

import msgspec
import pytest

from contracts.jobs import answer_job, take_job
from contracts.messages import Capabilities, ModelRef
from contracts.opinion import JOB, ROOM, WriteRequest, Written
from contracts.service import Stop
from tests.api.running import WAIT_S, Site, now

READER = Capabilities("analyzer-1", "openai", ModelRef("m", "1", "openai"), free_text=True, writes=True)
PLAN = '{"questions": [{"id": "q1", "text": "Is a person lying on the ground?"}], "logic": "q1"}'


class ModelServer:
    """Answers `write` jobs over the real bus with what the test says."""

    def __init__(self, site: Site) -> None:
        self._client = site.deps.client
        self.says = PLAN
        self.asked: list[str] = []

    def run(self, stop: Stop) -> None:
        while not stop.is_set():
            job = take_job(self._client, ROOM, wait_s=0.2)
            if job:
                answer_job(self._client, job, {JOB: self._write}, now=now())

    def _write(self, payload: bytes) -> bytes:
        self.asked.append(msgspec.msgpack.decode(payload, type=WriteRequest).prompt)
        return msgspec.msgpack.encode(Written(self.says, READER.model))


@pytest.fixture
def model(site: Site) -> Iterator[ModelServer]:
    model, stop = ModelServer(site), Stop()
    thread = threading.Thread(target=model.run, args=(stop,))
    thread.start()
    site.analyzer_is_online(READER)
    yield model
    stop.set()
    thread.join(timeout=WAIT_S)


def explained(site: Site, text: str = "tell me when things look odd") -> dict[str, object]:
    answer = site.admin.post("/api/v1/rules/explain", json={"text": text, "second_opinion": True})
    assert answer.status_code == 200, answer.text
    plan: dict[str, object] = answer.json()
    return plan


def codes(plan: dict[str, object]) -> list[str]:
    lint = plan["lint"]
    assert isinstance(lint, list)
    return [remark["code"] for remark in lint]


def test_a_proposal_that_passes_the_checks_is_shown_as_the_model_s(site: Site, model: ModelServer) -> None:
    plan = explained(site)

    assert plan["origin"] == "model"
    assert plan["questions"][0]["text"] == "Is a person lying on the ground?"  # type: ignore[index]
    assert "tell me when things look odd" in model.asked[0]


@pytest.mark.parametrize("said", ["I think you should call the police.", '{"questions": [], "logic": "q1"}'])
def test_a_proposal_that_does_not_hold_is_left_out_and_said_so(site: Site, model: ModelServer, said: str) -> None:
    model.says = said

    plan = explained(site)

    assert "origin" not in plan or plan["origin"] == "grammar"
    assert codes(plan)[-1] == "no_second_opinion"


def test_without_a_model_that_writes_the_grammar_s_reading_stands_and_says_so(site: Site) -> None:
    site.analyzer_is_online()

    plan = explained(site, "a car is visible")

    assert plan["status"] == "ok"
    assert codes(plan) == ["no_second_opinion"]


def test_a_rule_is_written_by_the_model_s_reading_only_where_that_is_wished(site: Site, model: ModelServer) -> None:
    text = "tell me when things look odd"

    refused = site.admin.post("/api/v1/rules", json={"text": text})
    written = site.admin.post("/api/v1/rules", json={"text": text, "second_opinion": True})
    easy = site.admin.post("/api/v1/rules", json={"text": "a car is visible", "second_opinion": True})

    assert refused.status_code == 422
    assert written.status_code == 201 and written.json()["plan"]["origin"] == "model"
    assert easy.status_code == 201 and len(model.asked) == 1
