import json
from dataclasses import asdict
from pathlib import Path

import pytest

from alerts.formats.apprise_text import Told, apprise_text
from alerts.formats.notice import read_notice
from tests.alerts.formats.events import EVENTS, body_of, incident

GOLDEN = Path(__file__).parents[1] / "golden"
LONG = "一😀<&>*" * 2000


def tell(event: dict[str, object]) -> Told:
    return apprise_text(read_notice(body_of(event)))


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_is_as_its_golden_file_has_it(event: str) -> None:
    assert asdict(tell(EVENTS[event])) == json.loads((GOLDEN / f"apprise.{event}.json").read_text())


def test_a_text_of_any_length_leaves_room_for_the_links_and_no_line_of_its_own() -> None:
    told = tell(incident("incident.opened", explanation=f"{LONG}\n{LONG}", zone=LONG, camera={"id": "c", "name": LONG}))

    assert len(told.title) <= 200
    assert len(told.body) < 1500
    assert told.body.count("\n") == 8
    assert told.body.endswith("false_alarm.1765000000.sig")


def test_a_text_of_others_mentions_nobody_and_hides_no_link() -> None:
    told = tell(EVENTS["nasty"])

    assert not set("@[<") & set(told.title + told.body)
    assert "＠everyone ［win](http://evil.example)" in told.body


def test_a_grave_alarm_an_end_and_news_are_of_different_kinds() -> None:
    opened, ended, ping = (tell(EVENTS[name]).kind for name in ("opened", "ended", "ping"))

    assert (opened, ended, ping) == ("failure", "success", "info")
    assert tell(incident("incident.opened", severity="low")).kind == "warning"


def test_an_event_of_a_form_that_we_do_not_know_is_told_all_the_same() -> None:
    told = tell({"type": "moon.risen", "data": {"rule": "a text"}})

    assert (told.title, told.body) == ("moon.risen", "moon.risen")
