import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sentence import LONGEST, first_sentence, is_whole


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("A man climbs the fence. He wears red.", "A man climbs the fence."),
        ("Yes, a man climbs the fence.", "A man climbs the fence."),
        ("Yes. A man is 3.5 m above the ground.", "A man is 3.5 m above the ground."),
        ("是的\uff0c有一名男子正在翻越围栏。他穿着红衣。", "有一名男子正在翻越围栏。"),
        ("有人\uff01快看", "有人\uff01"),
        ("是一辆货车。", "是一辆货车。"),
        ("**A car** is parked\nat the gate", "A car is parked"),
        ("> a `car` is parked", "A car is parked"),
        ('"Two people!" is what I see', "Two people!"),
        ("\n\n A  car\tat the gate ", "A car at the gate"),
        ("Yesterday's paper lies there.", "Yesterday's paper lies there."),
        ("a car\x1b[31m \ufffd", "A car [31m"),
        ("", ""),
        ("Yes.", ""),
    ],
)
def test_of_what_a_model_says_one_sentence_is_shown(said: str, shown: str) -> None:
    assert first_sentence(said) == shown


def test_a_sentence_that_is_too_long_is_cut_at_a_word() -> None:
    shown = first_sentence("word " * 200)

    assert len(shown) <= LONGEST
    assert shown.endswith("word…")


def test_a_sentence_that_was_cut_off_says_so_and_a_finished_one_does_not() -> None:
    assert first_sentence("A man climbs over the fen", cut_off=True) == "A man climbs over the…"
    assert first_sentence("A man climbs. He we", cut_off=True) == "A man climbs."
    assert first_sentence("A man climbs.", cut_off=True) == "A man climbs."
    assert first_sentence("", cut_off=True) == ""


def test_a_model_may_stop_after_its_first_sentence_but_not_after_yes() -> None:
    assert is_whole("A man climbs. ")
    assert is_whole("有人。")
    assert not is_whole("Yes. ")
    assert not is_whole("A man is 3.")


@given(text=st.text(), cut_off=st.booleans())
def test_any_text_gives_one_bounded_line(text: str, cut_off: bool) -> None:
    shown = first_sentence(text, cut_off=cut_off)

    assert len(shown) <= LONGEST + 2
    assert shown.isprintable()
