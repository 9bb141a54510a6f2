"""The simulator as a process of its own: one clip on one or more mounts.

Takes: the command line; SIGUSR1 for the counts, SIGTERM or SIGINT to end.
Gives: on standard output one line of JSON with the address when it is ready, and one with the counts at the end.
Knows nothing about: who opens the camera."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import msgspec

from contracts.errors import PlainwatchError
from plainwatch.simulator.clip import Clip
from plainwatch.simulator.faults import Misbehaviour, parse_misbehaviour
from plainwatch.simulator.mount import Mount
from plainwatch.simulator.rtsp import Simulator
from plainwatch.simulator.scene import scene_footage


def main() -> int:
    """Runs until told to end."""
    options = _parser().parse_args()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    try:
        faults = [parse_misbehaviour(text) for text in options.fault]
        asyncio.run(_serve(_mounts(options, faults), options.host, options.port))
    except PlainwatchError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


async def _serve(mounts: list[Mount], host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    async with Simulator(*mounts, host=host, port=port) as simulator:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGUSR1, _say_counts, simulator)
        urls = [simulator.url(mount.name, with_password=False) for mount in mounts]
        _say({"url": urls[0], "urls": urls})
        await stop.wait()
    _say_counts(simulator)


def _mounts(options: argparse.Namespace, faults: list[Misbehaviour]) -> list[Mount]:
    every_s: float = options.keyframe_every_s
    if options.source == "scene":
        clip = Clip(scene_footage(fps=options.fps or 10.0), keyframe_every_s=every_s)
    else:
        clip = Clip.of_file(Path(options.source), keyframe_every_s=every_s, fps=options.fps)
    mounts = [
        Mount(name, clip, user=options.user, password=options.password, loop=options.loop, start=options.start)
        for name in options.mount or ["camera"]
    ]
    for mount in mounts:
        for fault in faults:
            mount.misbehave(fault.fault, fault.target or fault.value)
    return mounts


def _say_counts(simulator: Simulator) -> None:
    _say({"counts": simulator.counts()})


def _say(line: object) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m plainwatch.simulator", description="A scriptable RTSP camera.")
    parser.add_argument("--source", default="scene", help="a video file, or 'scene': the yard that we draw")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--mount", action="append", default=[], help="path of a camera; may be given again")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--fps", type=float, default=None, help="the source's own when not given")
    parser.add_argument("--keyframe-every-s", type=float, default=0.5)
    parser.add_argument("--loop", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--start", choices=("client", "server"), default="client", help="whose clock begins the clip")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME[=VALUE]")
    return parser


if __name__ == "__main__":
    sys.exit(main())
