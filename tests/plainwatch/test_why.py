from datetime import UTC, datetime, timedelta, timezone

import pytest

from contracts.messages import Answer
from plainwatch.client import Json
from plainwatch.why import nearest, words
from rules.asking.asked import asked_key
from rules.incidents.decision import asked_of, decision_of
from rules.incidents.judge import judge
from rules.incidents.machine import step
from rules.incidents.spec import spec_for
from rules.incidents.state import MachineState, Observation
from rules.plan.compile import compile_rule
from rules.tracks.ground import Polygon

SINCE = "2026-11-22T22:13:50.000Z"


def item(kind: str = "analysed", *, seconds: tuple[int, int] = (3, 3), frames: int = 1, **values: object) -> Json:
    began, ended = (f"2026-11-22T22:14:{second:02d}.000Z" for second in seconds)
    return {"from": began, "to": ended, "kind": kind, "frames": frames, "answers": [], "rules": [], **values}


def rule(outcome: str, **values: object) -> Json:
    return item(rules=[{"id": "rul_1", "version": 1, "text": "a car", "outcome": outcome, **values}])


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (rule("opened", score=0.92, bar=0.35), "ALERT: an incident opened (score 0.92, threshold 0.35)"),
        (rule("still_open", since=SINCE), "no new alert, because its incident of 22:13:50 was still open"),
        (rule("below_threshold"), "no alert, because its condition did not hold"),
        (
            rule("below_threshold", score=0.8, bar=0.35),
            "no alert, because not all that it looks for held (score 0.80)",
        ),
        (
            rule("holding", since=SINCE, needed_s=30.0),
            "no alert yet, because it had held since 22:13:50, for 13 s, and it takes 30 s",
        ),
        (
            rule("cooldown", since=SINCE, needed_s=600.0),
            "no alert, because it alerted at 22:13:50 and stays quiet for 600 s",
        ),
        (rule("counting", so_far=2, needed=3), "no alert yet, because it happened 2 of 3 times"),
        (rule("snoozed"), "no alert, because a person snoozed it on this camera"),
        (rule("outside_window"), "no alert, because the rule does not watch at this hour"),
        (rule("unknown", why="the model is away"), "no alert, because the answer is unknown: the model is away"),
        (rule("not_evaluated"), "no alert, because its questions were not asked of this picture"),
        (rule("ended", why="cleared"), "its incident ended (cleared)"),
        (rule("of a later release"), "of a later release"),
    ],
    ids=lambda each: each["rules"][0]["outcome"] if isinstance(each, dict) else "",
)
def test_each_outcome_is_one_sentence(shown: Json, expected: str) -> None:
    assert words(shown, UTC)[1:] == [f"rule 'a car': {expected}"]


def test_a_disarmed_camera_says_that_it_was() -> None:
    assert words(item(reason="disarmed"), UTC) == [
        "At 22:14:03 the picture was sampled and analysed",
        "no alert, because the camera was disarmed",
    ]


def test_a_stretch_is_told_as_one_and_in_the_zone_of_the_camera() -> None:
    told = words(item("unchanged", seconds=(3, 9), frames=12), timezone(timedelta(hours=2)))

    assert told == [
        "From 00:14:03 to 00:14:09 12 pictures were sampled and equal to the one before, whose answers went on to hold"
    ]


def test_what_ingest_gave_up_is_told_with_its_reasons() -> None:
    shown = item("dropped", frames=3, reason="unheard", ingest_dropped={"overwritten": 2, "decode": 1})

    assert words(shown, UTC)[0] == (
        "At 22:14:03 3 pictures were sampled and dropped: about then ingest gave pictures up: "
        "1 times it could not be decoded, 2 times a newer one took its place before a model was free"
    )


def test_the_item_that_holds_the_moment_is_nearest_and_a_frame_before_a_moment_without_one() -> None:
    at = datetime(2026, 11, 22, 22, 14, 5, tzinfo=UTC)
    without = item("time", seconds=(5, 5), frames=0)
    holds, beside = item("unchanged", seconds=(3, 9), frames=12), item(seconds=(4, 4))

    assert nearest([beside, without, holds], at) is holds
    assert nearest([beside, without], at) is without
    assert nearest([], at) is None


@pytest.mark.parametrize(
    ("zones", "why"),
    [
        ({"yellow line": ((0.5, 0.2), (0.5, 1.0))}, "it has not been watched for long enough"),
        ({}, "the camera has no zone 'yellow line'"),
    ],
)
def test_a_line_is_a_zone_of_its_camera(zones: dict[str, Polygon], why: str) -> None:
    plan = compile_rule("a person crosses the yellow line", zones=["yellow line"])
    spec = spec_for(plan, rule_id="rul_1", version=1, zones=zones)
    key = asked_key(plan, plan.questions[0])
    answers = {key: Answer(key, None, unknown_reason="it has not been watched for long enough")}
    seen = Observation(datetime(2026, 11, 22, 22, 14, 3, tzinfo=UTC), judge(spec, answers))
    after, changes = step(spec, MachineState(), seen)

    made = decision_of(spec, asked_of(spec), MachineState(), after, seen, changes, answers=answers)

    assert made.outcome.value == "unknown"
    assert words(rule("unknown", why=made.why), UTC)[1].endswith(f"the answer is unknown: {why}")
