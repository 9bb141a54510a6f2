import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from alerts.links import FEEDBACK_PATH, feedback_token
from api.feedback import Turnstile
from store.calibration import newest_labels
from store.incidents import IncidentRow, add_incident, incident_by_id
from store.links import link_secret
from store.rules import RuleRow, add_rule
from store.schema import audit, deliveries
from tests.api.running import Site, now
from tests.api.test_labelling import AT, INCIDENT, PLAN


def keep(site: Site, incident: IncidentRow = INCIDENT) -> None:
    with site.deps.database.write() as connection:
        add_rule(connection, RuleRow("rul_1", 1, INCIDENT.rule_text, PLAN, AT, AT))
        add_incident(connection, incident)


def link(site: Site, word: str, *, days_ago: float = 0.0, incident: str = "inc_1") -> str:
    with site.deps.database.write() as connection:
        secret = link_secret(connection)
    made_at = now() - timedelta(days=days_ago)
    return FEEDBACK_PATH + feedback_token(incident, word, secret=secret, now=made_at)  # type: ignore[arg-type]


def feedback_of(site: Site) -> str | None:
    with site.deps.database.read() as connection:
        row = incident_by_id(connection, "inc_1")
    assert row is not None
    return row.feedback


def test_looking_at_the_link_says_nothing_and_pressing_the_button_does(site: Site) -> None:
    keep(site)
    stranger, path = site.client(), link(site, "false_alarm")

    asked = stranger.get(path)
    before = feedback_of(site)
    thanked = stranger.post(path)

    assert (asked.status_code, thanked.status_code) == (200, 200)
    assert asked.headers["content-type"] == "text/html; charset=utf-8"
    assert '<form method="post">' in asked.text
    assert "a person is climbing the fence" in asked.text
    assert (before, feedback_of(site)) == (None, "false_alarm")
    with site.deps.database.read() as connection:
        (label,) = newest_labels(connection)
        noted = connection.execute(sa.select(audit.c.actor, audit.c.detail).order_by(audit.c.id.desc())).first()
    assert label.truth is False
    assert tuple(noted or ()) == ("feedback link", "false_alarm")


def test_the_last_word_counts_and_the_same_word_is_kept_once(site: Site) -> None:
    keep(site)
    stranger = site.client()

    for word in ("false_alarm", "true_alarm", "true_alarm"):
        assert stranger.post(link(site, word)).status_code == 200

    assert feedback_of(site) == "true_alarm"
    with site.deps.database.read() as connection:
        said = sa.select(sa.func.count()).where(audit.c.actor == "feedback link")
        assert connection.execute(said).scalar() == 2


def test_a_link_that_is_not_ours_or_has_expired_or_says_another_thing_opens_nothing(site: Site) -> None:
    keep(site)
    stranger, good = site.client(), link(site, "false_alarm")
    bad = [
        good[:-2] + "xx",
        good.replace("false_alarm", "true_alarm"),
        good.replace("inc_1", "inc_2"),
        link(site, "false_alarm", days_ago=15),
        FEEDBACK_PATH + "nonsense",
        FEEDBACK_PATH + "inc_1.false_alarm.99999999999.é",
    ]

    answers = [ask(path) for path in bad for ask in (stranger.get, stranger.post)]
    gone = stranger.get(link(site, "false_alarm", incident="inc_9"))
    in_a_browser = stranger.get(bad[0], headers={"Accept": "text/html,*/*;q=0.8"})

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["content-type"] for answer in answers} == {"application/problem+json"}
    assert gone.status_code == 404
    assert (in_a_browser.status_code, "has expired" in in_a_browser.text) == (401, True)
    assert in_a_browser.headers["content-type"] == "text/html; charset=utf-8"
    assert feedback_of(site) is None


def test_the_page_shows_what_was_written_as_text_and_speaks_the_rules_language(site: Site) -> None:
    keep(site, replace(INCIDENT, rule_lang="zh", rule_text="<script>alert(1)</script>有人"))

    page = site.client().get(link(site, "true_alarm"))

    assert "<script>" not in page.text
    assert "报警" in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_words_by_link_are_bounded_in_a_minute() -> None:
    turnstile, at = Turnstile(most=3), now()

    passed = [turnstile.passes(at + timedelta(seconds=second)) for second in (0, 1, 2, 3, 59)]
    later = turnstile.passes(at + timedelta(seconds=61))

    assert passed == [True, True, True, False, False]
    assert later is True


@pytest.mark.parametrize("word", ["true_alarm", "false_alarm"])
def test_a_webhook_brings_its_links_and_who_only_reads_incidents_gets_none(site: Site, word: str) -> None:
    keep(site)
    site.add_endpoint()
    site.admin.post("/api/v1/incidents/inc_1/acknowledge")
    with site.deps.database.read() as connection:
        body = str(connection.execute(sa.select(deliveries.c.body)).scalar())

    links = json.loads(body)["data"]["feedback_links"]
    said = site.client().post(FEEDBACK_PATH + links[word].partition(FEEDBACK_PATH)[2])

    assert said.status_code == 200
    assert feedback_of(site) == word
    assert "feedback_links" not in site.with_scopes("view").get("/api/v1/incidents/inc_1").json()
