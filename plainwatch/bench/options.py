"""What is to be measured, as typed.

Takes: the arguments of `bench`.
Gives: Options; a usage error ends with exit code 2.
Knows nothing about: how it is measured."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """An empty `model` or `dtype`: what suits the device."""

    model: str = ""
    rules: tuple[int, ...] = (1, 4, 16, 64)
    device: str = "auto"
    dtype: str = ""
    visual_tokens: int = 256
    batches: tuple[int, ...] = (1,)
    repeats: int = 3
    packed_only: bool = False
    nvidia_point: bool = False
    engine: bool = False
    json: bool = False


def parse(arguments: Sequence[str], *, prog: str) -> Options:
    """Of `bench rules …`."""
    given = vars(_parser(prog).parse_args(arguments))
    given.pop("what")
    return Options(**given)


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog, description="Measure this machine.")
    rules = parser.add_subparsers(dest="what", required=True).add_parser(
        "rules",
        help="What one more rule costs.",
        description="The cost of a frame against the number of rules: the whole prompt for every rule, and all rules "
        "packed behind one prefix, measured in turn. Random weights: speed does not depend on the values.",
    )
    default = Options()
    rules.add_argument(
        "--model",
        default=default.model,
        metavar="SHAPE|FOLDER",
        help="tiny, cpu-mid (what a CPU gets), qwen3-vl-2b (what a GPU gets), -4b, -8b, or a checkpoint's folder",
    )
    rules.add_argument("--rules", type=_counts, default=default.rules, metavar="1,4,16,64")
    rules.add_argument("--device", choices=("auto", "cpu", "cuda"), default=default.device)
    rules.add_argument(
        "--dtype",
        choices=("float32", "bfloat16", "float16"),
        default=default.dtype,
        help="without it float32 on a CPU, bfloat16 on a GPU",
    )
    rules.add_argument("--visual-tokens", type=_count, default=default.visual_tokens, metavar="N", help="of one frame")
    rules.add_argument(
        "--batch", dest="batches", type=_counts, default=default.batches, metavar="1,8,…", help="frames at once"
    )
    rules.add_argument("--repeats", type=_count, default=default.repeats, metavar="N")
    rules.add_argument("--packed-only", action="store_true", help="leave out the slow way, to sweep batches")
    rules.add_argument(
        "--nvidia-point",
        action="store_true",
        help="instead of frames: chunks of 10 s, 80 frames at 448², one yes/no token, by default of the 8B shape",
    )
    rules.add_argument(
        "--engine",
        action="store_true",
        help="also through the engine, from JPEGs of 1920x1080: decoding and resizing beside the model",
    )
    rules.add_argument("--json", action="store_true", help="print one JSON object on standard output")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


def _counts(text: str) -> tuple[int, ...]:
    return tuple(sorted({_count(part.strip()) for part in text.split(",")}))
