import json
import signal
import subprocess
import sys
from itertools import islice

import pytest

from tests.simulator.rtsp_client import RawClient, is_key

COMMAND = [sys.executable, "-m", "plainwatch.simulator"]


def test_the_process_says_its_address_serves_and_ends_with_exact_counts() -> None:
    arguments = ["--mount", "gate", "--mount", "yard", "--user", "admin", "--password", "right", "--fps", "20"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        urls = json.loads(process.stdout.readline())["urls"]
        with RawClient(urls[1].replace("://", "://admin:right@")) as camera:
            camera.play()
            units = [unit for _, unit in islice(camera.units(), 12)]
            process.send_signal(signal.SIGUSR1)
            asked = json.loads(process.stdout.readline())["counts"]
            process.send_signal(signal.SIGTERM)
            units += [unit for _, unit in camera.units()]
        at_the_end = json.loads(process.stdout.readline())["counts"]

    assert process.returncode == 0
    assert urls[0].endswith("/gate")
    assert "right" not in "".join(urls)
    assert [counts["mount"] for counts in asked] == ["gate", "yard"]
    assert asked[1]["clients"] == 1
    assert at_the_end[1]["sent_keyframes"] == sum(is_key(unit) for unit in units)
    assert at_the_end[0]["sent_frames"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--source", "/no/such/file.mp4"], 4, "file.mp4"),
        (["--fault", "unheard_of"], 2, "unheard_of"),
        (["--keyframe-every-s", "0"], 2, "keyframe interval"),
    ],
)
def test_a_wrong_argument_ends_with_its_reason(arguments: list[str], code: int, said: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
