import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from contracts.errors import ConfigError
from plainwatch.simulator import AccessUnits, Clip, Mount, encode_clip, scene_footage, serve_in_thread
from plainwatch.simulator.scene import scene_picture
from tests.simulator.rtsp_client import RawClient, is_key

OPTIONS = {"rtsp_transport": "tcp", "timeout": "5000000"}


@contextmanager
def _opened(url: str) -> Iterator[av.container.InputContainer]:
    with av.open(url, format="rtsp", options=OPTIONS, timeout=(10, 10)) as container:
        yield container


def _keyframes(url: str) -> list[av.VideoFrame]:
    with _opened(url) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.skip_frame = "NONKEY"
        return list(container.decode(stream))


@pytest.fixture(scope="module")
def walk() -> AccessUnits:
    """Two seconds of the figure on its way, 20 pictures a second."""
    return encode_clip([scene_picture(4.5 + number / 20, noise_seed=number) for number in range(40)], fps=20)


def test_pyav_reads_every_keyframe_that_was_sent_with_a_digest_password(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk), user="admin", password="p@ss/w:rd ü", loop=False)

    with serve_in_thread(yard) as cameras:
        frames = _keyframes(cameras.url("yard"))

    assert len(frames) == walk.keyframes == yard.sent_keyframes == 4
    assert yard.counts().sent_frames == 40
    for number, frame in enumerate(frames):
        truth = scene_picture(4.5 + number / 2)
        assert np.abs(frame.to_ndarray(format="bgr24").astype(int) - truth).mean() < 5


@pytest.mark.parametrize("auth", ["digest", "basic"])
@pytest.mark.parametrize("userinfo", ["", "admin:wrong@", "other:right@"])
def test_a_missing_or_wrong_password_is_refused(walk: AccessUnits, auth: str, userinfo: str) -> None:
    yard = Mount("yard", Clip.of_units(walk), user="admin", password="right", auth=auth)  # type: ignore[arg-type]

    with serve_in_thread(yard) as cameras:
        url = cameras.url("yard", with_password=False).replace("rtsp://", f"rtsp://{userinfo}")

        with pytest.raises(av.error.HTTPUnauthorizedError):
            av.open(url, format="rtsp", options=OPTIONS, timeout=(10, 10))

    assert yard.sent_keyframes == 0


@pytest.mark.parametrize("auth", ["digest", "basic"])
def test_the_right_password_plays(walk: AccessUnits, auth: str) -> None:
    yard = Mount("yard", Clip.of_units(walk), user="admin", password="right", auth=auth)  # type: ignore[arg-type]

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        assert camera.play().status == 200
        assert is_key(next(camera.units())[1])


def test_two_clients_each_see_the_clip_from_its_beginning(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk), loop=False)
    counted: list[int] = []

    with serve_in_thread(yard) as cameras:
        url = cameras.url("yard")
        clients = [threading.Thread(target=lambda: counted.append(len(_keyframes(url)))) for _ in range(2)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()

    assert counted == [4, 4]
    assert yard.sent_keyframes == 8
    assert [playback.keyframes for playback in yard.playbacks] == [4, 4]
    assert yard.counts().clients_ever == 2


def test_clients_of_one_running_clock_see_the_same_moment(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk), start="server")

    with (
        serve_in_thread(yard) as cameras,
        RawClient(cameras.url("yard")) as early,
        RawClient(cameras.url("yard")) as late,
    ):
        early.play()
        seen_early = {unit for _, unit in islice(early.units(), 13)}
        late.play()
        first_late = next(late.units())[1]
        seen_early |= {unit for _, unit in islice(early.units(), 20)}

    # The late client began at a keyframe that the early one got too, and not at the clip's first.
    assert is_key(first_late)
    assert first_late in seen_early
    assert first_late != walk.units[0].data


def test_timestamps_go_on_over_the_seam_of_a_loop() -> None:
    second = Clip.of_units(encode_clip([scene_picture(5.0, noise_seed=n) for n in range(20)], fps=20))
    yard = Mount("yard", second)

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        answer = camera.play()
        packets = list(islice((packet for packet in camera.packets() if packet.marker), 30))

    first = int(answer.headers["RTP-Info"].split("rtptime=")[1])
    assert packets[0].timestamp == first
    assert [packet.timestamp - first for packet in packets] == [4500 * number for number in range(30)]


def test_no_packet_is_lost_or_out_of_order(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk))

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        camera.play()
        numbers = [packet.sequence for packet in islice(camera.packets(), 100)]

    assert all((after - before) % 65536 == 1 for before, after in pairwise(numbers))


def test_the_units_on_the_wire_are_the_encoded_ones(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk))

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        camera.play()
        received = [unit for _, unit in islice(camera.units(), 12)]

    expected = [unit.data.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01") for unit in walk.units[:12]]
    assert [unit.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01") for unit in received] == expected


def test_a_session_can_be_kept_alive_and_ended(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk))

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        camera.play()

        assert camera.ask("GET_PARAMETER").status == 200
        assert camera.ask("SET_PARAMETER").status == 200
        assert camera.ask("RECORD").status == 501
        assert camera.ask("TEARDOWN").status == 200
        assert not any(True for _ in camera.packets())


def test_an_unknown_path_is_404_and_udp_is_461(walk: AccessUnits) -> None:
    yard = Mount("yard", Clip.of_units(walk))

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        assert camera.ask("DESCRIBE", url=camera.url + "2").status == 404
        assert camera.ask("PLAY").status == 455
        assert camera.ask("SETUP", {"Transport": "RTP/AVP;unicast;client_port=5000-5001"}).status == 461


def test_a_clip_is_served_while_it_is_still_being_encoded() -> None:
    yard = Mount("yard", Clip(scene_footage(fps=10)))

    with serve_in_thread(yard) as cameras, RawClient(cameras.url("yard")) as camera:
        camera.play()
        units = list(islice(camera.units(), 6))

    assert [is_key(unit) for _, unit in units] == [True, False, False, False, False, True]
    assert yard.clip.gop_count is None


def test_rtsps_is_read_by_pyav(walk: AccessUnits, tmp_path: Path) -> None:
    yard = Mount("yard", Clip.of_units(walk), user="admin", password="right", loop=False)

    with serve_in_thread(yard, ssl_context=_self_signed(tmp_path)) as cameras:
        url = cameras.url("yard")
        frames = _keyframes(url)

    assert url.startswith("rtsps://")
    assert len(frames) == 4


def test_a_taken_port_is_named(walk: AccessUnits) -> None:
    with (
        serve_in_thread(Mount("yard", Clip.of_units(walk))) as cameras,
        pytest.raises(ConfigError, match=str(cameras.port)),
        serve_in_thread(Mount("yard", Clip.of_units(walk)), port=cameras.port),
    ):
        pass


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "camera.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
