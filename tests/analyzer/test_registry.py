"""Model files: found, fetched whole, or refused; against a real server."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from analyzer.edge.registry import NAMED, fetch, find_model
from contracts.errors import ConfigError, EngineError

MODEL = b"the bytes of a model" * 5000
SHA256 = hashlib.sha256(MODEL).hexdigest()


class Shelf(BaseHTTPRequestHandler):
    """/model.onnx is whole, /cut.onnx ends early, /moved.onnx points to the first."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved.onnx":
            self.send_response(302)
            self.send_header("Location", "/model.onnx")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path in ("/model.onnx", "/cut.onnx"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(MODEL)))
            self.end_headers()
            self.wfile.write(MODEL if self.path == "/model.onnx" else MODEL[:1000])
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def shelf(asked: list[str]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Shelf,), {"asked": asked}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_fetched_file_is_whole_and_is_fetched_once(shelf: str, asked: list[str], tmp_path: Path) -> None:
    folder = tmp_path / "data" / "models"

    first = fetch(f"{shelf}/moved.onnx", SHA256, folder)
    second = fetch(f"{shelf}/moved.onnx", SHA256.upper(), folder)

    assert first == second == folder / "moved.onnx"
    assert first.read_bytes() == MODEL
    assert asked == ["/moved.onnx", "/model.onnx"]


def test_a_file_with_another_checksum_is_replaced(shelf: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"an older one")

    assert fetch(f"{shelf}/model.onnx", SHA256, tmp_path).read_bytes() == MODEL


def test_a_wrong_checksum_leaves_nothing_behind(shelf: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=f"its SHA-256 is {SHA256}"):
        fetch(f"{shelf}/model.onnx", "0" * 64, tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["cut.onnx", "nowhere.onnx"])
def test_a_download_that_fails_leaves_nothing_behind_and_names_the_remedy(
    shelf: str, tmp_path: Path, path: str
) -> None:
    with pytest.raises(EngineError, match="download it elsewhere and set PLAINWATCH_DETECTOR to its path"):
        fetch(f"{shelf}/{path}", SHA256, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_given_up(shelf: str, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="larger than 1000 bytes"):
        fetch(f"{shelf}/model.onnx", SHA256, tmp_path, most_bytes=1000)

    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_an_error_without_the_urls_password(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        fetch("http://user:sesame@127.0.0.1:9/model.onnx", SHA256, tmp_path)

    assert "127.0.0.1:9" in str(refused.value)
    assert "sesame" not in str(refused.value)


def test_a_url_without_a_checksum_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="PLAINWATCH_DETECTOR_SHA256"):
        find_model("", url="http://127.0.0.1:9/model.onnx", sha256="", folder=tmp_path)


def test_a_folder_that_cannot_be_written_is_named(shelf: str, tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file is in the way")

    with pytest.raises(EngineError, match="cannot be kept"):
        fetch(f"{shelf}/model.onnx", SHA256, tmp_path / "models")


def test_no_detector_is_no_file(tmp_path: Path) -> None:
    assert find_model("", url="", sha256="", folder=tmp_path) is None


def test_a_path_needs_neither_checksum_nor_network(tmp_path: Path) -> None:
    own = tmp_path / "own.onnx"
    own.write_bytes(b"anything")

    assert find_model(str(own), url="", sha256="", folder=tmp_path) == own


def test_a_name_may_be_fetched_from_a_mirror(shelf: str, tmp_path: Path) -> None:
    found = find_model("yolox_nano", url=f"{shelf}/model.onnx", sha256=SHA256, folder=tmp_path)

    assert found == tmp_path / "yolox_nano.onnx"


def test_a_name_that_nobody_knows_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nanodet_m, yolox_nano, yolox_tiny"):
        find_model("yolox_nanu", url="", sha256="", folder=tmp_path)


def test_every_named_model_has_a_checksum_and_a_licence() -> None:
    for named in NAMED.values():
        assert named.url.startswith("https://")
        assert len(bytes.fromhex(named.sha256)) == 32
        assert named.licence


def test_the_nanodet_at_hand_is_the_named_one(assets: Path) -> None:
    at_hand = hashlib.sha256((assets / "models" / "nanodet_m.onnx").read_bytes()).hexdigest()

    assert NAMED["nanodet_m"].sha256 == at_hand
