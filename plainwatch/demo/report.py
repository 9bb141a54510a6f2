"""What a demo came to: the JSON of the interface, the words for people, the exit code.

Takes: a Script and its Outcome.
Gives: `as_json`, `in_words`, `exit_code`.
Knows nothing about: terminals."""

from pathlib import Path

from contracts.redact import redact
from plainwatch.client import Json
from plainwatch.demo.play import Outcome
from plainwatch.demo.script import Script
from plainwatch.evidence_file import evidence_file, shown

FINE, DID_NOT_HOLD, NOTHING_TO_ANSWER = 0, 1, 3


def exit_code(script: Script, outcome: Outcome) -> int:
    """0 where all held. With rules of the user's own that did not fire in time, or were refused: 3."""
    if outcome.refused:
        return NOTHING_TO_ANSWER
    forged = any(not message["verified"] for message in outcome.messages)
    silent = all(outcome.verified(rule["id"]) == 0 for rule in outcome.rules if rule["expected"] == "stays silent")
    fired = all(outcome.verified(rule["id"]) for rule in outcome.rules if rule["expected"] == "fires")
    if not fired and script.watch_silence_s == 0.0:
        return NOTHING_TO_ANSWER
    return FINE if fired and silent and not forged and outcome.rules else DID_NOT_HOLD


def as_json(script: Script, outcome: Outcome, folder: Path) -> Json:
    """The one object that `demo --json` prints."""
    verified = sum(1 for message in outcome.messages if message["verified"])
    return {
        "ok": exit_code(script, outcome) == FINE,
        "seconds": round(outcome.seconds, 1),
        "engine": script.engine,
        "detector": Path(script.detector).name if script.detector else "none",
        "source": redact(outcome.camera["url"]),
        **({} if script.is_url else {"footage": Path(script.source).name}),
        "cameras": [{"id": outcome.camera["id"], "name": outcome.camera["name"], **outcome.camera.get("frames", {})}],
        "rules": [
            {
                "id": rule["id"],
                "text": rule["text"],
                "expected": rule["expected"],
                "incidents": sum(1 for incident in outcome.incidents if incident["rule"]["id"] == rule["id"]),
            }
            for rule in outcome.rules
        ],
        "refused": [{"text": text, "reason": reason} for text, reason in outcome.refused],
        "incidents": [_incident(incident, folder) for incident in outcome.incidents],
        "deliveries": {
            "attempted": len(outcome.messages),
            "verified": verified,
            "failed": len(outcome.messages) - verified,
        },
    }


def _incident(incident: Json, folder: Path) -> Json:
    picture = evidence_file(folder, incident["id"])
    evidence = {"evidence": shown(picture)} if picture else {}
    return {
        "id": incident["id"],
        "rule_id": incident["rule"]["id"],
        "camera_id": incident["camera"]["id"],
        "captured_at": incident["captured_at"],
        "opened_at": incident["opened_at"],
        "latency_ms": incident["latency_ms"],
        **evidence,
    }


def in_words(script: Script, outcome: Outcome) -> list[str]:
    """A line for each rule, then the verdict."""
    lines = []
    for rule in outcome.rules:
        count = outcome.verified(rule["id"])
        said = f"{count} verified alert{'s' if count != 1 else ''}" if count else "silent"
        held = rule["expected"] == "is answered" or bool(count) == (rule["expected"] == "fires")
        lines.append(f"{'ok' if held else 'NOT AS EXPECTED'}: {rule['text']} → {said} (expected: {rule['expected']})")
    lines += [f"refused: {text}: {reason}" for text, reason in outcome.refused]
    frames = outcome.camera.get("frames", {})
    dropped = frames.get("dropped", {})
    gated = dropped.get("gated", 0)
    spared, lost = (f"{gated} spared, " if gated else ""), sum(dropped.values()) - gated
    lines.append(
        f"{frames.get('sampled', 0)} keyframes: {frames.get('analysed', 0)} answered, "
        f"{frames.get('unchanged', 0)} unchanged, {spared}{lost} dropped, {frames.get('in_flight', 0)} in flight"
    )
    verdict = {
        FINE: "the alerts arrived, signed and verified",
        DID_NOT_HOLD: "this did not come out as it must",
        NOTHING_TO_ANSWER: "not every rule could be answered in this time",
    }[exit_code(script, outcome)]
    return [*lines, f"{verdict} ({outcome.seconds:.1f} s)"]
