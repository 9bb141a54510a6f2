"""Two rounds under fire, as `./run chaos` plays fifty: every process killed, and nothing lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from plainwatch.chaos.faults import HOUSE_FAULTS
from plainwatch.chaos.plan import IN_ROUNDS, rounds
from plainwatch.chaos.processes import EVERYBODY
from plainwatch.chaos.receivers import EndpointFault
from plainwatch.simulator import Fault

SEED = "1"


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="it finds and limits processes through Linux's /proc")
def test_nothing_is_lost_in_two_rounds_in_which_everything_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "plainwatch.cli", "chaos", "--rounds", "2", "--seed", SEED, "--json"]

    run = subprocess.run([*command, "--data-dir", str(tmp_path)], capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    assert report["problems"] == []
    assert (report["rounds"], report["lost"], report["frames_conserved"]) == (2, 0, True)
    assert report["acknowledged"] == report["delivered"] > 0
    assert report["kills"] == dict.fromkeys(sorted(EVERYBODY), 2)
    assert report["frames"]["sent"] == report["frames"]["sampled"] + report["frames"]["cut_off"]


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
