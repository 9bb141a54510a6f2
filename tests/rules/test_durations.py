import pytest

from rules.when.duration import seconds_of
from rules.words.language import detect


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10 seconds", 10),
        ("a minute", 60),
        ("half an hour", 1800),
        ("quarter of an hour", 900),
        ("a minute and a half", 90),
        ("an hour and a half", 5400),
        ("2h15m", 8100),
        ("a couple of minutes", 120),
        ("a dozen seconds", 12),
        ("90s", 90),
        ("2 and a half minutes", 150),
        ("twenty five minutes", 1500),
        ("1 hour 30 minutes", 5400),
        ("10+ minutes", 600),
        ("5分钟", 300),
        ("半小时", 1800),
        ("一刻钟", 900),
        ("一分半", 90),
        ("一个半小时", 5400),
        ("两分钟", 120),
        ("十秒", 10),
        ("1小时30分钟", 5400),
    ],
)
def test_durations_are_read_in_both_languages(text: str, seconds: float) -> None:
    assert seconds_of(text, detect(text)) == seconds
