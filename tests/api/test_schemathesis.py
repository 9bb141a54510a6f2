"""Requests that nobody would write by hand, made from the OpenAPI document, against the real running app."""

import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.running import IngestWorker, Site

#: 60 of each found nothing that these do not
EXAMPLES = 5
TIMEOUT_S = 10.0
WAIT_S = 0.5
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: it answers for as long as one listens
ENDLESS = {"/api/v1/events"}
#: without one they say 503; every other 503 is a failure
NEED_AN_ENGINE = {"POST /api/v1/rules/backtest", "POST /api/v1/rules/{rule_id}/check"}
Operation = APIOperation[Any, Any, Any, Any]


def operations(schema: BaseSchema) -> list[Operation]:
    """Those that remove something come last."""
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda each: each.method.upper() == "DELETE")


def document_of(site: Site) -> BaseSchema:
    schema = schemathesis.openapi.from_dict(site.client().get("/openapi.json").json())
    schema.config.update(base_url=site.url)
    return schema


def known_ids(site: Site) -> dict[str, str]:
    """So that a part of the requests comes past 'does not exist'."""
    camera, endpoint = site.add_camera("known"), site.add_endpoint("known")
    rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
    return {"camera_id": str(camera["id"]), "endpoint_id": str(endpoint["id"]), "rule_id": rule["id"]}


def cases(operation: Operation, known: dict[str, str]) -> st.SearchStrategy[Case]:
    """What fits the document, and what does not; of things that are there, and of others."""
    modes = [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
    named = {each.name: known[each.name] for each in operation.path_parameters if each.name in known}
    if named and len(named) == len(list(operation.path_parameters)):
        modes.append(operation.as_strategy(path_parameters=named))
    return st.one_of(modes)


def hurry(case: Case) -> None:
    """An operation that may wait for half a minute is asked to wait for less."""
    wait_s = (case.query or {}).get("wait_s")
    if isinstance(wait_s, int | float) and WAIT_S < wait_s < 3 * TIMEOUT_S:
        case.query["wait_s"] = WAIT_S


def is_nobody_there(operation: Operation, response: schemathesis.Response) -> bool:
    """No engine runs here; that is said with 503, in words, and is no failure of the API."""
    return (
        operation.label in NEED_AN_ENGINE and response.status_code == 503 and response.json()["code"] == "unavailable"
    )


def tried(operation: Operation, known: dict[str, str], headers: dict[str, str]) -> list[str]:
    """What is wrong with the answers."""
    wrong: list[str] = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases(operation, known))
    def send(case: Case) -> None:
        hurry(case)
        response = case.call(headers=headers, timeout=TIMEOUT_S)
        try:
            checks = CHECKS[1:] if is_nobody_there(operation, response) else CHECKS
            case.validate_response(response, checks=checks)
        except schemathesis.core.failures.FailureGroup as failed:
            wrong.append(f"{operation.label}: {response.status_code}\n{failed}")

    send()
    return wrong


def test_no_request_breaks_the_api_or_gets_an_answer_that_is_not_documented(site: Site, ingest: IngestWorker) -> None:
    schema, known = document_of(site), known_ids(site)
    headers = {"Authorization": site.admin.headers["authorization"]}
    assert {operation.label for operation in operations(schema)} >= NEED_AN_ENGINE

    wrong = [
        problem
        for operation in operations(schema)
        if operation.path not in ENDLESS
        for problem in tried(operation, known, headers)
    ]

    assert wrong == []


@pytest.mark.parametrize("key", ["", "pw_key_nobody-made-this-one", "pw_setup_x"], ids=["none", "wrong", "set-up"])
def test_every_operation_refuses_who_has_no_good_key(site: Site, key: str) -> None:
    document = site.client().get("/openapi.json").json()
    known, client = known_ids(site), site.client(key)
    guarded = [
        (method, path)
        for path, item in document["paths"].items()
        for method in item
        if path.startswith(("/api/", "/metrics"))
    ]

    answers = {
        (method, path): client.request(method, re.sub(r"{(\w+)(:path)?}", lambda m: known.get(m[1], "x"), path))
        for method, path in guarded
    }

    assert len(guarded) > 40
    assert {name for name, answer in answers.items() if answer.status_code != 401} == set()
    for answer in answers.values():
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"]


def test_only_these_operations_need_no_key(site: Site) -> None:
    document = site.client().get("/openapi.json").json()

    unguarded = {path for path in document["paths"] if not path.startswith(("/api/", "/metrics"))}

    assert unguarded <= {"/", "/health"}
