import socket
from urllib.parse import urlsplit

import av
import pytest

from contracts.errors import ConfigError
from contracts.redact import split_credentials
from plainwatch.simulator import Fault, MjpegCamera, mjpeg_in_thread, scene_footage

FOOTAGE = scene_footage(fps=20, size=(320, 180))


def _answer(url: str, seconds: float = 10.0) -> bytes:
    """Everything that comes for a plain GET, until the end or for 64 KB; TimeoutError when nothing comes."""
    address = urlsplit(split_credentials(url)[0])
    received = b""
    with socket.create_connection((address.hostname, address.port), timeout=seconds) as connection:
        connection.sendall(f"GET {address.path} HTTP/1.1\r\nHost: camera\r\n\r\n".encode())
        while len(received) < 65536 and (part := connection.recv(65536)):
            received += part
    return received


def test_pyav_reads_the_pictures() -> None:
    with (
        mjpeg_in_thread(FOOTAGE, user="admin", password="right") as camera,
        av.open(camera.url, format="mpjpeg", timeout=(10, 10)) as container,
    ):
        frame = next(container.decode(video=0))

    assert (frame.width, frame.height) == (320, 180)
    assert camera.sent_pictures > 0


def test_a_wrong_password_is_refused() -> None:
    with mjpeg_in_thread(FOOTAGE, user="admin", password="right") as camera:
        assert _answer(camera.url).startswith(b"HTTP/1.1 401")


@pytest.mark.parametrize(
    ("fault", "value", "begins"),
    [
        (Fault.REDIRECT_302, "http://127.0.0.1:1/", b"HTTP/1.1 302"),
        (Fault.UNAUTHORIZED, None, b"HTTP/1.1 401"),
        (Fault.NOT_FOUND, None, b"HTTP/1.1 404"),
        (Fault.CLOSE_AFTER, 0.1, b"HTTP/1.1 200"),
    ],
)
def test_a_fault_shows_in_the_answer_and_the_connection_ends(fault: Fault, value: float | str, begins: bytes) -> None:
    with mjpeg_in_thread(FOOTAGE) as camera:
        camera.misbehave(fault, value)

        assert _answer(camera.url).startswith(begins)


def test_a_silent_camera_never_answers() -> None:
    with mjpeg_in_thread(FOOTAGE) as camera:
        camera.misbehave(Fault.SILENT)

        with pytest.raises(TimeoutError):
            _answer(camera.url, seconds=0.4)


def test_a_fault_of_rtsp_only_is_refused() -> None:
    with pytest.raises(ConfigError, match="freeze"):
        MjpegCamera(FOOTAGE).misbehave(Fault.FREEZE)
