import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from alerts.incident_json import BODY_MAX_BYTES, incident_body
from alerts.links import Links, read_feedback_token
from contracts.messages import Detection
from store.endpoints import EndpointRow
from store.incidents import Evidence, EvidenceFrame, SeenBox
from store.links import link_secret
from store.regression import deciding_answers_of
from store.schema import deliveries
from tests.alerts.receiver import NOW, Clock
from tests.alerts.scene import CAR as CAR_QUESTION
from tests.alerts.scene import Site, question_key
from tests.alerts.test_incident_json import BARE

CAR = Detection("car", 0.9, (0.1, 0.1, 0.5, 0.5))


def test_the_answers_that_decided_are_kept_with_the_incident_those_of_its_rule_alone(site: Site) -> None:
    site.register()
    worker = site.worker()
    site.see(CAR)
    site.turn(worker)

    (incident,) = site.incidents()
    with site.database.read() as connection:
        (answer,) = deciding_answers_of(connection, incident.id)

    assert answer.question_key == question_key(CAR_QUESTION)
    assert answer.detections == (CAR,)


def test_a_webhook_says_where_to_say_whether_it_was_right(
    site: Site, endpoint: Callable[..., EndpointRow], clock: Clock
) -> None:
    site.register()
    endpoint("https://93.184.216.34/hook")
    site.see(CAR)
    site.turn(site.worker())

    with site.database.write() as connection:
        body, secret = connection.execute(sa.select(deliveries.c.body)).scalar(), link_secret(connection)
    links = json.loads(str(body))["data"]["feedback_links"]
    (incident,) = site.incidents()
    words = {word: url.rpartition("/")[2] for word, url in links.items()}
    clock.pass_by(timedelta(days=13))

    assert all(url.startswith("http://site.example:8600/api/v1/feedback/") for url in links.values())
    assert {word: read_feedback_token(token, secret=secret, now=clock()) for word, token in words.items()} == {
        "true_alarm": (incident.id, "true_alarm"),
        "false_alarm": (incident.id, "false_alarm"),
    }


def test_a_token_opens_nothing_but_its_own_incident_and_word_and_no_picture() -> None:
    links = Links("http://h", b"secret", NOW)
    token = links.feedback("inc_1", "true_alarm").rpartition("/")[2]

    def opened(text: str, *, later: timedelta = timedelta(0), secret: bytes = b"secret") -> object:
        return read_feedback_token(text, secret=secret, now=NOW + later)

    assert opened(token) == ("inc_1", "true_alarm")
    assert opened(token, later=timedelta(days=15)) is None
    assert opened(token, secret=b"other") is None
    assert opened(token.replace("true_alarm", "false_alarm")) is None
    assert opened(token.replace("inc_1", "inc_2")) is None
    assert opened(links.picture("inc_1")) is None
    assert opened("") is None


def test_the_longest_incident_and_its_links_fit_into_a_body() -> None:
    links = Links("https://" + "h" * 100, b"secret", NOW)
    boxes = tuple(SeenBox("traffic light", (0.1234, 0.2345, 0.3456, 0.4567), 0.98765) for _ in range(60))
    frame = EvidenceFrame("2026-11-22T12:00:00.000Z", "p/1.jpg", "ab" * 32, boxes, "p/1.boxes.jpg")
    row = replace(BARE, rule_text="有车" * 1000, explanation="一" * 600, evidence=Evidence((frame,) * 5))

    body = incident_body("incident.opened", row, picture_url=links.picture, feedback_url=links.feedback, now=NOW)

    assert len(body.encode()) < BODY_MAX_BYTES
    assert set(json.loads(body)["data"]["feedback_links"]) == {"true_alarm", "false_alarm"}
