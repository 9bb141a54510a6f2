from dataclasses import replace

import pytest

from contracts.errors import Conflict
from store.database import Database
from store.deliveries import add_delivery, page_of_deliveries
from store.endpoints import (
    EndpointRow,
    add_endpoint,
    change_endpoint,
    endpoint_by_id,
    page_of_endpoints,
    remove_endpoint,
)
from store.times import from_text

PHONE = EndpointRow(
    id="end_1",
    name="phone",
    url="https://hooks.example.com/***",
    sealed_url=b"sealed url",
    sealed_secret=b"sealed secret",
    created_at="2026-11-22T09:00:00.000Z",
    event_types=("incident.opened",),
)


def test_an_endpoint_comes_back_as_it_was_and_changes(database: Database) -> None:
    failing = replace(PHONE, enabled=False, status="failing", failing_since="2026-11-22T10:00:00.000Z")
    with database.write() as connection:
        add_endpoint(connection, PHONE)
        before = endpoint_by_id(connection, "end_1")
        change_endpoint(connection, failing)

    with database.read() as connection:
        assert before == PHONE
        assert page_of_endpoints(connection, after="", limit=5) == (failing,)
        assert page_of_endpoints(connection, after="end_1", limit=5) == ()


def test_a_name_is_taken_once(database: Database) -> None:
    with database.write() as connection:
        add_endpoint(connection, PHONE)

    with pytest.raises(Conflict, match="'phone'"), database.write() as connection:
        add_endpoint(connection, replace(PHONE, id="end_2"))


def test_the_deliveries_of_an_endpoint_go_with_it(database: Database) -> None:
    with database.write() as connection:
        add_endpoint(connection, PHONE)
        add_delivery(connection, endpoint_id="end_1", type="test.ping", body="{}", now=from_text(PHONE.created_at))

    with database.write() as connection:
        assert remove_endpoint(connection, "end_1")
        assert not remove_endpoint(connection, "end_1")
        assert page_of_deliveries(connection, before="", limit=5) == ()
