"""Alertmanager: alerts over its API v2.

Takes: Notice, and Alertmanager's address such as http://alertmanager:9093.
Gives: the request: an incident is one alert, firing until its end.
Knows nothing about: how it is sent.

Without an end of our own Alertmanager would end an alert after five minutes: an open one ends a week after it was last
told of, so that one whose end never arrived does not stand for ever."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from alerts.formats.notice import Notice, Tone
from alerts.formats.request import Request, Service, any_answer, any_url, json_request
from alerts.formats.wording import fitted

OPEN_LASTS = timedelta(days=7)
#: of what nothing tells the end of
TROUBLE_LASTS = timedelta(hours=1)
VALUE_MAX, TEXT_MAX = 300, 2000
_NEVER_OVER = ("endpoint.", "test.")
_PATH = "/api/v2/alerts"


def alertmanager_request(notice: Notice, url: str) -> Request:
    """The labels stay the same over an alert's life: by them Alertmanager knows it again."""
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix(_PATH) + _PATH
    annotations = {"summary": fitted(notice.title, VALUE_MAX), "event": notice.kind}
    annotations |= {"description": fitted(notice.text, TEXT_MAX)} if notice.text else {}
    annotations |= {link.label.lower().replace(" ", "_"): link.url for link in notice.links}
    began, over = _span(notice)
    alert: dict[str, object] = {
        "labels": {name: fitted(value, VALUE_MAX) for name, value in _labels(notice).items() if value},
        "annotations": annotations,
        "startsAt": began,
        "endsAt": over,
    }
    alert |= {"generatorURL": notice.picture} if notice.picture else {}
    return json_request(urlunsplit((parts.scheme, parts.netloc, path, "", "")), [alert])


def _labels(notice: Notice) -> dict[str, str]:
    about = notice.about
    if about.incident:
        return {
            "alertname": "PlainwatchIncident",
            "incident_id": about.incident,
            "rule_id": about.rule,
            "camera_id": about.camera,
            "camera": notice.camera,
            "severity": notice.severity,
        }
    room = notice.kind.partition(".")[0]
    return {
        # What is over bears the name of what was wrong: with it the one ends the other.
        "alertname": f"Plainwatch{room.capitalize()}{about.trouble.capitalize()}",
        "rule_id": about.rule,
        "camera_id": about.camera,
        "camera": notice.camera,
        "endpoint_id": about.endpoint,
    }


def _span(notice: Notice) -> tuple[str, str]:
    told = _time(notice.at)
    began = _time(notice.started_at or notice.at)
    if notice.over_at:
        over = _time(notice.over_at)
    elif notice.tone is Tone.OVER:
        over = told
    else:
        lasts = TROUBLE_LASTS if notice.kind.startswith(_NEVER_OVER) else OPEN_LASTS
        over = told + lasts
    # Alertmanager refuses an alert that ends before it starts.
    return _text(min(began, over)), _text(over)


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


ALERTMANAGER = Service("alertmanager", alertmanager_request, any_url, any_answer, level=True)
