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

from analyzer.vlm import speed
from analyzer.vlm.flops import FlopModel
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


@dataclass(frozen=True, slots=True)
class Bench:
    """One model on one device, ready to be timed."""

    model: speed.Model
    plan: Plan
    watch: speed.Stopwatch
    matrix_tflops: float
    options: Options
    say: Say

    def scene(self, batch: int, rules: int) -> speed.Scene:
        """Frames, or chunks where NVIDIA's point is asked for."""
        chunk = self.options.nvidia_point
        return speed.scene(
            self.model,
            batch=batch,
            images=CHUNK_IMAGES if chunk else 1,
            visual_tokens=CHUNK_IMAGE_TOKENS if chunk else self.options.visual_tokens,
            common_tokens=self.plan.common_tokens,
            lengths=speed.suffix_lengths(rules, self.plan.rule_tokens),
        )

    def timed(self, works: dict[str, Work], batch: int) -> dict[str, float]:
        """Milliseconds for one of the batch. In turn, so that a busy minute of the machine hits all of them alike."""
        times_ms: dict[str, list[float]] = {name: [] for name in works}
        for lap in range(1, self.options.repeats + 1):
            for name, work in works.items():
                times_ms[name].append(self.watch.ms(work))
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
        rows=() if chunks else tuple(row for batch in options.batches for row in _frames(bench, batch)),
        nvidia_point=tuple(_chunk(bench, batch) for batch in options.batches) if chunks else None,
        torch=version("torch"),
        transformers=version("transformers"),
        python=platform.python_version(),
        date=now,
        command=command,
    )


def _frames(bench: Bench, batch: int) -> list[Row]:
    scenes = {count: bench.scene(batch, count) for count in bench.options.rules}
    works = _works(bench, scenes)
    try:
        # Nothing is timed the first time that it runs: memory is taken, kernels are chosen.
        for name, work in works.items():
            if not name.startswith("naive") or name == "naive 1":
                work()
        times_ms = bench.timed(works, batch)
    except speed.OutOfMemory:
        return [Row(batch, count, *_by_flop(bench, scene), failed=OUT_OF_MEMORY) for count, scene in scenes.items()]
    return [_row(bench, batch, count, scene, times_ms) for count, scene in scenes.items()]


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


def _row(bench: Bench, batch: int, rules: int, scene: speed.Scene, times_ms: dict[str, float]) -> Row:
    flop_ratio, tflop = _by_flop(bench, scene)
    packed_ms, common_ms = times_ms[f"packed {rules}"], times_ms["common"]
    slow = not bench.options.packed_only
    naive_ms = sum(times_ms[f"naive {count}"] for count in range(1, rules + 1)) if slow else None
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
    )


def _chunk(bench: Bench, batch: int) -> ChunkRow:
    scene = bench.scene(batch, 1)
    tflop = _by_flop(bench, scene)[1]
    works: dict[str, Work] = {"chunk": partial(speed.packed, bench.model, scene, ANSWERS)}
    try:
        works["chunk"]()
        chunk_ms = bench.timed(works, batch)["chunk"]
    except speed.OutOfMemory:
        return ChunkRow(batch, CHUNK_S, tflop, failed=OUT_OF_MEMORY)
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


def _by_flop(bench: Bench, scene: speed.Scene) -> tuple[float, float]:
    """(naive over packed, 10^12 operations of a packed frame), by arithmetic."""
    model = FlopModel(bench.plan.config, scene.images, scene.patches, scene.prefix_tokens)
    lengths = [len(suffix) for suffix in scene.suffixes]
    packed = model.packed(lengths, MOST_IN_A_PACK)
    return model.naive(lengths) / packed, packed / 1e12
