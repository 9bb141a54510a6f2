"""What a person types: demo, up, and what happens when the machine does not help."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plainwatch.client import ApiClient, key_from
from plainwatch.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PLAINWATCH = [sys.executable, "-m", "plainwatch.cli"]
SERVICES = ("ingest", "analyzer", "alerts", "api", "valkey")


def without_assets() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PLAINWATCH_", "REDIS_"))}


def processes() -> Iterator[tuple[int, int, str]]:
    """(pid, parent, command line) of everything that runs."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[:2]
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if state != "Z":
                yield int(entry.name), int(parent), command


def children(parent: int) -> dict[str, int]:
    """The services of a supervisor, by name."""
    found = {}
    for pid, its_parent, command in processes():
        if its_parent == parent:
            name = next(
                (name for name in SERVICES if f"-m {name} " in command + " " or f"{name}-server" in command), ""
            )
            found[name] = pid
    return found


def until(holds: Callable[[], bool], what: str, *, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.05)


@contextmanager
def up(data_dir: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [*PLAINWATCH, "up", "--data-dir", str(data_dir), "--port", str(port)]
    process = subprocess.Popen(command, env=without_assets(), stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
        assert process.stderr is not None
        process.stderr.close()


def said_until(process: subprocess.Popen[str], text: str) -> str:
    """What it printed up to and with this text."""
    said = ""
    assert process.stderr is not None
    while text not in said:
        line = process.stderr.readline()
        assert line, f"it ended without saying {text!r}: {said}"
        said += line
    return said


def test_the_demo_ends_well_although_every_service_is_killed_once(tmp_path: Path) -> None:
    command = [*PLAINWATCH, "demo", "--json", "--data-dir", str(tmp_path)]
    with subprocess.Popen(
        command, env=without_assets(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        said = said_until(demo, "keyframes sampled")
        for service in SERVICES:
            victim = children(demo.pid)[service]
            os.kill(victim, signal.SIGKILL)
            until(lambda s=service, v=victim: children(demo.pid).get(s, v) != v, f"{service} is back", within_s=20)  # type: ignore[misc]
        out, rest = demo.communicate(timeout=150)
    result: dict[str, Any] = json.loads(out)

    assert demo.returncode == 0, said + rest
    assert result["ok"] is True
    assert {rule["expected"]: rule["incidents"] > 0 for rule in result["rules"]} == {
        "fires": True,
        "stays silent": False,
    }
    assert result["deliveries"]["verified"] >= 2 and result["deliveries"]["failed"] == 0
    assert all((Path.cwd() / incident["evidence"]).is_file() for incident in result["incidents"])
    camera = result["cameras"][0]
    fates = camera["analysed"] + camera["unchanged"] + sum(camera["dropped"].values()) + camera["in_flight"]
    assert camera["sampled"] == fates


def test_a_rule_that_no_engine_can_answer_ends_the_demo_with_its_reason(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PLAINWATCH, "demo", "--rule", "somebody climbs over the fence", "--json", "--data-dir", str(tmp_path)],
        env=without_assets(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 3
    assert "climb" in json.loads(done.stdout)["refused"][0]["reason"]


def test_up_keeps_its_data_over_a_restart_and_leaves_no_process_behind_when_killed(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port) as first:
        said = said_until(first, "Ctrl-C")
        client = ApiClient(f"http://127.0.0.1:{port}", key_from(tmp_path))
        client.post("/rules", {"text": "something is moving"})
        services = set(children(first.pid).values())
        first.kill()
        until(lambda: not services & {pid for pid, _, _ in processes()}, "no service is left", within_s=15)

    with up(tmp_path, port) as second:
        said_until(second, "Ctrl-C")
        rules = [rule["text"] for rule in client.items("/rules")]
        client.close()

    assert "pw_setup_" in said
    assert len(services) == len(SERVICES)
    assert rules == ["something is moving"]


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*PLAINWATCH, "up", "--data-dir", str(tmp_path), "--port", str(port)],
            env=without_assets(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 2
    assert f"port {port}" in done.stderr and "--port" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["demo", "--source", "no-such-file.mp4"], 3, "no-such-file.mp4"),
        (["demo", "--engine", "nonsense"], 3, "use one of: edge, vlm, openai"),
        (["demo", "--engine", "openai"], 3, "PLAINWATCH_OPENAI_URL"),
        (["camera", "list", "--api", "http://127.0.0.1:9", "--data-dir", "/nonexistent"], 3, "PLAINWATCH_KEY"),
        (["rule", "explain", ""], 2, "no rule was given"),
        (["rule", "explain", "alert when you hear a bang"], 3, "sound"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_bad_input_gets_a_clear_word_and_the_right_exit_code(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run(
        [*PLAINWATCH, *arguments], env=without_assets(), capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == code, done.stderr
    assert said in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("setting", "code", "said"),
    [
        ({"PLAINWATCH_VLM_MODEL": "/no/such/folder"}, 3, "model '/no/such/folder': there is no such folder"),
        (
            {"PLAINWATCH_VLM_MODEL": "some/model", "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": "/nonexistent"},
            4,
            "model 'some/model': it is not on this machine and the hub cannot be reached; "
            "set PLAINWATCH_VLM_MODEL to a folder that holds it, or use --engine edge",
        ),
        (
            {"PLAINWATCH_ENGINE": "openai", "PLAINWATCH_OPENAI_URL": "http://127.0.0.1:9/v1"},
            4,
            "server 'http://127.0.0.1:9/v1' cannot be reached",
        ),
    ],
)
def test_without_its_model_a_demo_says_so_and_offers_the_engine_edge(
    tmp_path: Path, setting: dict[str, str], code: int, said: str
) -> None:
    engine = setting.get("PLAINWATCH_ENGINE", "vlm")
    done = subprocess.run(
        [*PLAINWATCH, "demo", "--engine", engine, "--data-dir", str(tmp_path)],
        env={**without_assets(), **setting},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "--engine edge" in done.stderr or code == 3
    assert "Traceback" not in done.stderr
