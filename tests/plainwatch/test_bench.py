import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from analyzer.vlm.shapes import build, plan
from analyzer.vlm.speed import Stopwatch
from plainwatch.bench.command import main
from plainwatch.bench.options import Options
from plainwatch.bench.report import Report, Row, as_json, in_words
from plainwatch.bench.rules import Bench, chunk, frames
from plainwatch.cli.app import app
from tests.plainwatch import bare_machine

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUICK = ["--model", "tiny", "--visual-tokens", "16", "--rules", "1,4", "--repeats", "1"]


def bench(*arguments: str) -> int:
    return main(["rules", *arguments], prog="plainwatch bench", now=NOW)


def test_the_report_names_what_was_measured_and_on_what(capsys: pytest.CaptureFixture[str]) -> None:
    code = bench(*QUICK, "--batch", "1,2", "--json")

    report = json.loads(capsys.readouterr().out)
    assert code == 0
    assert report["hardware"] and report["model"] == "tiny" and report["visual_tokens"] == 16
    assert report["date"] == "2026-11-22T12:00:00.000Z"
    assert report["command"].startswith("plainwatch bench rules --model tiny")
    assert [(row["batch"], row["rules"]) for row in report["rows"]] == [(1, 1), (1, 4), (2, 1), (2, 4)]
    for row in report["rows"]:
        assert min(row[name] for name in ("naive_ms", "packed_ms", "frames_per_s", "tflops", "matrix_share")) > 0
        assert row["ratio"] == pytest.approx(row["naive_ms"] / row["packed_ms"], rel=1e-2)
        assert row["frames_per_s"] == pytest.approx(1000 / row["packed_ms"], rel=1e-2)
    assert "CPU time" in report["measured"]


def test_without_the_slow_way_there_is_no_ratio_and_no_null(capsys: pytest.CaptureFixture[str]) -> None:
    bench(*QUICK, "--packed-only", "--json")

    out = capsys.readouterr().out
    assert "null" not in out
    assert all("naive_ms" not in row and "ratio" not in row for row in json.loads(out)["rows"])
    assert all(row["packed_ms"] > 0 and row["flop_ratio"] > 0 for row in json.loads(out)["rows"])


def test_through_the_engine_the_preparation_of_a_jpeg_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    code = bench(*QUICK, "--packed-only", "--engine", "--batch", "2", "--json")
    captured = capsys.readouterr()
    rows = json.loads(captured.out)["rows"]
    bench(*QUICK, "--packed-only", "--engine")

    assert code == 0
    assert "the engine took the path 'packed'" in captured.err
    assert all(row["engine_ms"] > row["prepare_ms"] > 0 for row in rows)
    assert len({row["prepare_ms"] for row in rows}) == 1
    assert "prepare ms" in capsys.readouterr().out


def test_nvidia_s_point_is_told_in_streams_of_ten_second_chunks(capsys: pytest.CaptureFixture[str]) -> None:
    code = bench("--model", "tiny", "--nvidia-point", "--repeats", "1", "--json")

    report = json.loads(capsys.readouterr().out)
    [point] = report["nvidia_point"]
    assert code == 0
    assert report["visual_tokens"] == 7840 and report["rows"] == []
    assert point["streams"] == pytest.approx(point["chunks_per_s"] * 10, rel=1e-2)


def test_a_checkpoint_s_folder_is_measured_by_its_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan("tiny").config.save_pretrained(tmp_path)

    code = bench("--model", str(tmp_path), "--visual-tokens", "4", "--rules", "1", "--repeats", "1")

    assert code == 0
    assert f"{tmp_path.name}, 0.2871 M parameters" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--rules", "1,0"], 2, "'0' is not a whole number above 0"),
        (["--model", "qwen9"], 2, "neither a shape nor a folder"),
        (["--device", "cuda"], 3, "--device cpu"),
    ],
)
def test_what_cannot_be_measured_ends_with_its_reason(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if torch.cuda.is_available() and "cuda" in arguments:
        pytest.skip("there is a GPU")

    ended = main_or_exit(*arguments)

    assert ended == code
    assert said in capsys.readouterr().err


def main_or_exit(*arguments: str) -> int:
    try:
        return bench(*arguments)
    except SystemExit as usage:
        return int(usage.code or 0)


def test_a_batch_that_does_not_fit_is_a_row_that_says_so() -> None:
    row = Row(batch=64, rules=8, flop_ratio=6.8, tflop_per_frame=7.9, failed="out of memory")
    report = Report(
        hardware="a card", model="qwen3-vl-8b", parameters_m=8767.0, device="cuda", dtype="bfloat16",
        visual_tokens=256, common_tokens=40, rule_tokens=24, measured="wall time", repeats=3, matrix_tflops=700.0,
        rows=(row,), nvidia_point=None, torch="2.13.0", transformers="5.23.0", python="3.11.7", date=NOW, command="x",
    )  # fmt: skip

    assert "64      8  out of memory" in in_words(report)
    assert as_json(report)["rows"] == [
        {"batch": 64, "rules": 8, "flop_ratio": 6.8, "tflop_per_frame": 7.9, "failed": "out of memory"}
    ]


def test_rules_that_do_not_fit_take_none_away_that_do() -> None:
    bench = bench_of(rules=(1, 4))

    def only_small_packs(_: object, __: object, given: dict[str, torch.Tensor]) -> None:
        if "pixel_values" not in given and given["input_ids"].shape[1] > 20:
            raise torch.OutOfMemoryError("CUDA out of memory")

    bench.model.model.register_forward_pre_hook(only_small_packs, with_kwargs=True)
    one, four = frames(bench, 2)

    assert (one.failed, four.failed) == (None, "out of memory")
    assert one.packed_ms is not None and four.packed_ms is None
    assert four.tflop_per_frame > one.tflop_per_frame > 0


def test_memory_that_is_lost_between_the_rounds_costs_its_own_row_only() -> None:
    bench, rounds = bench_of(rules=(1, 4)), [0]

    def later(_: object, __: object, given: dict[str, torch.Tensor]) -> None:
        large = "pixel_values" not in given and given["input_ids"].shape[1] > 20
        rounds[0] += large
        if large and rounds[0] > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    bench.model.model.register_forward_pre_hook(later, with_kwargs=True)

    assert [row.failed for row in frames(bench, 1)] == [None, "out of memory"]


def test_pictures_that_do_not_fit_are_a_row_too() -> None:
    bench, point = bench_of(rules=(1, 4)), bench_of(rules=(1,), nvidia_point=True)
    for one in (bench, point):
        one.model.config.vision_config.in_channels = 1 << 32

    assert [row.failed for row in frames(bench, 1)] == ["out of memory"] * 2
    assert chunk(point, 1).failed == "out of memory"


def bench_of(*, rules: tuple[int, ...], nvidia_point: bool = False) -> Bench:
    chosen = plan("tiny")
    options = Options(rules=rules, visual_tokens=16, repeats=1, packed_only=True, nvidia_point=nvidia_point)
    model = build(chosen.config, device="cpu", dtype="float32")
    return Bench(model, chosen, Stopwatch("cpu"), 1.0, options, lambda _: None)


def test_the_command_line_opens_the_same_door() -> None:
    runner = CliRunner()

    done = runner.invoke(app, ["bench", "rules", *QUICK, "--packed-only"])
    wrong = runner.invoke(app, ["bench", "rules", "--rules", "many"])
    helped = runner.invoke(app, ["bench", "rules", "--help"])

    assert done.exit_code == 0 and "tiny, 0.2871 M parameters, float32" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    assert wrong.exit_code == 2
    assert helped.exit_code == 0 and "--nvidia-point" in helped.stdout


def test_the_bench_runs_where_torch_and_transformers_alone_are_installed(tmp_path: Path) -> None:
    absent = bare_machine.ours()
    bare_machine.link(bare_machine.installed_for("torch", "transformers") - absent, tmp_path)

    done = bare_machine.run(tmp_path, ["-m", "plainwatch.bench", "rules", *QUICK, "--json"])
    through_the_engine = bare_machine.run(tmp_path, ["-m", "plainwatch.bench", "rules", *QUICK, "--engine"])
    others = bare_machine.run(tmp_path, ["-c", "import msgspec"])

    assert {"msgspec", "typer", "pydantic", "opencv-python", "redis"} <= absent
    assert others.returncode == 1
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["rows"]) == 2
    assert through_the_engine.returncode == 3
    assert "is not installed" in through_the_engine.stderr and "Traceback" not in through_the_engine.stderr


def test_without_torch_the_bench_says_what_to_install(tmp_path: Path) -> None:
    done = bare_machine.run(tmp_path, ["-m", "plainwatch.bench", "rules", *QUICK])

    assert done.returncode == 3
    assert "'torch' is not installed" in done.stderr
    assert "Traceback" not in done.stderr
