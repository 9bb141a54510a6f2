from datetime import UTC, datetime

import pytest

from contracts.errors import Invalid
from contracts.plan import WEEK, Window
from rules.incidents.clockface import is_open


def test_an_overnight_window_belongs_to_the_day_on_which_it_starts() -> None:
    friday_night = (Window(("fri",), "22:00", "06:00"),)

    assert is_open(friday_night, "UTC", datetime(2026, 6, 5, 22, 0, tzinfo=UTC))  # a Friday
    assert is_open(friday_night, "UTC", datetime(2026, 6, 6, 5, 59, tzinfo=UTC))
    assert not is_open(friday_night, "UTC", datetime(2026, 6, 6, 6, 0, tzinfo=UTC))
    assert not is_open(friday_night, "UTC", datetime(2026, 6, 5, 5, 0, tzinfo=UTC))
    assert not is_open(friday_night, "UTC", datetime(2026, 6, 6, 22, 0, tzinfo=UTC))


def test_twenty_four_hundred_is_the_end_of_the_day() -> None:
    saturday = (Window(("sat",), "00:00", "24:00"),)

    assert is_open(saturday, "UTC", datetime(2026, 6, 6, 23, 59, 59, tzinfo=UTC))
    assert not is_open(saturday, "UTC", datetime(2026, 6, 7, 0, 0, tzinfo=UTC))


def test_no_window_is_always() -> None:
    assert is_open((), "UTC", datetime(2026, 6, 6, 3, tzinfo=UTC))


def test_the_wall_clock_of_the_camera_counts() -> None:
    office = (Window(WEEK, "09:00", "18:00"),)

    assert is_open(office, "Asia/Shanghai", datetime(2026, 6, 1, 1, 0, tzinfo=UTC))
    assert not is_open(office, "Europe/Berlin", datetime(2026, 6, 1, 1, 0, tzinfo=UTC))


def test_summer_time_in_berlin_moves_the_window_with_the_clock() -> None:
    morning = (Window(WEEK, "06:00", "07:00"),)

    assert is_open(morning, "Europe/Berlin", datetime(2026, 3, 28, 5, 30, tzinfo=UTC))  # winter: UTC+1
    assert is_open(morning, "Europe/Berlin", datetime(2026, 3, 29, 4, 30, tzinfo=UTC))  # summer: UTC+2
    assert not is_open(morning, "Europe/Berlin", datetime(2026, 3, 29, 5, 30, tzinfo=UTC))


def test_the_hour_that_summer_time_skips_or_repeats() -> None:
    small_hours = (Window(WEEK, "02:00", "03:00"),)

    skipped = [is_open(small_hours, "Europe/Berlin", datetime(2026, 3, 29, 0, m, tzinfo=UTC)) for m in range(60)]
    skipped += [is_open(small_hours, "Europe/Berlin", datetime(2026, 3, 29, 1, m, tzinfo=UTC)) for m in range(60)]
    twice = [is_open(small_hours, "Europe/Berlin", datetime(2026, 10, 25, h, 30, tzinfo=UTC)) for h in (0, 1)]

    assert not any(skipped)
    assert twice == [True, True]


def test_an_unknown_time_zone_is_said_with_a_remedy() -> None:
    with pytest.raises(Invalid, match=r"Mars/Olympus.*Europe/Berlin"):
        is_open((Window(WEEK, "09:00", "18:00"),), "Mars/Olympus", datetime(2026, 6, 1, tzinfo=UTC))
