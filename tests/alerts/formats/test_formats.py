import json
import re
from html import unescape
from pathlib import Path

import pytest

from alerts.formats.choose import FORMATS, SERVICES, check_url, service_of
from alerts.formats.notice import read_notice
from alerts.formats.request import Request
from alerts.formats.wording import fitted, utf8_bytes, utf16_units
from contracts.errors import Invalid
from tests.alerts.formats.events import EVENTS, NASTY, URLS, body_of, incident

GOLDEN = Path(__file__).parents[1] / "golden"
LONG = "一😀<&>*" * 2000


def convert(name: str, event: dict[str, object], *, over_at: str = "") -> Request:
    return SERVICES[name].convert(read_notice(body_of(event), over_at=over_at), URLS[name])


@pytest.mark.parametrize("event", sorted(EVENTS))
@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_event_in_every_format_is_as_its_golden_file_has_it(name: str, event: str) -> None:
    made = convert(name, EVENTS[event])

    expected = json.loads((GOLDEN / f"{name}.{event}.json").read_text())
    assert {"url": made.url, "body": json.loads(made.body)} == expected


def longest() -> dict[str, object]:
    return incident(
        "incident.ended",
        explanation=LONG,
        zone=LONG,
        rule={"id": "rul_1", "text": LONG},
        camera={"id": "cam_1", "name": LONG},
        ended_at="2026-11-22T12:05:00.000Z",
        end_reason=LONG,
    )


def test_slack_gets_no_block_longer_than_it_takes_and_no_markup_of_others() -> None:
    content = json.loads(convert("slack", longest()).body)

    header, text, facts, links = content["blocks"]
    assert utf16_units(header["text"]["text"]) <= 150
    assert utf16_units(text["text"]["text"]) <= 3000
    assert all(field["type"] == "plain_text" and utf16_units(field["text"]) <= 2000 for field in facts["fields"])
    assert "false_alarm" in links["text"]["text"]
    nasty = json.loads(convert("slack", EVENTS["nasty"]).body)
    assert "<!channel>" not in nasty["text"]
    assert "&lt;!channel&gt;" in nasty["text"]
    assert {block["text"]["type"] for block in nasty["blocks"][:2]} == {"plain_text"}


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"alertmanager", "pagerduty"}))
def test_people_are_told_that_a_picture_is_of_another_moment(name: str) -> None:
    frame = {"at": "2026-11-22T12:00:04.000Z", "url": "https://pw.example/p.jpg", "boxes": [], "off_by_s": 4.0}

    told = convert(name, incident("incident.opened", evidence={"frames": [frame]}))

    assert b"later than what was judged" in told.body


def test_discord_gets_an_embed_within_its_limits_that_mentions_nobody() -> None:
    content = json.loads(convert("discord", longest()).body)

    (embed,) = content["embeds"]
    assert content["allowed_mentions"] == {"parse": []}
    assert utf16_units(embed["title"]) <= 256
    assert utf16_units(embed["description"]) <= 4096
    assert all(utf16_units(field["value"]) <= 1024 for field in embed["fields"])
    shown = [embed["title"], embed["description"], *(field["name"] + field["value"] for field in embed["fields"])]
    assert sum(map(utf16_units, shown)) <= 6000
    nasty = json.loads(convert("discord", EVENTS["nasty"]).body)["embeds"][0]["title"]
    assert not re.search(r"(?<!\\)[\[\]*_`<>@]", nasty)


def test_telegram_gets_html_that_holds_no_tag_of_others_within_its_limit() -> None:
    content = json.loads(convert("telegram", longest()).body)

    read = unescape(re.sub(r"</?[ab][^>]*>", "", content["text"]))
    assert utf16_units(read) <= 4096
    nasty = json.loads(convert("telegram", EVENTS["nasty"]).body)["text"]
    assert set(re.findall(r"<(/?\w+)", nasty)) == {"b", "/b", "a", "/a"}
    assert nasty.count("<b>") == 1


def test_ntfy_gets_a_message_that_does_not_become_an_attachment() -> None:
    content = json.loads(convert("ntfy", longest()).body)

    assert len(content["message"].encode()) <= 4096
    assert len(content["actions"]) <= 3
    assert content["topic"] == "plainwatch-42"
    assert json.loads(convert("ntfy", EVENTS["opened"]).body)["priority"] == 4


def test_teams_gets_a_card_below_28_kb_whose_texts_have_no_markup() -> None:
    made = convert("teams", longest())

    assert len(made.body) < 28 << 10
    card = json.loads(made.body)["attachments"][0]["content"]
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert len(card["actions"]) == 3


def test_an_incident_fires_in_alertmanager_until_its_end_resolves_it() -> None:
    (opened,) = json.loads(convert("alertmanager", EVENTS["opened"]).body)
    (ended,) = json.loads(convert("alertmanager", EVENTS["ended"]).body)

    assert (opened["startsAt"], opened["endsAt"]) == ("2026-11-22T12:00:00.000Z", "2026-11-29T12:00:01.000Z")
    assert ended["endsAt"] == "2026-11-22T12:05:00.000Z"
    assert ended["labels"] == opened["labels"]


def test_an_opening_that_arrives_after_the_end_leaves_the_alert_resolved() -> None:
    (late,) = json.loads(convert("alertmanager", EVENTS["opened"], over_at="2026-11-22T12:05:00.000Z").body)

    assert late["endsAt"] == "2026-11-22T12:05:00.000Z"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("camera.frozen", "camera.online"), ("analyzer.behind", "analyzer.up"), ("rule.degraded", "rule.live")],
)
def test_what_is_over_resolves_the_alert_of_what_was_wrong(wrong: str, right: str) -> None:
    subject = {"camera": {"id": "cam_1", "name": "gate"}} if wrong.startswith("camera") else {}
    begun = {"type": wrong, "timestamp": "2026-11-22T12:00:00.000Z", "data": {"id": "sev_1", **subject}}
    recovered = {"id": "sev_2", "recovered_from": wrong.partition(".")[2], **subject}
    over = {"type": right, "timestamp": "2026-11-22T12:03:00.000Z", "data": recovered}

    (away,), (back,) = (json.loads(convert("alertmanager", event).body) for event in (begun, over))

    assert back["labels"] == away["labels"]
    assert back["endsAt"] == "2026-11-22T12:03:00.000Z"
    assert away["endsAt"] > back["endsAt"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_an_event_of_a_form_that_we_do_not_know_is_told_all_the_same(name: str) -> None:
    made = convert(name, {"type": "moon.risen", "timestamp": "2026-11-22T12:00:01.000Z", "data": {"rule": "a text"}})

    assert b"moon" in made.body.lower()


@pytest.mark.parametrize(
    ("name", "answer", "is_taken"),
    [
        ("slack", b"ok", True),
        ("slack", b'{"success":true}', True),
        ("slack", b"<html>please log in", False),
        ("discord", b"", True),
        ("teams", b"", True),
        ("teams", b"Webhook message delivery failed with error: HTTP error 413", False),
        ("telegram", b'{"ok":true,"result":{"message_id":1', True),
        ("telegram", b'{"ok":false,"description":"Bad Request"}', False),
        ("ntfy", b'{"id":"x","time":1,"expires":2,"event":"message","topic":"t"', True),
        ("ntfy", b"<html>", False),
        ("alertmanager", b"", True),
    ],
)
def test_what_a_service_calls_taken_is_taken_and_nothing_else(name: str, answer: bytes, is_taken: bool) -> None:
    assert (SERVICES[name].refused(answer) == "") is is_taken


@pytest.mark.parametrize("name", sorted(URLS))
def test_a_url_as_the_service_gives_it_is_taken(name: str) -> None:
    check_url(name, URLS[name])


@pytest.mark.parametrize(
    ("name", "url", "word"),
    [
        ("telegram", "https://api.telegram.org/bot123456:AAbbCC", "chat_id"),
        ("telegram", "https://api.telegram.org/?chat_id=1", "chat_id"),
        ("ntfy", "https://ntfy.sh/", "topic"),
        ("mqtt", "https://broker.example/", "mqtt://"),
        ("standard", "mqtt://broker.example/", "mqtt://"),
        ("slack", "pover://user@AAbbCC", "format apprise"),
        ("apprise", "https://host.example/AAbbCC", "mailto"),
    ],
)
def test_a_url_that_a_format_cannot_use_is_refused_without_being_shown(name: str, url: str, word: str) -> None:
    with pytest.raises(Invalid, match=word) as refused:
        check_url(name, url)

    assert "AAbbCC" not in str(refused.value)


def test_every_format_is_a_post_of_ours_but_for_those_that_bear_our_own_body_and_apprise() -> None:
    assert [name for name in FORMATS if service_of(name) is None] == ["standard", "mqtt", "apprise"]


def test_texts_are_cut_between_letters_and_their_escapes_stay_whole() -> None:
    assert fitted("a<b", 6, escape=lambda letter: "&lt;" if letter == "<" else letter) == "a&lt;b"
    assert fitted("ab<c", 5, escape=lambda letter: "&lt;" if letter == "<" else letter) == "ab…"
    assert fitted("😀😀😀", 5) == "😀😀…"
    assert fitted("一一一", 8, measure=utf8_bytes) == "一…"
    assert "\u202e" not in fitted(NASTY, 500)
    assert "\n" not in fitted(NASTY, 500)
