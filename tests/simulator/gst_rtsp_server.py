"""GStreamer's RTSP server with one encoded clip on N mounts: a camera whose code is not ours.

Run by the system's python3, which has `gi`: gst_rtsp_server.py PORT FILE.au N
Prints the port it listens on (0 takes a free one), serves /cam0 … /camN-1 without end, and dies with its parent.
FILE.au: one line of JSON {"fps": [num, den], "units": [[is_key, bytes], …]}, then the units one after the other."""

import ctypes
import itertools
import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402

PR_SET_PDEATHSIG = 1
# Asked for more, appsrc gets this many pictures at once; it asks again when they have gone.
PICTURES_A_PUSH = 5
PIPELINE = (
    "( appsrc name=source is-live=false block=false format=time max-bytes=1500000 "
    "caps=video/x-h264,stream-format=byte-stream,alignment=au,framerate={num}/{den} "
    "! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


class Clip:
    def __init__(self, path: Path) -> None:
        head, _, body = path.read_bytes().partition(b"\n")
        described = json.loads(head)
        self.num, self.den = described["fps"]
        self.units = []
        self.key_positions = []
        offset = 0
        for is_key, size in described["units"]:
            if is_key:
                self.key_positions.append(len(self.units))
            self.units.append(GLib.Bytes.new(body[offset : offset + size]))
            offset += size

    def buffers(self, first_unit: int) -> Iterator[Gst.Buffer]:
        """Without end; the timestamps go on over the seam."""
        duration = Gst.SECOND * self.den // self.num
        for number in itertools.count():
            buffer = Gst.Buffer.new_wrapped_bytes(self.units[(first_unit + number) % len(self.units)])
            buffer.pts = buffer.dts = Gst.SECOND * self.den * number // self.num
            buffer.duration = duration
            yield buffer


class ClipFactory(GstRtspServer.RTSPMediaFactory):
    """Every mount begins at another keyframe, so that cameras do not send their large pictures together."""

    def __init__(self, clip: Clip, mount: int) -> None:
        super().__init__()
        self.clip = clip
        self.first_unit = clip.key_positions[mount % len(clip.key_positions)]
        self.set_shared(True)
        self.set_launch(PIPELINE.format(num=clip.num, den=clip.den))

    def do_configure(self, media: GstRtspServer.RTSPMedia) -> None:
        buffers = self.clip.buffers(self.first_unit)

        def push(source: GstApp.AppSrc, _wanted_bytes: int) -> None:
            for buffer in itertools.islice(buffers, PICTURES_A_PUSH):
                if source.emit("push-buffer", buffer) != Gst.FlowReturn.OK:
                    return

        media.get_element().get_by_name("source").connect("need-data", push)


def main() -> None:
    port, path, mounts = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    Gst.init(None)
    clip = Clip(path)
    server = GstRtspServer.RTSPServer()
    server.set_service(port)
    server.set_address("127.0.0.1")
    for mount in range(mounts):
        server.get_mount_points().add_factory(f"/cam{mount}", ClipFactory(clip, mount))
    if not server.attach(None):
        sys.exit(f"port {port} is taken")
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
