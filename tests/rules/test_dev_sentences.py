import json
from collections import Counter
from pathlib import Path

import pytest

from contracts.plan import WEEK, plan_to_json
from rules.compile import compile_rule

#: reached on the 48 published sentences: everything; a little lower here, so that a better reading may trade one
FLOOR_PER_SLOT, FLOOR_WHOLE_ROWS = 0.95, 0.90
PERSON = ("person", "people", "someone", "anyone", "somebody", "anybody", "man", "woman", "individual", "human")
Plan = dict[str, object]


def minutes_of_week(windows: list[dict[str, object]]) -> set[int]:
    found: set[int] = set()
    for window in windows:
        start, end = (int(str(window[side])[:2]) * 60 + int(str(window[side])[3:]) for side in ("start", "end"))
        for day in window["days"]:  # type: ignore[attr-defined]
            begin = WEEK.index(day) * 1440
            found |= {(begin + minute) % 10080 for minute in range(start, end + 1440 * (end <= start))}
    return found


def scored(plan: Plan, expect: Plan) -> dict[str, bool]:
    """The conventions' own scoring: exact per field; refused rows on status and lint alone."""
    slots = {
        "status": plan["status"] == expect["status"],
        "lint": {lint["code"] for lint in plan["lint"]} == set(expect["lint"]),  # type: ignore[attr-defined,call-overload]
    }
    if expect["status"] == "refused":
        return slots
    texts = [question["text"].lower() for question in plan["questions"]]  # type: ignore[attr-defined]
    asked = " ".join(texts)
    temporal, wanted = plan["temporal"], expect["temporal"]
    return slots | {
        "kind": temporal["kind"] == wanted["kind"],  # type: ignore[index]
        "numbers": all(temporal.get(name) == value for name, value in wanted.items()),  # type: ignore[attr-defined]
        "window": minutes_of_week(plan["window"]) == minutes_of_week(expect["window"]),  # type: ignore[arg-type]
        **{name: plan.get(name) == expect.get(name) for name in ("count", "negated", "cooldown_s", "severity")},
        **{name: set(plan[name]) == set(expect[name]) for name in ("zones", "cameras")},  # type: ignore[call-overload]
        "questions": expect["questions_min"] <= len(texts) <= expect["questions_max"],  # type: ignore[operator]
        "must": all(
            any(w in asked for w in PERSON) if word == "person" else word in asked for word in expect["must_mention"]
        ),  # type: ignore[attr-defined]
        "must_not": all(word not in asked for word in expect["must_not_mention"]),  # type: ignore[attr-defined]
    }


@pytest.mark.assets
def test_the_labelled_sentences_are_understood(assets: Path) -> None:
    right, total, whole, wrong = Counter[str](), Counter[str](), 0, []
    rows = [
        json.loads(line) for line in (assets / "rules" / "dev.jsonl").read_text("utf-8").splitlines() if line.strip()
    ]

    for row in rows:
        plan = compile_rule(row["text"], cameras=row["site"]["cameras"], zones=row["site"]["zones"])
        slots = scored(plan_to_json(plan), row["expect"])
        total.update(slots.keys())
        right.update(name for name, ok in slots.items() if ok)
        whole += all(slots.values())
        wrong += [f"{row['id']} {name}: {row['text']}" for name, ok in slots.items() if not ok]

    table = "\n".join(
        [*(f"{name:10} {right[name]}/{total[name]}" for name in total), f"whole {whole}/{len(rows)}", *wrong]
    )
    assert all(right[name] >= FLOOR_PER_SLOT * total[name] for name in total), table
    assert whole >= FLOOR_WHOLE_ROWS * len(rows), table
