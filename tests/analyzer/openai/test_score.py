import math

import pytest

from analyzer.engine import probability
from analyzer.openai.score import TEXT_MARGIN, by_ids, by_likeliest, by_words
from analyzer.openai.wire import Listed
from analyzer.yes_no import LEAST_MASS


def listed(**chances: float) -> list[Listed]:
    return [Listed(token.replace("_", " "), math.log(chance)) for token, chance in chances.items()]


def test_the_margin_sums_all_ways_to_write_yes_and_no() -> None:
    given = [Listed(f"token_id:{number}", math.log(chance)) for number, chance in ((1, 0.4), (2, 0.2), (7, 0.2))]

    scored = by_ids(given, yes=(1, 2), no=(7,))

    assert scored.margin == pytest.approx(math.log(0.6 / 0.2))
    assert scored.mass == pytest.approx(0.8)


def test_a_list_with_both_gives_the_same_margin_as_ids() -> None:
    scored = by_likeliest(listed(Yes=0.4, _yes=0.2, No=0.2, The=0.1))

    assert scored.margin == pytest.approx(math.log(0.6 / 0.2))
    assert scored.mass == pytest.approx(0.8)


def test_a_missing_no_is_bounded_by_the_last_that_is_listed() -> None:
    scored = by_likeliest(listed(Yes=0.8, The=0.1, A=0.01))

    assert scored.margin == pytest.approx(math.log(0.8 / 0.01))
    assert scored.mass == pytest.approx(0.8)


def test_a_missing_yes_is_bounded_too_and_stays_a_no() -> None:
    scored = by_likeliest(listed(No=0.7, The=0.2, A=0.001))

    assert scored.margin == pytest.approx(math.log(0.001 / 0.7))


def test_a_missing_side_is_bounded_by_what_the_listed_leave_over() -> None:
    scored = by_likeliest(listed(Yes=0.9))

    assert scored.margin == pytest.approx(math.log(0.9 / 0.1))


def test_sums_that_are_rounded_to_more_than_one_give_a_finite_margin() -> None:
    scored = by_likeliest([Listed("Yes", 0.0), Listed("The", -0.5)])

    assert scored.margin is not None
    assert math.isfinite(scored.margin)


def test_neither_listed_is_unknown_whatever_else_is_there() -> None:
    scored = by_likeliest(listed(The=0.5, A=0.3, Yesterday=0.1))

    assert scored.margin is None
    assert "3 likeliest" in scored.why


def test_a_low_mass_is_unknown_and_says_how_low() -> None:
    by_id = by_ids(
        [Listed("token_id:1", math.log(LEAST_MASS / 2)), Listed("token_id:7", math.log(1e-4))], yes=(1,), no=(7,)
    )
    by_list = by_likeliest(listed(The=0.9, Yes=0.02, No=0.01))

    assert by_id.margin is by_list.margin is None
    assert by_list.mass == pytest.approx(0.03)
    assert "3.0%" in by_list.why


def test_other_tokens_than_asked_for_are_unknown() -> None:
    scored = by_ids([Listed("Yes", -0.1), Listed("No", -2.0)], yes=(1,), no=(7,))

    assert scored.margin is None


@pytest.mark.parametrize("logprob", [900.0, 1e308, 0.5, math.inf, -math.inf, math.nan])
def test_what_is_no_log_probability_is_unknown_and_says_so(logprob: float) -> None:
    by_id = by_ids([Listed("token_id:1", logprob), Listed("token_id:7", -1.0)], yes=(1,), no=(7,))
    by_list = by_likeliest([Listed("Yes", -1.0), Listed("The", logprob)])

    assert by_id.margin is by_list.margin is None
    assert "log-probability" in by_id.why and by_id.why == by_list.why


def test_what_cannot_be_by_a_servers_word_is_a_sure_answer_and_no_overflow() -> None:
    scored = by_ids([Listed("token_id:1", -9999.0), Listed("token_id:7", 1e-5)], yes=(1,), no=(7,))

    assert scored.margin == pytest.approx(-9999.0)
    assert scored.mass == 1.0
    assert probability(-9999.0) == 0.0
    assert probability(9999.0) == 1.0
    assert probability(-1.5) == pytest.approx(1.0 - probability(1.5))


@pytest.mark.parametrize("text", ["Yes", " yes.", "YES!", "**Yes**, a car", '"Yes"', "是的", "是,有一辆车", "Yes\n\n"])
def test_a_text_that_begins_with_yes_is_a_modest_yes(text: str) -> None:
    assert by_words(text).margin == TEXT_MARGIN


@pytest.mark.parametrize("text", ["No", "no, nothing", "否", "不是", "没有", "- No"[2:]])
def test_a_text_that_begins_with_no_is_a_modest_no(text: str) -> None:
    assert by_words(text).margin == -TEXT_MARGIN


@pytest.mark.parametrize("text", ["", "Yesterday", "Not sure", "The picture", "<think>", "None", "I see: yes"])
def test_any_other_text_is_unknown(text: str) -> None:
    scored = by_words(text)

    assert scored.margin is None
    assert scored.why
