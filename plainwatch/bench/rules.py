"""What a frame costs against the number of its rules, measured.

Takes: Options, the current time.
Gives: a Report; a batch that does not fit into memory is a row that says so.
Knows nothing about: arguments, terminals."""

import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import TypeVar

from analyzer.vlm import speed
from analyzer.vlm.flops import FlopModel
from analyzer.vlm.no_memory import out_of_memory
from analyzer.vlm.pack import MOST_IN_A_PACK
from analyzer.vlm.shapes import Plan, build, parameters, plan
from plainwatch.bench.options import Options
from plainwatch.bench.report import ChunkRow, Report, Row

#: two tokens that stand for yes and no; which ones they are costs nothing
ANSWERS = (3, 4)
#: NVIDIA's point: 80 frames at 448², of which the model reads two as one picture; 40 x 196 = 7,840 visual tokens
CHUNK_S, CHUNK_IMAGES, CHUNK_IMAGE_TOKENS = 10.0, 40, 196
OUT_OF_MEMORY = "out of memory"

Say = Callable[[str], None]
Work = Callable[[], object]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Bench:
    """One model on one device, ready to be timed."""

    model: speed.Model
    plan: Plan
    watch: speed.Stopwatch
    matrix_tflops: float
    options: Options
    say: Say

    @property
    def sizes(self) -> speed.Sizes:
        """Of a frame, or of a chunk where NVIDIA's point is asked for."""
        chunk = self.options.nvidia_point
        return speed.Sizes(
            images=CHUNK_IMAGES if chunk else 1,
            visual_tokens=CHUNK_IMAGE_TOKENS if chunk else self.options.visual_tokens,
            common_tokens=self.plan.common_tokens,
        )

    def scene(self, batch: int, rules: int) -> speed.Scene:
        """Frames, or chunks."""
        return speed.scene(
            self.model, self.sizes, batch=batch, lengths=speed.suffix_lengths(rules, self.plan.rule_tokens)
        )

    def timed(self, works: dict[str, Work], batch: int) -> dict[str, float]:
        """Milliseconds for one of the batch. In turn, so that a busy minute of the machine hits all of them alike.

        What does not fit into memory has no time, and costs the others none."""
        times_ms: dict[str, list[float]] = {name: [] for name in works}
        for lap in range(1, self.options.repeats + 1):
            for name in list(times_ms):
                took_ms = _fitting(partial(self.watch.ms, works[name]))
                if took_ms is None:
                    del times_ms[name]
                else:
                    times_ms[name].append(took_ms)
            self.say(f"batch {batch}: round {lap} of {self.options.repeats}")
        return {name: self.watch.of(values) / batch for name, values in times_ms.items()}


def measure(options: Options, *, command: str, now: datetime, say: Say) -> Report:
    """Four minutes of one core for the defaults on a CPU, nearly all of it the slow way."""
    device = speed.ready(options.device)
    large = "qwen3-vl-8b" if options.nvidia_point else "qwen3-vl-2b"
    chosen = plan(options.model or ("cpu-mid" if device == "cpu" else large))
    dtype = options.dtype or ("float32" if device == "cpu" else "bfloat16")
    say(f"building {chosen.name} on {device}")
    model = build(chosen.config, device=device, dtype=dtype)
    watch = speed.Stopwatch(device)
    bench = Bench(model, chosen, watch, speed.matrix_tflops(device, dtype), options, say)
    chunks = options.nvidia_point
    return Report(
        hardware=speed.hardware(device),
        model=chosen.name,
        parameters_m=parameters(model) / 1e6,
        device=device,
        dtype=dtype,
        visual_tokens=CHUNK_IMAGES * CHUNK_IMAGE_TOKENS if chunks else options.visual_tokens,
        common_tokens=chosen.common_tokens,
        rule_tokens=chosen.rule_tokens,
        measured=watch.how,
        repeats=options.repeats,
        matrix_tflops=bench.matrix_tflops,
        rows=() if chunks else tuple(row for batch in options.batches for row in frames(bench, batch)),
        nvidia_point=tuple(chunk(bench, batch) for batch in options.batches) if chunks else None,
        torch=version("torch"),
        transformers=version("transformers"),
        python=platform.python_version(),
        date=now,
        command=command,
    )


def frames(bench: Bench, batch: int) -> list[Row]:
    """One row for each number of rules; one that does not fit is no reason to give up those that do."""
    counts = bench.options.rules
    scene = _fitting(partial(bench.scene, batch, max(counts)))
    if scene is None:
        return [_row(bench, batch, count, {}) for count in counts]
    works = _works(bench, {count: scene.first(count) for count in counts}) | _engine_works(bench, batch)
    # Nothing is timed the first time that it runs: memory is taken, kernels are chosen.
    first_run = [name for name in works if not name.startswith("naive") or name == "naive 1"]
    too_large = [name for name in first_run if _fitting(partial(_done, works[name])) is None]
    times_ms = bench.timed({name: work for name, work in works.items() if name not in too_large}, batch)
    return [_row(bench, batch, count, times_ms) for count in counts]


def _done(work: Work) -> bool:
    work()
    return True


def _fitting(work: Callable[[], _T]) -> _T | None:
    """None: there was no memory for it."""
    try:
        return work()
    except (RuntimeError, MemoryError) as error:
        if not out_of_memory(error):
            raise
    # Only here, with the error gone, is what it held free.
    speed.give_back()
    return None


def _works(bench: Bench, scenes: dict[int, speed.Scene]) -> dict[str, Work]:
    """Prompts one by one, each timed by itself: a run of 64 would be a minute, and no minute of a shared machine is
    quiet as a second may be. The packed frames stand between them, so that both ways see the same machine."""
    most = max(scenes)
    works: dict[str, Work] = {"common": partial(speed.common, bench.model, scenes[most])}
    for count in range(1, most + 1):
        if not bench.options.packed_only:
            works[f"naive {count}"] = partial(speed.one_by_one, bench.model, scenes[most].alone(count - 1), ANSWERS)
        if count in scenes:
            works[f"packed {count}"] = partial(speed.packed, bench.model, scenes[count], ANSWERS)
    return works


def _engine_works(bench: Bench, batch: int) -> dict[str, Work]:
    if not bench.options.engine:
        return {}
    from plainwatch.bench.engine import driven  # needs more than torch and transformers: only where it is asked for

    through = _fitting(partial(driven, bench.model, batch=batch, visual_tokens=bench.options.visual_tokens))
    if through is None:
        return {}
    bench.say(f"batch {batch}: the engine took the path '{through.engine.path}'")
    answers: dict[str, Work] = {f"engine {count}": partial(through.answer, count) for count in bench.options.rules}
    return {"prepare": through.prepare, **answers}


def _row(bench: Bench, batch: int, rules: int, times_ms: dict[str, float]) -> Row:
    flop_ratio, tflop = _by_flop(bench, rules)
    if not times_ms.keys() >= {"common", f"packed {rules}"}:
        return Row(batch, rules, flop_ratio, tflop, failed=OUT_OF_MEMORY)
    packed_ms, common_ms = times_ms[f"packed {rules}"], times_ms["common"]
    one_by_one = [times_ms.get(f"naive {count}") for count in range(1, rules + 1)]
    naive_ms = None if None in one_by_one else sum(ms for ms in one_by_one if ms is not None)
    tflops = tflop / packed_ms * 1000
    return Row(
        batch,
        rules,
        flop_ratio,
        tflop,
        naive_ms=naive_ms,
        packed_ms=packed_ms,
        ratio=naive_ms / packed_ms if naive_ms is not None else None,
        of_one_rule=packed_ms / times_ms["packed 1"] if "packed 1" in times_ms else None,
        rule_share=(packed_ms - common_ms) / rules / common_ms,
        frames_per_s=1000 / packed_ms,
        tflops=tflops,
        matrix_share=tflops / bench.matrix_tflops,
        engine_ms=times_ms.get(f"engine {rules}"),
        prepare_ms=times_ms.get("prepare"),
    )


def chunk(bench: Bench, batch: int) -> ChunkRow:
    """NVIDIA's point."""
    tflop = _by_flop(bench, 1)[1]
    scene = _fitting(partial(bench.scene, batch, 1))
    work = partial(speed.packed, bench.model, scene, ANSWERS) if scene else None
    if work is None or _fitting(partial(_done, work)) is None:
        return ChunkRow(batch, CHUNK_S, tflop, failed=OUT_OF_MEMORY)
    times_ms = bench.timed({"chunk": work}, batch)
    if not times_ms:
        return ChunkRow(batch, CHUNK_S, tflop, failed=OUT_OF_MEMORY)
    chunk_ms = times_ms["chunk"]
    tflops = tflop / chunk_ms * 1000
    return ChunkRow(
        batch,
        CHUNK_S,
        tflop,
        chunk_ms=chunk_ms,
        chunks_per_s=1000 / chunk_ms,
        streams=CHUNK_S * 1000 / chunk_ms,
        tflops=tflops,
        matrix_share=tflops / bench.matrix_tflops,
    )


def _by_flop(bench: Bench, rules: int) -> tuple[float, float]:
    """(naive over packed, 10^12 operations of a packed frame), by arithmetic: also of what does not fit."""
    sizes = bench.sizes
    lengths = speed.suffix_lengths(rules, bench.plan.rule_tokens)
    model = FlopModel(bench.plan.config, sizes.images, sizes.patches(bench.plan.config), sizes.prefix_tokens)
    packed = model.packed(lengths, MOST_IN_A_PACK)
    return model.naive(lengths) / packed, packed / 1e12
