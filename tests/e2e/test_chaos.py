"""Three rounds under fire, as `./run chaos` plays fifty: every process killed, and nothing lost."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from plainwatch.chaos.faults import HOUSE_FAULTS
from plainwatch.chaos.frames import CUT_OFF_BY_A_KILL, LOST_WITH_VALKEY, Blows, Count, unexplained
from plainwatch.chaos.plan import IN_ROUNDS, rounds
from plainwatch.chaos.processes import EVERYBODY
from plainwatch.chaos.receivers import EndpointFault
from plainwatch.simulator import Fault

#: it brings what no other test brings to a whole site; the seed was looked for
ROUNDS, SEED = 3, 54
HOUSE = {"Valkey emptied", "disk full", "clock an hour behind"}
EXACT = Count("cam_1", True, sent=14, sampled=10, accounted=10, in_flight=0, lately=(5, 5), dropped={})


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="it finds and limits processes through Linux's /proc")
def test_nothing_is_lost_in_three_rounds_in_which_everything_is_killed(tmp_path: Path) -> None:
    assert {one.house for one in rounds(ROUNDS, SEED)} == HOUSE
    command = [sys.executable, "-m", "plainwatch.cli", "chaos", "--rounds", str(ROUNDS), "--seed", str(SEED), "--json"]

    run = subprocess.run([*command, "--data-dir", str(tmp_path)], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert (report["rounds"], report["lost"], report["frames_conserved"]) == (ROUNDS, 0, True)
    assert report["acknowledged"] == report["delivered"] > 0
    assert report["kills"] == dict.fromkeys(sorted(EVERYBODY), ROUNDS)
    assert {fault: report["faults"][fault] for fault in HOUSE} == dict.fromkeys(HOUSE, 1)
    frames, kills = report["frames"], report["kills"]["ingest"] + report["kills"]["supervisor"]
    assert frames["sampled"] > 0
    assert 0 <= frames["cut_off"] <= CUT_OFF_BY_A_KILL * kills * frames["cameras"]
    assert 0 < frames["moody_sampled"] <= frames["moody_sent"]


@pytest.mark.parametrize(
    ("count", "blows"),
    [
        (replace(EXACT, sent=10 + CUT_OFF_BY_A_KILL + 1), Blows(ingest=1, valkey=1)),
        (EXACT, Blows(ingest=0, valkey=1)),
        (replace(EXACT, lately=(6, 5)), Blows(ingest=1, valkey=1)),
        (replace(EXACT, accounted=9, in_flight=1), Blows(ingest=1, valkey=1)),
        (replace(EXACT, dropped={"broker": LOST_WITH_VALKEY + 1}), Blows(ingest=1, valkey=1)),
        (replace(EXACT, dropped={"broker": 1}), Blows(ingest=1, valkey=0)),
        (replace(EXACT, sent=9), Blows(ingest=1, valkey=1)),
        (replace(EXACT, is_steady=False, sent=9), Blows(ingest=1, valkey=1)),
        (replace(EXACT, is_steady=False, accounted=9, in_flight=1), Blows(ingest=1, valkey=1)),
    ],
)
def test_frames_that_nothing_explains_are_a_problem(count: Count, blows: Blows) -> None:
    assert unexplained(count, blows)


@pytest.mark.parametrize(
    "count", [EXACT, replace(EXACT, is_steady=False, sent=99, lately=(9, 5)), replace(EXACT, dropped={"broker": 1})]
)
def test_frames_that_a_kill_or_a_camera_that_misbehaves_explains_are_none(count: Count) -> None:
    assert unexplained(count, Blows(ingest=1, valkey=1)) == []


def test_every_fault_comes_at_least_once_in_ten_rounds_and_the_seed_decides_when() -> None:
    for seed in range(20):
        plan = rounds(2 * IN_ROUNDS, seed)
        for ten in (plan[:IN_ROUNDS], plan[IN_ROUNDS:]):
            assert {one.house for one in ten} == set(HOUSE_FAULTS)
            assert {one.endpoint for one in ten} == set(EndpointFault)
            assert {fault for one in ten for fault in one.camera} == set(Fault)
            assert all({victim for _, victim in one.kills} == set(EVERYBODY) for one in ten)
        assert plan == rounds(2 * IN_ROUNDS, seed)
        assert plan[:3] != rounds(3, seed + 1)
