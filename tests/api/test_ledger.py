import json
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from plainwatch.cli.app import app
from store.decision_block import Answered, Decided, Entry
from store.decisions import IngestDrop, add_block, note_ingest_drops
from tests.api.running import Site

AT = datetime(2026, 11, 22, 22, 14, 3, tzinfo=UTC)
AT_MS = int(AT.timestamp() * 1000)


class Noted:
    """A camera, a rule, and what was noted of them."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.camera = str(site.add_camera("gate", timezone="UTC")["id"])
        self.rule = site.admin.post("/api/v1/rules", json={"text": "a car is visible"}).json()
        self.client = site.with_scopes("view")

    @property
    def path(self) -> str:
        return f"/api/v1/cameras/{self.camera}/ledger"

    def note(self, *entries: Entry) -> None:
        with self._site.deps.database.write() as connection:
            add_block(connection, self.camera, entries, upto=0)

    def drop(self, reason: str, count: int, at: datetime = AT) -> None:
        with self._site.deps.database.write() as connection:
            note_ingest_drops(connection, [IngestDrop(self.camera, at, reason, count)])

    def decided(self, outcome: str, **values: object) -> Decided:
        return Decided(self.rule["id"], 1, outcome, **values)  # type: ignore[arg-type]

    def frame(self, seq: int, *decided: Decided, kind: str = "analysed", frames: int = 1, reason: str = "") -> Entry:
        at_ms = AT_MS + 1000 * (seq - 10)
        answers = (Answered("q_1", 31, 1),) if kind == "analysed" else ()
        since_ms = at_ms - 1000 * (frames - 1)
        return Entry(at_ms, since_ms, kind, 3, seq, frames, reason, answers, decided)  # type: ignore[arg-type]

    def why(self, *arguments: str) -> tuple[int, str]:
        key = self.client.headers["authorization"].removeprefix("Bearer ")
        command = ["why", "gate", *arguments, "--api", self._site.url]
        result = CliRunner().invoke(app, command, env={"PLAINWATCH_KEY": key})
        return result.exit_code, result.stdout


@pytest.fixture
def noted(site: Site) -> Noted:
    return Noted(site)


def test_an_item_says_which_frame_what_was_answered_and_what_came_of_it(noted: Noted) -> None:
    noted.note(noted.frame(10, noted.decided("below_threshold", percent=31, bar=35)))

    (item,) = noted.client.get(noted.path).json()["items"]

    assert item == {
        "from": "2026-11-22T22:14:03.000Z",
        "to": "2026-11-22T22:14:03.000Z",
        "kind": "analysed",
        "epoch": 3,
        "first_seq": 10,
        "last_seq": 10,
        "frames": 1,
        "answers": [{"question": "q_1", "score": 0.31, "count": 1}],
        "rules": [
            {
                "id": noted.rule["id"],
                "version": 1,
                "text": "a car is visible",
                "outcome": "below_threshold",
                "score": 0.31,
                "bar": 0.35,
            }
        ],
    }


def test_pages_give_every_item_once_and_only_of_the_time_asked_for(noted: Noted) -> None:
    noted.note(*(noted.frame(seq, noted.decided("below_threshold", percent=seq, bar=35)) for seq in range(1, 31)))
    window = {"from": (AT - timedelta(seconds=5)).isoformat(), "to": (AT + timedelta(seconds=5)).isoformat()}
    read: list[int] = []
    cursor = ""

    while True:
        page = noted.client.get(noted.path, params={"limit": "3", **window, **({"cursor": cursor} if cursor else {})})
        read += [item["last_seq"] for item in page.json()["items"]]
        cursor = page.json().get("next_cursor", "")
        if not cursor:
            break

    assert read == list(range(5, 15))


def test_frames_of_which_nothing_was_heard_say_what_ingest_gave_up_then(noted: Noted) -> None:
    noted.note(noted.frame(10, kind="dropped", frames=4, reason="unheard"))
    noted.drop("overwritten", 3)
    noted.drop("decode", 1)
    noted.drop("oom", 9, AT - timedelta(hours=1))

    (item,) = noted.client.get(noted.path).json()["items"]

    assert (item["kind"], item["first_seq"], item["last_seq"]) == ("dropped", 7, 10)
    assert item["ingest_dropped"] == {"overwritten": 3, "decode": 1}


@pytest.mark.parametrize("query", ["cursor=bm9wZQ", "cursor=MS4y", "from=yesterday", "to=2026-11-22T22:14:03"])
def test_a_question_that_is_not_understood_is_refused(noted: Noted, query: str) -> None:
    assert noted.client.get(f"{noted.path}?{query}").status_code == 422


def test_of_a_camera_that_is_not_there_nothing_is_said(noted: Noted) -> None:
    assert noted.client.get("/api/v1/cameras/cam_nobody/ledger").status_code == 404


def test_a_removed_camera_takes_its_ledger_with_it(noted: Noted, site: Site) -> None:
    noted.note(noted.frame(10))

    site.admin.delete(f"/api/v1/cameras/{noted.camera}")

    assert noted.client.get(noted.path).status_code == 404


def test_why_answers_in_words(noted: Noted) -> None:
    noted.note(
        noted.frame(9, kind="unchanged", frames=3),
        noted.frame(10, noted.decided("below_threshold", percent=31, bar=35)),
    )

    code, said = noted.why("2026-11-22T22:14:03")

    assert (code, said.splitlines()) == (
        0,
        [
            "At 22:14:03 the picture was sampled and analysed",
            "rule 'a car is visible': no alert, because it scored 0.31, below its threshold 0.35",
        ],
    )


def test_why_as_json_holds_the_item_and_the_words(noted: Noted) -> None:
    noted.note(noted.frame(10, kind="dropped", reason="stale"))

    code, said = noted.why("2026-11-22T22:14:05Z", "--json")

    answer = json.loads(said)
    assert (code, answer["item"]["reason"], answer["camera"]) == (0, "stale", noted.camera)
    assert answer["words"] == [
        "At 22:14:03 the picture was sampled and dropped: it had waited for too long when a model was free",
        "no alert, because what it showed is unknown to every rule",
    ]


@pytest.mark.parametrize(("time", "expected"), [("2026-11-22T20:00:00Z", 3), ("noon", 2)])
def test_why_of_a_time_without_a_picture_or_of_no_time_is_refused(noted: Noted, time: str, expected: int) -> None:
    noted.note(noted.frame(10))

    assert noted.why(time)[0] == expected
