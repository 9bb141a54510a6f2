"""docs/guarantees.md names the tests that hold each promise: they exist, and no promise is without one."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "guarantees.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_a_promise_names_exists() -> None:
    named = set(NAMED.findall(TEXT))

    missing = [
        f"{path}::{name}"
        for path, name in sorted(named)
        if not (ROOT / path).is_file() or f"def {name}(" not in (ROOT / path).read_text()
    ]

    assert missing == []


def test_each_of_the_ten_promises_has_a_test_and_says_its_limits() -> None:
    promises = re.split(r"^## (\d+)\. ", TEXT, flags=re.MULTILINE)[1:]

    texts = dict(zip(map(int, promises[::2]), promises[1::2], strict=True))

    assert sorted(texts) == list(range(1, 11))
    assert [number for number, text in texts.items() if not NAMED.search(text)] == []
    assert [number for number, text in texts.items() if "Limits: " not in text] == []
