from datetime import UTC, datetime, timedelta
from inspect import signature

from hypothesis import given
from hypothesis import strategies as st

from alerts.deliver import Deliverer
from alerts.schedule import WAITS, next_attempt, retry_after
from alerts.webhook import TIMEOUT_S, WebhookSender

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def test_ten_attempts_come_at_the_times_that_are_promised_and_each_lasts_fifteen_seconds_at_most() -> None:
    waits = tuple(next_attempt(made, now=NOW, luck=0) - NOW for made in range(1, 10))  # type: ignore[operator]

    assert (timedelta(), *waits) == (
        timedelta(),
        timedelta(seconds=5),
        timedelta(seconds=30),
        timedelta(minutes=2),
        timedelta(minutes=10),
        timedelta(minutes=30),
        timedelta(hours=2),
        timedelta(hours=5),
        timedelta(hours=10),
        timedelta(hours=10),
    )
    assert waits == WAITS
    assert TIMEOUT_S == 15.0
    assert {signature(each).parameters["timeout_s"].default for each in (WebhookSender, Deliverer)} == {TIMEOUT_S}


def test_after_the_tenth_attempt_there_is_no_other() -> None:
    assert next_attempt(10, now=NOW, luck=0) is None


def test_the_whole_budget_is_about_28_hours() -> None:
    assert timedelta(hours=27) < sum(WAITS, timedelta()) < timedelta(hours=28)


@given(made=st.integers(1, 9), luck=st.floats(-1, 1))
def test_jitter_stays_within_a_fifth(made: int, luck: float) -> None:
    wait = next_attempt(made, now=NOW, luck=luck) - NOW  # type: ignore[operator]

    assert 0.799 * WAITS[made - 1] <= wait <= 1.201 * WAITS[made - 1]


def test_the_endpoint_may_ask_for_more_time_but_for_no_more_than_a_day() -> None:
    assert next_attempt(1, now=NOW, luck=0, asked=timedelta(minutes=3)) == NOW + timedelta(minutes=3)
    assert next_attempt(1, now=NOW, luck=0, asked=timedelta(days=9)) == NOW + timedelta(hours=24)
    assert next_attempt(4, now=NOW, luck=0, asked=timedelta(seconds=1)) == NOW + timedelta(minutes=10)


def test_retry_after_reads_seconds_and_dates_and_shrugs_at_the_rest() -> None:
    assert retry_after("120", now=NOW) == timedelta(seconds=120)
    assert retry_after("Sun, 22 Nov 2026 12:00:30 GMT", now=NOW) == timedelta(seconds=30)
    assert retry_after("Sun, 22 Nov 2026 11:00:30 GMT", now=NOW) is None
    assert retry_after("Sun, 29 Nov 2026 12:00:30 GMT", now=NOW) == timedelta(hours=24)
    assert retry_after("soon", now=NOW) is None
    assert retry_after("Sun, 22 Nov 2026 12:00:30 +99999999999999999999", now=NOW) is None
    assert retry_after("Sun, 22 Nov 99999999999999999999 12:00:30 GMT", now=NOW) is None
    assert retry_after(None, now=NOW) is None


@given(st.text(max_size=40))
def test_no_retry_after_header_raises(header: str) -> None:
    retry_after(header, now=NOW)


def test_a_time_scale_shortens_every_wait_also_the_one_that_was_asked_for() -> None:
    assert next_attempt(9, now=NOW, luck=0, time_scale=0.001) == NOW + timedelta(seconds=36)
    asked = timedelta(minutes=10)
    assert next_attempt(1, now=NOW, luck=0, asked=asked, time_scale=0.01) == NOW + timedelta(seconds=6)
