"""What was measured, and on what.

Takes: rows of figures.
Gives: the report as JSON and in words; what is not known is absent, never null.
Knows nothing about: how it was measured."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

#: NVIDIA's figure for a chunk of 10 s in an 8B model, on one H100
NVIDIA_STREAMS = 51


@dataclass(frozen=True, slots=True)
class Row:
    """Times are of one frame, whatever the batch. `rule_share`: one rule more, as a share of a frame without rules.

    `engine_ms`: the same rules through the engine, from a JPEG; `prepare_ms`: of that, what comes before the model."""

    batch: int
    rules: int
    flop_ratio: float
    tflop_per_frame: float
    naive_ms: float | None = None
    packed_ms: float | None = None
    ratio: float | None = None
    of_one_rule: float | None = None
    rule_share: float | None = None
    frames_per_s: float | None = None
    tflops: float | None = None
    matrix_share: float | None = None
    engine_ms: float | None = None
    prepare_ms: float | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """NVIDIA's point. `streams`: how many cameras one device keeps up with, at a chunk of 10 s each."""

    batch: int
    chunk_s: float
    tflop_per_chunk: float
    chunk_ms: float | None = None
    chunks_per_s: float | None = None
    streams: float | None = None
    tflops: float | None = None
    matrix_share: float | None = None
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Enough to measure it again."""

    hardware: str
    model: str
    parameters_m: float
    device: str
    dtype: str
    visual_tokens: int
    common_tokens: int
    rule_tokens: int
    measured: str
    repeats: int
    matrix_tflops: float
    rows: tuple[Row, ...]
    nvidia_point: tuple[ChunkRow, ...] | None
    torch: str
    transformers: str
    python: str
    date: datetime
    command: str


def as_json(report: Report) -> dict[str, object]:
    """Durations and rates keep four digits."""
    rows = [_known(asdict(row)) for row in report.rows]
    points = [_known(asdict(row)) for row in report.nvidia_point] if report.nvidia_point is not None else None
    date = report.date.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _known({**asdict(report), "rows": rows, "nvidia_point": points, "date": date})


def in_words(report: Report) -> str:
    """For a terminal."""
    lines = [
        f"{report.hardware}, {report.date:%Y-%m-%d}",
        f"{report.model}, {report.parameters_m:.4g} M parameters, {report.dtype}",
        f"torch {report.torch}, transformers {report.transformers}, python {report.python}",
        report.measured,
        f"{report.repeats} repeats; matrix products {report.matrix_tflops:.3g} TFLOP/s",
        f"{report.visual_tokens} visual + {report.common_tokens} common tokens, about {report.rule_tokens} a rule",
        "",
    ]
    if report.nvidia_point is not None:
        columns = ["batch", "chunk ms", "chunks/s", "streams", "TFLOP/s", "share"]
        lines += _table(columns, [_chunk_cells(row) for row in report.nvidia_point])
        lines.append(f"NVIDIA publishes {NVIDIA_STREAMS} streams for one H100.")
    else:
        columns = ["batch", "rules", "naive ms", "packed ms", "ratio", "FLOPs", "frames/s", "TFLOP/s", "share", "+rule"]
        lines += _table(columns, [_cells(row) for row in report.rows])
        through = [row for row in report.rows if row.engine_ms is not None]
        if through:
            columns = ["batch", "rules", "engine ms", "prepare ms"]
            lines += ["", *_table(columns, [_engine_cells(row) for row in through])]
        lines += ["", "ratio: naive to packed, FLOPs: the same by arithmetic; share: of the matrix products' rate;",
                  "+rule: one rule more, as a share of a frame without rules"]  # fmt: skip
    return "\n".join(lines)


def _cells(row: Row) -> list[str]:
    if row.failed is not None:
        return [str(row.batch), str(row.rules), row.failed]
    return [
        str(row.batch), str(row.rules), _figure(row.naive_ms), _figure(row.packed_ms), _figure(row.ratio),
        _figure(row.flop_ratio), _figure(row.frames_per_s), _figure(row.tflops),
        _share(row.matrix_share), _share(row.rule_share),
    ]  # fmt: skip


def _engine_cells(row: Row) -> list[str]:
    return [str(row.batch), str(row.rules), _figure(row.engine_ms), _figure(row.prepare_ms)]


def _chunk_cells(row: ChunkRow) -> list[str]:
    if row.failed is not None:
        return [str(row.batch), row.failed]
    return [str(row.batch), *map(_figure, (row.chunk_ms, row.chunks_per_s, row.streams, row.tflops)),
            _share(row.matrix_share)]  # fmt: skip


def _figure(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "  ".join(cell.rjust(len(name)) for cell, name in zip(row, columns, strict=False)) for row in (columns, *rows)
    ]


def _known(values: dict[str, object]) -> dict[str, object]:
    return {
        name: float(f"{value:.4g}") if isinstance(value, float) else value
        for name, value in values.items()
        if value is not None
    }
