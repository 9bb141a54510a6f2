"""The decision ledger in words: what became of a picture, and why there was an alert or none.

Takes: an item of the ledger, as the API gives it; a time zone to speak in.
Gives: sentences.
Knows nothing about: HTTP, terminals."""

from collections.abc import Callable
from datetime import datetime, tzinfo

from plainwatch.client import Json

_DROPPED = {
    "overwritten": "a newer one took its place before a model was free",
    "decode": "it could not be decoded",
    "oom": "Redis had no memory for it",
    "bus_down": "Redis did not answer",
    "fenced": "another ingest worker owned the camera by then",
    "stale": "it had waited for too long when a model was free",
    "poison": "it had ended an analyzer twice",
    "engine": "the engine failed on it",
    "broker": "it was lost inside Redis",
    "gated": "a gate before the model skipped it",
}
_SILENT = {
    "disarmed": "the camera was disarmed",
    "switched_off": "the camera was switched off",
    "no_rules": "no rule watched this camera",
}


def nearest(items: list[Json], at: datetime) -> Json | None:
    """The item that holds the moment, a frame before anything else; else the one that is closest."""
    return min(items, key=lambda item: (_away_s(item, at), item["frames"] == 0), default=None)


def words(item: Json, zone: tzinfo) -> list[str]:
    """What happened, then one sentence for each rule."""
    told = [_pictures(item, zone)]
    if item.get("reason") in _SILENT:
        told.append(f"no alert, because {_SILENT[item['reason']]}")
    elif item["kind"] in {"dropped", "late"} and not item["rules"]:
        told.append("no alert, because what it showed is unknown to every rule")
    for rule in item["rules"]:
        named = f"rule '{rule['text']}'" if "text" in rule else f"rule {rule['id']}, which is gone"
        told.append(f"{named}: {_OUTCOMES.get(rule['outcome'], _plainly)(rule, item, zone)}")
    return told


def moment(text: str, zone: tzinfo) -> str:
    """A time of the API, as a person reads it."""
    return datetime.fromisoformat(text).astimezone(zone).strftime("%H:%M:%S")


def _away_s(item: Json, at: datetime) -> float:
    began, ended = datetime.fromisoformat(item["from"]), datetime.fromisoformat(item["to"])
    if began <= at <= ended:
        return 0.0
    return min(abs((at - began).total_seconds()), abs((at - ended).total_seconds()))


def _pictures(item: Json, zone: tzinfo) -> str:
    began, ended, frames = moment(item["from"], zone), moment(item["to"], zone), item["frames"]
    when = f"At {ended}" if began == ended else f"From {began} to {ended}"
    one = frames == 1
    what = "the picture was" if one else f"{frames} pictures were"
    match item["kind"]:
        case "analysed":
            return f"{when} {what} sampled and analysed{'' if one else ', each with the same result'}"
        case "unchanged":
            return f"{when} {what} sampled and equal to the one before, whose answers went on to hold"
        case "late":
            return f"{when} {what} sampled and analysed too late: later ones had been judged already"
        case "dropped":
            return f"{when} {what} sampled and dropped: {_why_dropped(item)}"
        case _:
            return f"{when} no picture came, and time alone changed something"


def _why_dropped(item: Json) -> str:
    reason = str(item["reason"])
    if reason != "unheard":
        return _DROPPED.get(reason, reason)
    given_up = item.get("ingest_dropped", {})
    if not given_up:
        return "nothing was heard of it again"
    counted = ", ".join(f"{count} times {_DROPPED.get(each, each)}" for each, count in sorted(given_up.items()))
    return f"about then ingest gave pictures up: {counted}"


Say = Callable[[Json, Json, tzinfo], str]


def _below(rule: Json, _item: Json, _zone: tzinfo) -> str:
    if "score" in rule and rule["score"] < rule["bar"]:
        return f"no alert, because it scored {rule['score']:.2f}, below its threshold {rule['bar']:.2f}"
    if "score" in rule:
        return f"no alert, because not all that it looks for held (score {rule['score']:.2f})"
    return "no alert, because its condition did not hold"


def _confirming(rule: Json, _item: Json, _zone: tzinfo) -> str:
    return f"no alert yet, because one such picture is not enough and the next has to agree{_scored(rule)}"


def _holding(rule: Json, item: Json, zone: tzinfo) -> str:
    lasted = datetime.fromisoformat(item["to"]) - datetime.fromisoformat(rule["since"])
    since, needed = moment(rule["since"], zone), rule.get("needed_s", 0.0)
    held = f"it had held since {since}, for {lasted.total_seconds():.0f} s"
    return f"no alert yet, because {held}, and it takes {needed:.0f} s{_scored(rule)}"


def _waiting(rule: Json, _item: Json, zone: tzinfo) -> str:
    if "since" not in rule:
        return "no alert yet, because what it waits for has to begin first"
    within = rule.get("needed_s", 0.0)
    return f"no alert yet, because the first of two things happened at {moment(rule['since'], zone)}, and within " + (
        f"{within:.0f} s the second decides"
    )


def _counting(rule: Json, _item: Json, _zone: tzinfo) -> str:
    return f"no alert yet, because it happened {rule['so_far']} of {rule['needed']} times{_scored(rule)}"


def _cooldown(rule: Json, _item: Json, zone: tzinfo) -> str:
    told = moment(rule["since"], zone)
    return f"no alert, because it alerted at {told} and stays quiet for {rule['needed_s']:.0f} s{_scored(rule)}"


def _open(rule: Json, _item: Json, zone: tzinfo) -> str:
    return f"no new alert, because its incident of {moment(rule['since'], zone)} was still open"


def _opened(rule: Json, _item: Json, _zone: tzinfo) -> str:
    return f"ALERT: an incident opened{_scored(rule)}"


def _ended(rule: Json, _item: Json, _zone: tzinfo) -> str:
    return f"its incident ended ({rule.get('why', 'it no longer held')})"


def _unknown(rule: Json, _item: Json, _zone: tzinfo) -> str:
    return f"no alert, because the answer is unknown{': ' + rule['why'] if 'why' in rule else ''}"


def _plainly(rule: Json, _item: Json, _zone: tzinfo) -> str:
    said = {
        "updated": "its open incident was told anew, with a better picture",
        "snoozed": "no alert, because a person snoozed it on this camera",
        "outside_window": "no alert, because the rule does not watch at this hour",
        "out_of_order": "no alert, because the picture was older than one that had been judged",
        "not_evaluated": "no alert, because its questions were not asked of this picture",
    }
    return said.get(rule["outcome"], str(rule["outcome"]))


def _scored(rule: Json) -> str:
    return f" (score {rule['score']:.2f}, threshold {rule['bar']:.2f})" if "score" in rule else ""


_OUTCOMES: dict[str, Say] = {
    "below_threshold": _below,
    "confirming": _confirming,
    "holding": _holding,
    "waiting": _waiting,
    "counting": _counting,
    "cooldown": _cooldown,
    "still_open": _open,
    "opened": _opened,
    "ended": _ended,
    "unknown": _unknown,
}
