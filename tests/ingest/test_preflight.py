import hashlib
import re
import time

import pytest

from contracts.errors import OutboundRefused, SourceError, SourceUnauthorized, SourceUnreachable, SourceUnsupported
from ingest.address import Address
from ingest.credentials import authorization
from ingest.preflight import describe
from tests.ingest.conftest import Serve

SDP = b"v=0\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n"


def _answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"RTSP/1.0 {status}", "CSeq: 1", f"Content-Length: {len(body)}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def _describe(port: int, *, user: str = "", password: str = "", scheme: str = "rtsp", timeout_s: float = 1.0) -> str:
    address = Address(scheme, "127.0.0.1", port, "127.0.0.1", "/live", user, password)
    return describe(address, timeout_s=timeout_s, monotonic_s=time.monotonic)


def test_the_codec_is_the_one_that_the_sdp_names(serve: Serve) -> None:
    assert _describe(serve(_answer("200 OK", body=SDP)).port) == "hevc"


def test_a_redirect_is_refused_and_nobody_dials_its_target(serve: Serve) -> None:
    victim = serve(b"")
    camera = serve(_answer("302 Moved", f"Location: rtsp://127.0.0.1:{victim.port}/x"))

    with pytest.raises(OutboundRefused, match="redirects elsewhere"):
        _describe(camera.port)

    assert victim.connections == 0


def test_a_path_that_is_not_there_is_said(serve: Serve) -> None:
    with pytest.raises(SourceUnsupported, match="no such stream path"):
        _describe(serve(_answer("404 Not Found")).port)


def test_a_stream_without_video_is_unsupported(serve: Serve) -> None:
    with pytest.raises(SourceUnsupported, match="sends no video"):
        _describe(serve(_answer("200 OK", body=b"v=0\r\nm=audio 0 RTP/AVP 0\r\n")).port)


def test_a_camera_that_asks_for_a_password_says_so_without_one(serve: Serve) -> None:
    camera = serve(_answer("401 Unauthorized", 'WWW-Authenticate: Basic realm="cam"'))

    with pytest.raises(SourceUnauthorized, match="wants a user"):
        _describe(camera.port)


def test_a_wrong_password_is_tried_exactly_once(serve: Serve) -> None:
    challenge = _answer("401 Unauthorized", 'WWW-Authenticate: Digest realm="cam", nonce="n1"')
    camera = serve(challenge, challenge, challenge)

    with pytest.raises(SourceUnauthorized, match="rejected"):
        _describe(camera.port, user="admin", password="wrong")

    assert sum(b"Authorization:" in asked for asked in camera.asked) == 1


def test_the_password_itself_is_not_sent_to_a_camera_that_knows_digest(serve: Serve) -> None:
    both = _answer("401 No", 'WWW-Authenticate: Basic realm="cam"', 'WWW-Authenticate: Digest realm="cam", nonce="n"')
    camera = serve(both, _answer("200 OK", body=SDP))

    _describe(camera.port, user="admin", password="s3cret")

    assert b"Authorization: Digest" in camera.asked[-1]
    assert b"s3cret" not in b"".join(camera.asked)


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"\x00\x01\x02garbage", "does not speak RTSP"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak RTSP"),
        (b"RTSP/1.0 nonsense\r\n\r\n", "garbage"),
        (b"RTSP/1.0 200 OK\r\nX: " + b"y" * 200_000, "more than 64 kB"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 999999999\r\n\r\n" + b"y" * 200_000, "more than 64 kB"),
        (b"", "did not answer within"),
    ],
)
def test_a_broken_answer_ends_soon_and_in_words(serve: Serve, answer: bytes, what: str) -> None:
    with pytest.raises(SourceUnreachable, match=what):
        _describe(serve(answer).port)


def test_a_camera_that_drips_does_not_stretch_the_deadline(serve: Serve) -> None:
    camera = serve(_answer("200 OK", body=SDP), drip_s=0.3)

    with pytest.raises(SourceUnreachable, match="did not answer within 1 s"):
        _describe(camera.port)


def test_a_camera_that_hangs_up_is_unreachable(serve: Serve) -> None:
    with pytest.raises(SourceUnreachable, match="closed the connection"):
        _describe(serve(hangs_up=True).port)


def test_a_plain_camera_under_rtsps_is_told_apart(serve: Serve) -> None:
    with pytest.raises(SourceUnreachable):
        _describe(serve(b"RTSP/1.0 400 Bad Request\r\n\r\n").port, scheme="rtsps")


def test_a_closed_port_is_refused(serve: Serve) -> None:
    camera = serve(b"")
    camera.close()

    with pytest.raises(SourceUnreachable, match="refused the connection"):
        _describe(camera.port)


@pytest.mark.parametrize("status", ["100 Odd", "403 Forbidden", "453 Busy", "500 Broken", "551 What", "199 Strange"])
def test_every_status_becomes_one_of_our_errors(serve: Serve, status: str) -> None:
    with pytest.raises(SourceError):
        _describe(serve(_answer(status)).port, user="admin", password="x")


def test_sha256_wins_over_md5_and_its_response_is_what_rfc_7616_says() -> None:
    challenges = ['Digest realm="r", nonce="n", qop="auth", algorithm=MD5']
    challenges.append('Digest realm="r", nonce="n", qop="auth,auth-int", algorithm=SHA-256, opaque="o"')

    header = authorization(challenges, method="GET", uri="/v", user="u", password="p") or ""

    def hashed(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    cnonce = re.search(r'cnonce="(\w+)"', header)
    assert cnonce
    expected = hashed(f"{hashed('u:r:p')}:n:00000001:{cnonce[1]}:auth:{hashed('GET:/v')}")
    assert f'response="{expected}"' in header
    assert 'opaque="o"' in header and "algorithm=SHA-256" in header


def test_md5_without_qop_is_what_rfc_2069_says() -> None:
    challenge = 'Digest realm="cam", nonce="abc"'

    header = authorization([challenge], method="DESCRIBE", uri="rtsp://h/x", user="u", password="p")

    def hashed(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    assert header and hashed(f"{hashed('u:cam:p')}:abc:{hashed('DESCRIBE:rtsp://h/x')}") in header


def test_without_a_user_or_a_known_challenge_nothing_is_answered() -> None:
    assert authorization(["Basic realm=x"], method="GET", uri="/", user="", password="") is None
    assert authorization(["Negotiate"], method="GET", uri="/", user="u", password="p") is None
