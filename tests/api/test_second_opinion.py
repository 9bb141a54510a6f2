"""A model that writes is asked what a sentence means; its plan passes the grammar's checks or is left out."""

import threading
from collections.abc import Iterator

import msgspec
import pytest

from api.compiling import is_hard
from api.second_opinion import second_opinion
from contracts.jobs import answer_job, take_job
from contracts.messages import Capabilities, ModelRef
from contracts.opinion import JOB, ROOM, WriteRequest, Written
from contracts.plan import Status
from contracts.service import Stop
from rules.plan.compile import compile_rule
from rules.plan.proposal import Names
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

    plan = explained(site)

    assert plan["status"] == "refused"
    assert codes(plan) == ["vague", "no_second_opinion"]


def test_a_sentence_that_is_understood_is_shown_as_it_would_be_stored_and_no_model_is_asked(
    site: Site, model: ModelServer
) -> None:
    plan = explained(site, "a car is visible")

    assert (plan["status"], codes(plan), model.asked) == ("ok", [], [])


def test_another_text_of_a_rule_may_have_a_second_opinion_too(site: Site, model: ModelServer) -> None:
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    text = "tell me when things look odd"

    refused = site.admin.patch(f"/api/v1/rules/{rule['id']}", json={"text": text})
    changed = site.admin.patch(f"/api/v1/rules/{rule['id']}", json={"text": text, "second_opinion": True})

    assert refused.status_code == 422
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert changed.json()["plan"]["origin"] == "model"


@pytest.mark.parametrize(
    ("status", "unsure", "hard"), [("ok", False, False), ("ok", True, True), ("refused", False, True)]
)
def test_what_the_grammar_is_not_sure_of_may_have_a_second_opinion(status: Status, unsure: bool, hard: bool) -> None:
    plan = msgspec.structs.replace(compile_rule("a car is visible"), status=status, unsure=unsure)

    assert is_hard(plan) is hard


@pytest.mark.parametrize("says", ['{"questions": [], "logic": "q1"}', PLAN])
def test_an_unsure_plan_stands_where_the_model_has_nothing_better(site: Site, model: ModelServer, says: str) -> None:
    model.says = says
    text = "a car is visible"
    unsure = msgspec.structs.replace(compile_rule(text), unsure=True)

    plan = second_opinion(site.deps, text, Names(), unsure, [READER])

    assert plan.status == "ok"
    assert plan.origin == ("model" if says == PLAN else "grammar")
    assert plan.unsure is (says != PLAN)


def test_a_rule_is_written_by_the_model_s_reading_only_where_that_is_wished(site: Site, model: ModelServer) -> None:
    text = "tell me when things look odd"

    refused = site.admin.post("/api/v1/rules", json={"text": text})
    written = site.admin.post("/api/v1/rules", json={"text": text, "second_opinion": True})
    easy = site.admin.post("/api/v1/rules", json={"text": "a car is visible", "second_opinion": True})

    assert refused.status_code == 422
    assert written.status_code == 201 and written.json()["plan"]["origin"] == "model"
    assert easy.status_code == 201 and len(model.asked) == 1
