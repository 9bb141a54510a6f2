"""Sentences of our own, written and labelled before they were tried: docs/bench-log.md has what it got then.

Now they guard what was reached, in each language by itself."""

from pathlib import Path

import pytest
from score_sentences import labelled, score

SENTENCES = Path(__file__).parent / "sentences"
#: everything was reached but a sentence here and there; a better reading may trade one or two
FLOOR_PER_SLOT, FLOOR_WHOLE_ROWS = 0.97, 0.95


NAMES = [(f"blind_{letter}", lang) for letter in "abcdefghk" for lang in ("en", "zh")]


@pytest.mark.parametrize(("name", "lang"), [*NAMES, ("blind_i", "en"), ("blind_j", "zh")])
def test_sentences_that_strangers_might_write_are_understood(name: str, lang: str) -> None:
    found = score(row for row in labelled(SENTENCES / f"{name}.jsonl") if row["lang"] == lang)

    assert found.total["whole"] >= 30
    assert all(found.rate(slot) >= FLOOR_PER_SLOT for slot in found.total if slot != "whole"), found.table()
    assert found.rate("whole") >= FLOOR_WHOLE_ROWS, found.table()
