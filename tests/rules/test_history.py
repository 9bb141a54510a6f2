import pytest

from rules.asking.history import needs_history, shown_by_one_picture
from rules.plan.compile import compile_rule


@pytest.mark.parametrize(
    ("text", "history", "one"),
    [
        ("a car is visible", False, True),
        ("more than 3 people", False, True),
        ("a man climbs over the fence", False, False),
        ("something moves", True, False),
        ("the picture is dark", True, False),
        ("a bag is left alone for 5 seconds", True, False),
        ("a person stays in the loading bay for 5 minutes", False, False),
        ("a person crosses the loading bay", False, False),
    ],
)
def test_what_kept_pictures_do_not_show_is_told_from_what_they_do(text: str, history: bool, one: bool) -> None:
    plan = compile_rule(text, zones=("loading bay",))

    assert (needs_history(plan), shown_by_one_picture(plan)) == (history, one)
