"""Labelled sentences scored slot by slot, as the annotation conventions score them.

Takes: rows of `text`, `lang`, `site` and `expect`, and the compiler.
Gives: how many rows each slot got right, by language, and what went wrong.
Knows nothing about: how a sentence is read.

Run as a program it prints the table: `python tests/rules/score_sentences.py FILE.jsonl`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from contracts.plan import WEEK, plan_to_json
from rules.plan.compile import compile_rule

PERSON = ("person", "people", "someone", "anyone", "somebody", "anybody", "man", "woman", "individual", "human")
Plan = dict[str, object]


@dataclass(slots=True)
class Score:
    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    slowest_ms: float = 0.0

    def rate(self, slot: str) -> float:
        return self.right[slot] / self.total[slot] if self.total[slot] else 1.0

    def table(self) -> str:
        rates = (f"{slot:10} {self.right[slot]}/{self.total[slot]} {self.rate(slot):.1%}" for slot in self.total)
        return "\n".join([*rates, *self.wrong])


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
        "must": all(_said(word, asked) for word in expect["must_mention"]),  # type: ignore[attr-defined]
        "must_not": all(word not in asked for word in expect["must_not_mention"]),  # type: ignore[attr-defined]
    }


def _said(word: str, asked: str) -> bool:
    return any(person in asked for person in PERSON) if word == "person" else word in asked


def labelled(file: Path) -> list[Plan]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def score(rows: Iterable[Plan]) -> Score:
    """One score over the rows; the slot `whole` counts the rows that are right in every slot."""
    found = Score()
    for row in rows:
        site, before = row["site"], time.perf_counter()
        plan = compile_rule(str(row["text"]), cameras=site["cameras"], zones=site["zones"])  # type: ignore[index]
        found.slowest_ms = max(found.slowest_ms, (time.perf_counter() - before) * 1000)
        got = plan_to_json(plan)
        slots = scored(got, row["expect"])  # type: ignore[arg-type]
        slots["whole"] = all(slots.values())
        found.total.update(slots.keys())
        found.right.update(name for name, ok in slots.items() if ok)
        missed = [name for name, ok in slots.items() if not ok and name != "whole"]
        if missed:
            found.wrong.append(f"{row['id']} {' '.join(missed)}: {row['text']}\n    {_told(got)}")
    return found


def _told(plan: Plan) -> str:
    lint = [found["code"] for found in plan["lint"]]  # type: ignore[attr-defined]
    texts = [question["text"] for question in plan["questions"]]  # type: ignore[attr-defined]
    kept = {name: plan[name] for name in plan if name in ("count", "cooldown_s", "severity", "zones", "cameras")}
    return f"{plan['status']} {plan['temporal']} {plan['window']} {kept} negated={plan['negated']} {lint} {texts}"


def main(files: list[str]) -> None:
    for file in files:
        rows = labelled(Path(file))
        for lang in ("en", "zh"):
            found = score(row for row in rows if row["lang"] == lang)
            sys.stdout.write(f"== {file} {lang}, slowest {found.slowest_ms:.1f} ms\n{found.table()}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
