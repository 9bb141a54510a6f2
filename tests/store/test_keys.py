from dataclasses import replace

from store.audit import note, notes_on
from store.database import Database
from store.keys import (
    KeyRow,
    add_key,
    key_by_hash,
    page_of_keys,
    revoke_key,
    revoke_one_time_keys,
    touch_key,
    valid_admin_keys,
)
from store.outbound import allow_target, allowed_targets
from store.times import from_text

AT, LATER = "2026-11-22T09:00:00.000Z", "2026-11-22T10:00:00.000Z"
ADMIN = KeyRow("key_1", "me", "hash 1", ("admin",), AT)


def test_a_key_is_found_by_its_hash_and_remembers_its_use(database: Database) -> None:
    with database.write() as connection:
        add_key(connection, ADMIN)
        touch_key(connection, "key_1", now=LATER)

    with database.read() as connection:
        assert key_by_hash(connection, "hash 1") == replace(ADMIN, last_used_at=LATER)
        assert key_by_hash(connection, "hash 2") is None
        assert len(page_of_keys(connection, after="", limit=5)) == 1


def test_a_key_is_revoked_by_exactly_one_caller(database: Database) -> None:
    with database.write() as connection:
        add_key(connection, ADMIN)

        assert revoke_key(connection, "key_1", now=LATER)
        assert not revoke_key(connection, "key_1", now=LATER)

        found = key_by_hash(connection, "hash 1")
    assert found and not found.valid_at(LATER)


def test_only_admins_keys_that_open_something_count_as_such(database: Database) -> None:
    others = (
        replace(ADMIN, id="key_2", hash="2", scopes=("view",)),
        replace(ADMIN, id="key_3", hash="3", one_time=True),
        replace(ADMIN, id="key_4", hash="4", expires_at=AT),
        replace(ADMIN, id="key_5", hash="5", revoked_at=AT),
    )
    with database.write() as connection:
        for key in (ADMIN, *others):
            add_key(connection, key)

        assert valid_admin_keys(connection, now=LATER) == (ADMIN,)
        revoke_one_time_keys(connection, now=LATER)
        one_time = key_by_hash(connection, "3")

    assert one_time and one_time.revoked_at == LATER


def test_a_private_target_is_allowed_for_its_kind_only_and_allowing_twice_is_harmless(database: Database) -> None:
    at = from_text(AT)
    with database.write() as connection:
        for _ in range(2):
            allow_target(connection, "127.0.0.1:9000", "webhook", by="key_1", now=at)
        note(connection, actor="key_1", action="private webhook target allowed", subject="end_1", detail="x", now=at)

    with database.read() as connection:
        assert allowed_targets(connection, "webhook") == ("127.0.0.1:9000",)
        assert allowed_targets(connection, "camera") == ()
        assert notes_on(connection, "end_1") == (("key_1", "private webhook target allowed", "x"),)
