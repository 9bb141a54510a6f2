"""What was decided on one camera for a while, in as few bytes as it takes.

Takes: Entry, one for each frame, or for each stretch of frames of which the same is to be said.
Gives: `extended`, which makes stretches; `pack` and `unpack`, the bytes of a block; the same for the journal.
Knows nothing about: the database, what outcomes mean.

A block holds a table by columns: what repeats (which rules, which outcomes) once, as a shape; of figures the
difference to the one before; of a rule's score the difference to the best answer, which is nothing where a rule asks
one question. Then zlib."""

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

Kind = Literal["analysed", "unchanged", "dropped", "late", "time"]

#: the bytes hold it; a reader skips a block of a later one
VERSION = 1


class Answered(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What the engine said to one question. `why`: it did not."""

    question: str
    percent: int | None = None
    count: int | None = None
    why: str = ""


class Decided(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of it for one rule. Times in milliseconds since 1970."""

    rule_id: str
    version: int
    outcome: str
    percent: int | None = None
    bar: int | None = None
    since_ms: int | None = None
    needed_s: float = 0.0
    so_far: int = 0
    needed: int = 0
    why: str = ""


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`frames` frames from `since_ms` to `at_ms`, up to `seq`. Of time alone, without a frame: none.

    `reason`: why it was dropped, or nothing was judged."""

    at_ms: int
    since_ms: int
    kind: Kind
    epoch: int = 0
    seq: int = 0
    frames: int = 0
    reason: str = ""
    answers: tuple[Answered, ...] = ()
    decided: tuple[Decided, ...] = ()

    @property
    def order(self) -> tuple[int, int, int]:
        """By time; two entries of a camera do not share it."""
        return (self.at_ms, self.epoch, self.seq)


Noted = tuple[str, Entry]  # camera, entry

#: they are told apart by their moment, so each stands alone
_MOMENTS = frozenset({"opened", "updated", "ended"})


def extended(before: Entry, entry: Entry) -> Entry | None:
    """Both in one, where the same is to be said of them and no frame lies between; else None."""
    same = (
        before.kind == entry.kind
        and before.frames
        and before.epoch == entry.epoch
        and before.seq + entry.frames == entry.seq
        and before.reason == entry.reason
        and before.answers == entry.answers
        and before.decided == entry.decided
        and before.at_ms <= entry.at_ms
    )
    if not same or any(each.outcome in _MOMENTS for each in entry.decided):
        return None
    return msgspec.structs.replace(
        entry, since_ms=min(before.since_ms, entry.since_ms), frames=before.frames + entry.frames
    )


def append(entries: list[Entry], entry: Entry) -> None:
    """In the order in which they were heard."""
    longer = extended(entries[-1], entry) if entries else None
    if longer is None:
        entries.append(entry)
    else:
        entries[-1] = longer


#: rule, version, outcome, whether it has a percent, bar, whether it has a since, needed_s, needed, why
_DecidedShape = tuple[str, int, str, bool, int | None, bool, float, int, str]


class _Shape(msgspec.Struct, frozen=True, array_like=True):
    """What repeats. Of an answer: question, why, whether it has a percent, a count."""

    kind: Kind
    epoch: int
    reason: str
    answers: tuple[tuple[str, str, bool, bool], ...]
    decided: tuple[_DecidedShape, ...]


class _Table(msgspec.Struct, array_like=True):
    """By columns; figures of answers and rules flat, in the order of the entries."""

    version: int
    shapes: list[_Shape]
    step_ms: int
    shape: list[int] = []
    at: list[int] = []
    span: list[int] = []
    seq: list[int] = []
    frames: list[int] = []
    percents: dict[str, list[int]] = {}
    counts: dict[str, list[int]] = {}
    scores: dict[str, list[int]] = {}
    since: dict[str, list[int]] = {}
    so_far: dict[str, list[int]] = {}


_encoder = msgspec.msgpack.Encoder()
_tables = msgspec.msgpack.Decoder(_Table)
_journal = msgspec.msgpack.Decoder(list[Noted])


class _VersionOnly(msgspec.Struct, array_like=True):
    version: int


_versions = msgspec.msgpack.Decoder(_VersionOnly)


def pack(entries: Sequence[Entry]) -> bytes:
    """Raises nothing; `unpack` gives the same entries."""
    return zlib.compress(_encoder.encode(_Writer(entries).table), 9)


def unpack(body: bytes) -> list[Entry]:
    """Nothing of a block that a later release wrote. Raises ValueError on bytes that are no block."""
    try:
        raw = zlib.decompress(body)
        if _versions.decode(raw).version > VERSION:
            return []
        return _Reader(_tables.decode(raw)).entries()
    except (zlib.error, msgspec.DecodeError, IndexError, KeyError, StopIteration) as error:
        raise ValueError(f"no block of decisions: {error}") from error


def pack_noted(noted: Sequence[Noted]) -> bytes:
    """A row of the journal: it lives for a minute, so speed counts more than size."""
    return zlib.compress(_encoder.encode(noted), 1)


def unpack_noted(body: bytes) -> list[Noted]:
    """Raises ValueError on bytes that are no row of the journal."""
    try:
        return _journal.decode(zlib.decompress(body))
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"no row of the journal: {error}") from error


class _Writer:
    def __init__(self, entries: Sequence[Entry]) -> None:
        self.table = _Table(VERSION, [], _usual_step(entries))
        self._numbers: dict[_Shape, int] = {}
        self._before: dict[tuple[str, str], int] = {}
        at_ms = seq = 0
        for entry in entries:
            self._add(entry, entry.at_ms - at_ms, entry.seq - seq)
            at_ms, seq = entry.at_ms, entry.seq

    def _add(self, entry: Entry, step_ms: int, ahead: int) -> None:
        table = self.table
        table.shape.append(self._number(_shape_of(entry)))
        table.at.append(step_ms - table.step_ms)
        table.span.append(entry.at_ms - entry.since_ms)
        table.seq.append(ahead)
        table.frames.append(entry.frames)
        for answer in entry.answers:
            self._figure("percents", answer.question, answer.percent)
            self._figure("counts", answer.question, answer.count)
        best = _best(entry.answers)
        for each in entry.decided:
            if each.percent is not None:
                table.scores.setdefault(each.rule_id, []).append(each.percent - best)
            self._figure("since", each.rule_id, each.since_ms)
            self._figure("so_far", each.rule_id, each.so_far)

    def _figure(self, column: str, name: str, value: int | None) -> None:
        if value is not None:
            columns: dict[str, list[int]] = getattr(self.table, column)
            columns.setdefault(name, []).append(value - self._before.get((column, name), 0))
            self._before[column, name] = value

    def _number(self, shape: _Shape) -> int:
        if shape not in self._numbers:
            self._numbers[shape] = len(self.table.shapes)
            self.table.shapes.append(shape)
        return self._numbers[shape]


def _shape_of(entry: Entry) -> _Shape:
    return _Shape(
        entry.kind,
        entry.epoch,
        entry.reason,
        tuple((each.question, each.why, each.percent is not None, each.count is not None) for each in entry.answers),
        tuple(
            (
                each.rule_id,
                each.version,
                each.outcome,
                each.percent is not None,
                each.bar,
                each.since_ms is not None,
                each.needed_s,
                each.needed,
                each.why,
            )
            for each in entry.decided
        ),
    )


def _best(answers: Sequence[Answered]) -> int:
    return max((each.percent for each in answers if each.percent is not None), default=0)


def _usual_step(entries: Sequence[Entry]) -> int:
    """Between two frames: what is left over it fits a byte."""
    steps = sorted(later.at_ms - before.at_ms for before, later in pairwise(entries))
    return steps[len(steps) // 2] if steps else 0


class _Reader:
    """The columns of one table, each read on from where the entry before ended."""

    def __init__(self, table: _Table) -> None:
        self._table = table
        self._columns: dict[tuple[str, str], Iterator[int]] = {}
        self._before: dict[tuple[str, str], int] = {}

    def entries(self) -> list[Entry]:
        table, at_ms, seq, made = self._table, 0, 0, []
        for index, number in enumerate(table.shape):
            at_ms += table.at[index] + table.step_ms
            seq += table.seq[index]
            shape = table.shapes[number]
            answers = tuple(self._answer(*each) for each in shape.answers)
            best = _best(answers)
            decided = tuple(self._decided(each, best) for each in shape.decided)
            since_ms, frames = at_ms - table.span[index], table.frames[index]
            made.append(Entry(at_ms, since_ms, shape.kind, shape.epoch, seq, frames, shape.reason, answers, decided))
        return made

    def _answer(self, question: str, why: str, has_percent: bool, has_count: bool) -> Answered:
        percent = self._summed("percents", question) if has_percent else None
        count = self._summed("counts", question) if has_count else None
        return Answered(question, percent, count, why)

    def _decided(self, shape: _DecidedShape, best: int) -> Decided:
        rule_id, version, outcome, has_percent, bar, has_since, needed_s, needed, why = shape
        percent = best + self._next("scores", rule_id) if has_percent else None
        since_ms = self._summed("since", rule_id) if has_since else None
        so_far = self._summed("so_far", rule_id)
        return Decided(rule_id, version, outcome, percent, bar, since_ms, needed_s, so_far, needed, why)

    def _next(self, column: str, name: str) -> int:
        if (column, name) not in self._columns:
            self._columns[column, name] = iter(getattr(self._table, column)[name])
        return next(self._columns[column, name])

    def _summed(self, column: str, name: str) -> int:
        value = self._before.get((column, name), 0) + self._next(column, name)
        self._before[column, name] = value
        return value
