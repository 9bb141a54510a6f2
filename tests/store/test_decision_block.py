import zlib

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.decision_block import (
    VERSION,
    Answered,
    Decided,
    Entry,
    append,
    extended,
    pack,
    pack_noted,
    unpack,
    unpack_noted,
)

NOON_MS = 1_795_348_800_000

moments = st.integers(min_value=-(10**12), max_value=10**13)
words = st.text(max_size=12)
percents = st.none() | st.integers(0, 100)
answers = st.builds(
    Answered, st.sampled_from(["q_1", "q_2", "问"]), percents, st.none() | st.integers(-5, 10**6), words
)
decisions = st.builds(
    Decided,
    st.sampled_from(["rul_1", "rul_2", ""]),
    st.integers(1, 10**6),
    st.sampled_from(["opened", "holding", "below_threshold", "cooldown"]),
    percents,
    percents,
    st.none() | moments,
    st.floats(0, 1e6),
    st.integers(0, 10**4),
    st.integers(0, 10**4),
    words,
)
entries = st.builds(
    Entry,
    moments,
    moments,
    st.sampled_from(["analysed", "unchanged", "dropped", "late", "time"]),
    st.integers(0, 2**40),
    st.integers(0, 2**40),
    st.integers(0, 10**6),
    words,
    st.lists(answers, max_size=3, unique_by=lambda each: each.question).map(tuple),
    st.lists(decisions, max_size=2, unique_by=lambda each: each.rule_id).map(tuple),
)


def frame(seq: int, *, percent: int = 31, outcome: str = "below_threshold", kind: str = "analysed") -> Entry:
    at_ms = NOON_MS + 500 * seq
    answered = (Answered("q_1", percent, 0),) if kind == "analysed" else ()
    return Entry(at_ms, at_ms, kind, 1, seq, 1, "", answered, (Decided("rul_1", 1, outcome, percent, 50),))  # type: ignore[arg-type]


@given(st.lists(entries, max_size=20))
@settings(max_examples=200, deadline=None)
def test_a_block_holds_what_was_put_into_it(made: list[Entry]) -> None:
    assert unpack(pack(made)) == made


@given(st.lists(st.tuples(words, entries), max_size=10))
@settings(max_examples=100, deadline=None)
def test_a_row_of_the_journal_holds_what_was_put_into_it(made: list[tuple[str, Entry]]) -> None:
    assert unpack_noted(pack_noted(made)) == made


def test_frames_of_which_the_same_is_to_be_said_become_one_stretch() -> None:
    made: list[Entry] = []

    for seq in range(1, 121):
        append(made, frame(seq))

    assert len(made) == 1
    assert (made[0].frames, made[0].seq, made[0].at_ms - made[0].since_ms) == (120, 120, 119 * 500)


@pytest.mark.parametrize(
    "other",
    [
        frame(3),
        frame(2, percent=32),
        frame(2, kind="unchanged"),
        frame(2, outcome="confirming"),
        msgspec.structs.replace(frame(2), epoch=2),
        msgspec.structs.replace(frame(2), at_ms=NOON_MS),
    ],
    ids=["a frame between", "another score", "another kind", "another outcome", "another epoch", "an earlier time"],
)
def test_frames_that_differ_stay_apart(other: Entry) -> None:
    assert extended(frame(1), other) is None


def test_an_incident_that_opens_is_a_moment_and_no_stretch() -> None:
    assert extended(frame(1, outcome="opened"), frame(2, outcome="opened")) is None


def test_an_hour_of_a_quiet_camera_takes_a_few_hundred_bytes() -> None:
    made: list[Entry] = []

    for seq in range(1, 7201):
        append(made, frame(seq))

    assert len(pack(made)) < 300


def test_a_block_of_a_later_release_is_skipped() -> None:
    assert unpack(zlib.compress(msgspec.msgpack.encode([VERSION + 1, "who knows"]))) == []


@pytest.mark.parametrize("body", [b"", b"nothing", pack([frame(1)])[:-5]])
def test_bytes_that_are_no_block_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="no block"):
        unpack(body)


def test_bytes_that_are_no_row_of_the_journal_are_refused() -> None:
    with pytest.raises(ValueError, match="no row"):
        unpack_noted(b"nothing")
