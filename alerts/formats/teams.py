"""Microsoft Teams: an Adaptive Card for a webhook of Workflows.

Takes: Notice.
Gives: the request.
Knows nothing about: how it is sent.

Texts of others stand in text runs, which have no markup at all."""

from alerts.formats.notice import Fact, Notice, Tone
from alerts.formats.request import Request, Service, any_url, json_request
from alerts.formats.wording import fitted

#: a message is refused above 28 KB
TITLE_MAX, TEXT_MAX, VALUE_MAX, FACTS_MAX = 500, 2000, 300, 10
_COLOURS = {Tone.ALARM: "attention", Tone.OVER: "good", Tone.TROUBLE: "warning", Tone.NEWS: "accent"}


def teams_request(notice: Notice, url: str) -> Request:
    """Schema 1.4, which every client of Teams shows."""
    run = {"text": fitted(notice.title, TITLE_MAX), "weight": "bolder", "size": "medium"}
    body: list[dict[str, object]] = [_runs(run | {"color": _COLOURS[notice.tone]})]
    if notice.text:
        body.append(_runs({"text": fitted(notice.text, TEXT_MAX)}))
    body += [_fact(fact) for fact in notice.facts[:FACTS_MAX]]
    card: dict[str, object] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if notice.links:
        card["actions"] = [{"type": "Action.OpenUrl", "title": link.label, "url": link.url} for link in notice.links]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return json_request(url, {"type": "message", "attachments": [attachment]})


def _runs(*runs: dict[str, str]) -> dict[str, object]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun"} | run for run in runs]}


def _fact(fact: Fact) -> dict[str, object]:
    block = _runs({"text": f"{fact.name}: ", "weight": "bolder"}, {"text": fitted(fact.value, VALUE_MAX)})
    return block | {"spacing": "none"}


def _refused(beginning: bytes) -> str:
    # The older connectors say 200, and the failure in words.
    return "answered that delivery failed" if b"delivery failed" in beginning.lower() else ""


TEAMS = Service("teams", teams_request, any_url, _refused)
