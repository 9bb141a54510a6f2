"""What a run under fire came to, for people and for programs.

Takes: an Outcome.
Gives: one JSON object, a table, an exit code: 0 where every promise was kept.
Knows nothing about: how it was played."""

from statistics import median

from plainwatch.chaos.play import Outcome
from plainwatch.client import Json

KEPT, BROKEN = 0, 1


def exit_code(outcome: Outcome) -> int:
    """1 where anything was lost, forged, not conserved, or did not come back."""
    settled = outcome.settled
    kept = not settled.lost and not settled.forged and not settled.open_twice and settled.acknowledged > 0
    return KEPT if kept and outcome.conserved and not outcome.problems else BROKEN


def as_json(outcome: Outcome, seed: int) -> Json:
    """The one object that `chaos --json` prints."""
    settled, counts = outcome.settled, outcome.counts.values()
    steady, moody = ([one for one in counts if one.is_steady is wanted] for wanted in (True, False))
    dropped: dict[str, int] = {}
    for one in counts:
        for reason, number in one.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + number
    return {
        "rounds": outcome.rounds,
        "seed": seed,
        "seconds": round(outcome.seconds, 1),
        "acknowledged": settled.acknowledged,
        "delivered": settled.delivered,
        "duplicated": settled.duplicated,
        "lost": settled.lost,
        "frames_conserved": outcome.conserved,
        "frames": {
            "cameras": len(steady),
            "sent": sum(one.sent for one in steady),
            "sampled": sum(one.sampled for one in steady),
            "cut_off": sum(one.cut_off for one in steady),
            "moody_sent": sum(one.sent for one in moody),
            "moody_sampled": sum(one.sampled for one in moody),
            "dropped": dict(sorted(dropped.items())),
        },
        "recovery_s": {"p50": _p50(outcome.recovery_s), "max": round(max(outcome.recovery_s, default=0.0), 1)},
        "kills": dict(sorted(outcome.kills.items())),
        "faults": dict(sorted(outcome.faults.items())),
        "problems": [*outcome.problems, *_broken(outcome)],
        "ok": exit_code(outcome) == KEPT,
    }


def rows(report: Json) -> list[tuple[str, str]]:
    """For a table of two columns."""
    frames, recovery = report["frames"], report["recovery_s"]
    lost = {reason: number for reason, number in frames["dropped"].items()}
    return [
        ("rounds", f"{report['rounds']} in {report['seconds']:.0f} s, seed {report['seed']}"),
        ("kill -9", ", ".join(f"{name} {number}" for name, number in report["kills"].items())),
        ("incidents acknowledged", str(report["acknowledged"])),
        ("incidents delivered", str(report["delivered"])),
        ("webhooks that came again", str(report["duplicated"])),
        ("lost", str(report["lost"])),
        ("frames conserved", "to the frame" if report["frames_conserved"] else "NO"),
        ("keyframes", f"{frames['sent']} sent, {frames['sampled']} sampled, {frames['cut_off']} cut off by a kill"),
        ("of the moody camera", f"{frames['moody_sent']} sent, {frames['moody_sampled']} sampled"),
        ("dropped", ", ".join(f"{reason} {number}" for reason, number in lost.items()) or "none"),
        ("recovery", f"p50 {recovery['p50']} s, max {recovery['max']} s"),
        *((name, f"{number} times") for name, number in report["faults"].items()),
    ]


def _broken(outcome: Outcome) -> list[str]:
    settled = outcome.settled
    said = {
        "acknowledged, and gone": settled.vanished,
        "acknowledged, and nobody was told": settled.untold,
        "not delivered in the end": settled.unsent,
        "called delivered, and nobody got it": settled.unseen,
    }
    return [f"{what}: {', '.join(ids[:10])} ({len(ids)})" for what, ids in said.items() if ids]


def _p50(values: list[float]) -> float:
    return round(median(values), 1) if values else 0.0
