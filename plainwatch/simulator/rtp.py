"""H.264 as RTP packets inside an RTSP connection, and the description that goes before.

Takes: access units, timestamps of the 90 kHz clock, a connection's channel numbers.
Gives: interleaved packets (RFC 2326 §10.12) by RFC 6184 packetisation mode 1, RTCP, SDP.
Knows nothing about: sockets, clocks, faults."""

import base64
import struct
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from plainwatch.simulator.encode import nal_units

VIDEO_CLOCK_HZ = 90_000
AUDIO_CLOCK_HZ = 8_000
VIDEO_TYPE, AUDIO_TYPE = 96, 0
_MARKER = 0x80
_FU_A = 28
_NAL_DELIMITER = 9
# What cameras use: an Ethernet frame less the IP, TCP and RTP headers.
_MAX_PAYLOAD_BYTES = 1400
_NTP_EPOCH_TO_UNIX_S = 2_208_988_800


@dataclass(slots=True)
class RtpTrack:
    """One sender's sequence numbers; they wrap as RFC 3550 wants."""

    channel: int
    ssrc: int
    payload_type: int
    sequence: int
    packets: int = 0
    payload_bytes: int = 0

    def packet(self, payload: bytes, timestamp: int, marker: bool) -> bytes:
        """One RTP packet, framed for its channel."""
        header = struct.pack(
            ">BBHBBHII",
            0x24,
            self.channel,
            12 + len(payload),
            0x80,
            self.payload_type | (_MARKER if marker else 0),
            self.sequence,
            timestamp & 0xFFFFFFFF,
            self.ssrc,
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.packets += 1
        self.payload_bytes += len(payload)
        return header + payload

    def access_unit(self, annex_b: bytes, timestamp: int) -> bytes:
        """All packets of one picture; the marker bit ends it."""
        payloads = _unit_payloads(annex_b)
        last = len(payloads) - 1
        return b"".join(self.packet(payload, timestamp, number == last) for number, payload in enumerate(payloads))

    def sender_report(self, timestamp: int, unix_s: float) -> bytes:
        """RTCP: which moment of the world this timestamp is."""
        return self._control(self._report(timestamp, unix_s))

    def goodbye(self, timestamp: int, unix_s: float) -> bytes:
        """RTCP: nothing follows. Behind a report, as RFC 3550 §6.1 wants; FFmpeg overlooks a BYE that comes alone."""
        return self._control(self._report(timestamp, unix_s) + struct.pack(">BBHI", 0x81, 203, 1, self.ssrc))

    def _report(self, timestamp: int, unix_s: float) -> bytes:
        ntp = int((unix_s + _NTP_EPOCH_TO_UNIX_S) * 2**32)
        return struct.pack(
            ">BBHIQIII",
            0x80,
            200,
            6,
            self.ssrc,
            ntp,
            timestamp & 0xFFFFFFFF,
            self.packets & 0xFFFFFFFF,
            self.payload_bytes & 0xFFFFFFFF,
        )

    def _control(self, report: bytes) -> bytes:
        return struct.pack(">BBH", 0x24, self.channel + 1, len(report)) + report


# Kept for a while: the clients of one clip send the same pictures within a short time.
@lru_cache(maxsize=128)
def _unit_payloads(annex_b: bytes) -> tuple[bytes, ...]:
    units = (unit for unit in nal_units(annex_b) if unit and unit[0] & 0x1F != _NAL_DELIMITER)
    return tuple(payload for unit in units for payload in _payloads(unit))


def _payloads(unit: bytes) -> list[bytes]:
    if len(unit) <= _MAX_PAYLOAD_BYTES:
        return [unit]
    indicator = (unit[0] & 0xE0) | _FU_A
    kind = unit[0] & 0x1F
    step = _MAX_PAYLOAD_BYTES - 2
    parts = [unit[begin : begin + step] for begin in range(1, len(unit), step)]
    last = len(parts) - 1
    return [
        bytes((indicator, kind | (0x80 if number == 0 else 0) | (0x40 if number == last else 0))) + part
        for number, part in enumerate(parts)
    ]


def video_sdp(host: str, sps: bytes, pps: bytes, fps: Fraction) -> str:
    """One H.264 track, its parameter sets inside."""
    sets = ",".join(base64.b64encode(part).decode("ascii") for part in (sps, pps))
    return _sdp(
        host,
        f"m=video 0 RTP/AVP {VIDEO_TYPE}",
        f"a=rtpmap:{VIDEO_TYPE} H264/{VIDEO_CLOCK_HZ}",
        f"a=fmtp:{VIDEO_TYPE} packetization-mode=1;profile-level-id={sps[1:4].hex()};sprop-parameter-sets={sets}",
        f"a=framerate:{float(fps):g}",
    )


def audio_sdp(host: str) -> str:
    """One G.711 track and no video."""
    return _sdp(host, f"m=audio 0 RTP/AVP {AUDIO_TYPE}", f"a=rtpmap:{AUDIO_TYPE} PCMU/{AUDIO_CLOCK_HZ}")


def _sdp(host: str, *track: str) -> str:
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=Plainwatch simulator",
        f"c=IN IP4 {host}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        *track,
        "a=control:trackID=0",
    )
    return "\r\n".join(lines) + "\r\n"
