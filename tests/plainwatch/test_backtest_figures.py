from datetime import UTC, datetime

import pytest

from alerts.trial.candidates import camera_for, candidates
from alerts.trial.day import Tried, alerts_per_day, alerts_per_day_between, open_part, spacing_of
from alerts.trial.incidents import Incident, Look
from analyzer.fake import FakeEngine
from contracts.errors import Invalid
from contracts.plan import Window
from plainwatch.backtest.estimate import cost_per_day
from plainwatch.backtest.saying import verdict
from plainwatch.backtest.stretch import as_clock, clip_seconds, moment
from plainwatch.replay.run import Figures

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_day_is_the_footage_over_and_over() -> None:
    assert alerts_per_day(2, watched_s=3600, open_share=1.0, cooldown_s=0) == pytest.approx(48)
    assert alerts_per_day(2, watched_s=3600, open_share=1 / 3, cooldown_s=0) == pytest.approx(16)
    assert alerts_per_day(0, watched_s=0, open_share=1.0, cooldown_s=0) is None


def test_a_cooldown_bounds_what_a_day_can_hold() -> None:
    assert alerts_per_day(5, watched_s=60, open_share=1.0, cooldown_s=3600) == pytest.approx(24)


@pytest.mark.parametrize(
    ("incidents", "watched_s", "cooldown_s", "expected"),
    [
        (0, 86_400, 0, (0.0, 3.7)),
        (1, 86_400, 0, (0.025, 5.6)),
        (10, 86_400, 0, (4.7, 19.0)),
        (2, 8, 0, (2_600.0, 79_000.0)),
        (2, 8, 3_600, (24.0, 24.0)),
    ],
)
def test_what_a_day_may_hold_is_the_exact_interval_rounded_outwards(
    incidents: int, watched_s: float, cooldown_s: float, expected: tuple[float, float]
) -> None:
    given = alerts_per_day_between(incidents, watched_s=watched_s, open_share=1.0, cooldown_s=cooldown_s)

    assert given == expected


def test_pictures_are_as_far_apart_as_they_are_for_half_of_the_time() -> None:
    frames_of_an_incident, an_outage = [0.5] * 100, [18_000.0]

    assert spacing_of([10.0] * 20 + frames_of_an_incident + an_outage) == 10.0
    assert spacing_of([300.0] * 3) == 300.0
    assert spacing_of([]) == 0.0


def tried(text: str, *, count: int, watched_s: float) -> Tried:
    (candidate,) = candidates([text], camera_for("x.mp4"), FakeEngine().capabilities("test"), keep_windows=True)
    incident = Incident(AT, AT, (Look(AT, b"", (), 0.5),))
    arguments = {"watched_s": watched_s, "open_share": 1.0, "cooldown_s": 0.0}
    per_day, between = alerts_per_day(count, **arguments), alerts_per_day_between(count, **arguments)
    return Tried(candidate, (incident,) * count, watched_s, 0.0, per_day, between)


@pytest.mark.parametrize(
    ("count", "watched_s", "said"),
    [
        (1, 8, "It would have fired once in 8 s, too short to tell how often it would in a day"),
        (2, 3_599, "It would have fired twice in 60 min, too short to tell how often it would in a day"),
        (3, 21_600, "It would have fired 3 times, about 12 alerts a day (between 2.4 and 36)"),
        (0, 21_600, "It would not have fired: at most 15 alerts a day"),
        (0, 0, "None of the footage lies within its hours"),
    ],
)
def test_how_often_it_would_fire_is_told_as_far_as_it_is_known(count: int, watched_s: float, said: str) -> None:
    assert verdict(tried("a car is visible", count=count, watched_s=watched_s), "en") == said


def test_the_cost_of_a_day_grows_with_what_was_looked_at() -> None:
    cost = cost_per_day(Figures(sampled=60, analysed=30, engine_ms=600), watched_s=60, cpu_s=3)

    assert cost is not None
    assert (cost.frames, cost.engine_s, cost.core_share) == (43_200, pytest.approx(864), pytest.approx(0.05))


def test_the_hours_of_a_rule_are_a_part_of_the_week() -> None:
    night, weekend = Window(("mon",), "22:00", "06:00"), Window(("sat", "sun"), "00:00", "24:00")

    assert open_part([]) == 1.0
    assert open_part([night]) == pytest.approx(8 / 168)
    assert open_part([night, weekend]) == pytest.approx((8 + 48) / 168)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1:30", 90), ("1:02:30.5", 3750.5), ("12.5s", 12.5)])
def test_a_place_in_a_clip_is_read(text: str, seconds: float) -> None:
    assert clip_seconds(text, "--from") == seconds


def test_what_is_no_place_and_no_moment_is_refused_with_the_form_to_write() -> None:
    with pytest.raises(Invalid, match="write seconds"):
        clip_seconds("soon", "--from")
    with pytest.raises(Invalid, match="2026-11-22T18:00:00Z"):
        moment("yesterday", "--to")
    with pytest.raises(Invalid, match="names no time zone"):
        moment("2026-11-22T18:00:00", "--to")


def test_a_clip_s_time_is_shown_as_players_show_it() -> None:
    assert [as_clock(seconds) for seconds in (0, 9.96, 75.5, 3725.04)] == ["0:00.0", "0:10.0", "1:15.5", "1:02:05.0"]
