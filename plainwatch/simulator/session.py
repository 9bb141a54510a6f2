"""One client's connection: its requests, its password, its playback, and the faults that show on the wire.

Takes: a TCP (or TLS) connection and the mounts by name.
Gives: answers as RFC 2326 wants them, or as the mount's faults want them.
Knows nothing about: listening, encoding, pacing."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime

from plainwatch.simulator.faults import Fault
from plainwatch.simulator.mount import Mount, Playback
from plainwatch.simulator.player import Player, play_silence
from plainwatch.simulator.rtp import AUDIO_TYPE, VIDEO_TYPE, RtpTrack, audio_sdp, video_sdp
from plainwatch.simulator.wire import BadRequest, Gatekeeper, Request, read_request, response

_METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_DRIP_S = 1.0
_POLL_S = 0.05
_FIRST_GOP_S = 20.0


class Session:
    """Lives as long as its connection."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mounts: Mapping[str, Mount], host: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._mounts = mounts
        self._host = host
        self._id = secrets.token_hex(8)
        self._mount: Mount | None = None
        self._gatekeeper: Gatekeeper | None = None
        self._track: RtpTrack | None = None
        self._is_audio = False
        self._first_timestamp = 0
        self._player: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the client leaves, or a fault ends the connection."""
        try:
            while (request := await read_request(self._reader)) is not None:
                self._choose_mount(request)
                if not await self._answer(request):
                    break
        except BadRequest:
            self._writer.write(response(None, 400))
        except ConnectionError:
            return
        finally:
            await self._stop_playing()
            self._writer.close()

    def _choose_mount(self, request: Request) -> None:
        mount = self._mounts.get(request.mount_name)
        if mount is None or mount is self._mount:
            return
        self._mount = mount
        self._gatekeeper = Gatekeeper(mount.user, mount.password, mount.auth)
        mount.connections += 1

    async def _answer(self, request: Request) -> bool:
        """False when the connection is to end."""
        mount = self._mount
        if mount is not None and mount.fault(Fault.SILENT):
            # Nothing is heard until the fault is lifted; the client's bytes are read, its questions are not.
            return True
        if mount is not None and mount.fault(Fault.GARBAGE):
            await self._pour_garbage(mount)
            return True
        reply, ends = await self._reply(request)
        if mount is not None and mount.fault(Fault.DRIP):
            await self._drip(mount, reply)
        else:
            self._writer.write(reply)
        await self._writer.drain()
        if request.method == "PLAY" and reply.startswith(b"RTSP/1.0 200"):
            self._start_playing()
        return not ends

    async def _reply(self, request: Request) -> tuple[bytes, bool]:
        """The bytes to answer with, and whether the connection ends after them."""
        if request.method == "OPTIONS":
            return response(request, 200, {"Public": _METHODS}), False
        mount = self._mount if request.mount_name in self._mounts else None
        if mount is None or self._gatekeeper is None or mount.fault(Fault.NOT_FOUND):
            return response(request, 404), False
        if not self._is_let_in(mount, self._gatekeeper, request):
            return response(request, 401, self._gatekeeper.challenge()), False
        match request.method:
            case "DESCRIBE":
                return await self._describe(mount, request), False
            case "SETUP":
                return self._setup(mount, request), False
            case "PLAY":
                return self._play(request), False
            case "PAUSE":
                await self._stop_playing()
                return response(request, 200, {"Session": self._id}), False
            case "GET_PARAMETER" | "SET_PARAMETER":
                return response(request, 200, {"Session": self._id}), False
            case "TEARDOWN":
                await self._stop_playing()
                return response(request, 200), True
        return response(request, 501), False

    def _is_let_in(self, mount: Mount, gatekeeper: Gatekeeper, request: Request) -> bool:
        if mount.fault(Fault.UNAUTHORIZED):
            return False
        return gatekeeper.lets_in(request.headers.get("authorization", ""), request.method)

    async def _describe(self, mount: Mount, request: Request) -> bytes:
        redirect = mount.fault(Fault.REDIRECT_302)
        if redirect is not None:
            return response(request, 302, {"Location": redirect.target})
        self._is_audio = mount.fault(Fault.NO_VIDEO) is not None
        sdp = audio_sdp(self._host) if self._is_audio else await self._video_sdp(mount)
        if not sdp:
            return response(request, 503)
        base = request.url.split("?")[0].rstrip("/") + "/"
        return response(request, 200, {"Content-Base": base, "Content-Type": "application/sdp"}, sdp)

    async def _video_sdp(self, mount: Mount) -> str:
        """Empty where the clip has no picture; waits for the encoder's first group."""
        for _ in range(int(_FIRST_GOP_S / _POLL_S)):
            sets = mount.clip.parameter_sets()
            if sets is not None:
                return video_sdp(self._host, *sets, mount.clip.fps)
            if mount.clip.is_broken:
                break
            await asyncio.sleep(_POLL_S)
        return ""

    def _setup(self, mount: Mount, request: Request) -> bytes:
        transport = request.headers.get("transport", "")
        if "RTP/AVP/TCP" not in transport:
            return response(request, 461)
        channel = 0
        for part in transport.split(";"):
            name, _, value = part.strip().partition("=")
            if name == "interleaved" and value.split("-")[0].isdigit():
                channel = min(254, int(value.split("-")[0]))
        payload_type = AUDIO_TYPE if self._is_audio else VIDEO_TYPE
        self._track = RtpTrack(channel, secrets.randbits(32), payload_type, secrets.randbits(16))
        headers = {
            "Transport": f"RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1};ssrc={self._track.ssrc:08X}",
            "Session": f"{self._id};timeout=60",
        }
        return response(request, 200, headers)

    def _play(self, request: Request) -> bytes:
        if self._track is None:
            return response(request, 455)
        if request.headers.get("session", self._id).split(";")[0] != self._id:
            return response(request, 454)
        url = request.url.rstrip("/")
        self._first_timestamp = secrets.randbits(31)
        info = f"url={url}/trackID=0;seq={self._track.sequence};rtptime={self._first_timestamp}"
        return response(request, 200, {"Session": self._id, "Range": "npt=0.000-", "RTP-Info": info})

    def _start_playing(self) -> None:
        """After the answer to PLAY is out, so that no picture overtakes it; a second PLAY changes nothing."""
        if self._mount is None or self._track is None or (self._player is not None and not self._player.done()):
            return
        peer = self._writer.get_extra_info("peername") or ("", 0)
        playback = Playback(f"{peer[0]}:{peer[1]}", datetime.now(UTC))
        self._mount.begin_playback(playback)
        self._player = asyncio.create_task(self._run_player(self._mount, self._track, playback))

    async def _run_player(self, mount: Mount, track: RtpTrack, playback: Playback) -> None:
        try:
            if self._is_audio:
                await play_silence(mount, self._writer, track, playback)
            else:
                await Player(mount, self._writer, track, self._first_timestamp, playback).run()
        except ConnectionError:
            self._writer.close()
        finally:
            playback.is_over = True

    async def _stop_playing(self) -> None:
        player, self._player = self._player, None
        if player is not None:
            player.cancel()
            await asyncio.wait([player])

    async def _pour_garbage(self, mount: Mount) -> None:
        while mount.fault(Fault.GARBAGE) and not self._writer.is_closing():
            self._writer.write(os.urandom(4096))
            await self._writer.drain()
            await asyncio.sleep(_POLL_S)

    async def _drip(self, mount: Mount, reply: bytes) -> None:
        for position in range(len(reply)):
            if not mount.fault(Fault.DRIP):
                self._writer.write(reply[position:])
                return
            self._writer.write(reply[position : position + 1])
            await self._writer.drain()
            await asyncio.sleep(_DRIP_S)
