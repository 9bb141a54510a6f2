import pytest

from rules.when.window import take_window
from rules.words.language import detect, normalise

ALL, WORKDAYS = "mon tue wed thu fri sat sun", "mon tue wed thu fri"


@pytest.mark.parametrize(
    ("text", "windows", "remarks"),
    [
        ("9 to 4pm", [(ALL, "09:00", "16:00")], []),
        ("7 to 9pm", [(ALL, "19:00", "21:00")], []),
        ("11 to 3am", [(ALL, "23:00", "03:00")], []),
        ("晚上7点到9点", [(ALL, "19:00", "21:00")], []),
        ("22点到7点", [(ALL, "22:00", "07:00")], []),
        ("06:15\u201308:00", [(ALL, "06:15", "08:00")], []),
        ("between 6 and 8", [(ALL, "06:00", "08:00")], ["ambiguous_time"]),
        ("from 9 to 4", [(ALL, "09:00", "16:00")], ["ambiguous_time"]),
        ("7点到9点", [(ALL, "07:00", "09:00")], ["ambiguous_time"]),
        ("after 8pm", [(ALL, "20:00", "06:00")], ["assumed_time"]),
        ("before 7am", [(ALL, "00:00", "07:00")], ["assumed_time"]),
        ("晚上10点以后", [(ALL, "22:00", "06:00")], ["assumed_time"]),
        ("at night", [(ALL, "22:00", "06:00")], ["assumed_time"]),
        ("凌晨", [(ALL, "00:00", "06:00")], ["assumed_time"]),
        ("night shift 21:00-05:00", [(ALL, "21:00", "05:00")], []),
        ("outside business hours", [(ALL, "18:00", "09:00")], ["assumed_time"]),
        ("outside 8am-6pm", [(ALL, "18:00", "08:00")], []),
        ("weekdays 07:00-18:00", [(WORKDAYS, "07:00", "18:00")], []),
        ("工作日早八点到晚六点", [(WORKDAYS, "08:00", "18:00")], []),
        ("周末24小时", [("sat sun", "00:00", "24:00")], []),
        ("除周日外每天", [("mon tue wed thu fri sat", "00:00", "24:00")], []),
        ("24/7", [], []),
        (
            "from Friday 6pm until Monday 6am",
            [("fri", "18:00", "24:00"), ("sat sun", "00:00", "24:00"), ("mon", "00:00", "06:00")],
            [],
        ),
        (
            "weekdays 9am to 5pm and Saturdays 10:00-14:00",
            [(WORKDAYS, "09:00", "17:00"), ("sat", "10:00", "14:00")],
            [],
        ),
        ("every day from 08:00 to 08:00", [], ["contradiction"]),
        ("between 2 and 4 people", [], []),
        ("a man sat down for 5 minutes", [], []),
    ],
)
def test_times_are_read_as_the_conventions_say(
    text: str, windows: list[tuple[str, str, str]], remarks: list[str]
) -> None:
    plain = normalise(text)

    found, codes, _ = take_window(plain, detect(plain))

    assert [(" ".join(window.days), window.start, window.end) for window in found] == windows
    assert list(codes) == remarks
