from collections.abc import Sequence
from pathlib import Path

import pytest

from contracts.errors import Invalid, OutboundRefused, SourceUnreachable, SourceUnsupported
from contracts.outbound import PRIVATE_NETWORKS, parse_allow
from ingest.address import Address, read_address


def _read(url: str, *, credentials: str = "", answers: Sequence[str] = ("192.168.1.20",)) -> Address:
    allow = parse_allow(PRIVATE_NETWORKS)
    return read_address(
        url, credentials=credentials, media_root=None, allow=allow, resolver=lambda _host, _port: list(answers)
    )


def test_the_name_is_resolved_once_and_the_checked_address_is_what_ffmpeg_gets() -> None:
    address = _read("rtsp://gate.local/stream?channel=1", credentials="admin:p@ss/word")

    assert address.pinned_url == "rtsp://admin:p%40ss%2Fword@192.168.1.20:554/stream?channel=1"
    assert address.bare_url == "rtsp://gate.local:554/stream?channel=1"


def test_an_ipv6_camera_keeps_its_brackets() -> None:
    address = _read("rtsp://[fd12::5]:8554/a", answers=["fd12::5"])

    assert address.pinned_url == "rtsp://[fd12::5]:8554/a"


def test_credentials_inside_the_url_are_used_and_never_shown() -> None:
    address = _read("http://root:hunter2@gate.local/mjpg?user=root&password=hunter2")

    assert (address.user, address.password) == ("root", "hunter2")
    assert "hunter2" not in address.shown
    assert "hunter2" not in repr(address).replace(address.target, "")


@pytest.mark.parametrize("scheme", ["ftp", "concat", "subfile", "lavfi", "srt", ""])
def test_other_schemes_are_refused_by_name(scheme: str) -> None:
    with pytest.raises(SourceUnsupported, match="rtsp://"):
        _read(f"{scheme}://gate.local/x")


@pytest.mark.parametrize("url", ["rtsp://", "rtsp:///path", "rtsp://host:99999/x", "rtsp://[::1/x", "rtsp://a b/c"])
def test_urls_without_a_usable_host_are_invalid(url: str) -> None:
    with pytest.raises(Invalid):
        _read(url)


@pytest.mark.parametrize("answer", ["127.0.0.1", "169.254.169.254", "::1", "0.0.0.0", "224.0.0.1", "::ffff:127.0.0.1"])
def test_addresses_that_nobody_allowed_are_not_dialled(answer: str) -> None:
    with pytest.raises(OutboundRefused):
        _read("rtsp://innocent.example/x", answers=["192.168.1.20", answer])


def test_a_name_that_does_not_resolve_is_said() -> None:
    with pytest.raises(SourceUnreachable, match=r"nowhere\.invalid"):
        read_address("rtsp://nowhere.invalid/x", media_root=None, allow=())


def test_line_breaks_in_a_password_cannot_add_headers() -> None:
    with pytest.raises(Invalid, match="control characters"):
        _read("rtsp://gate.local/x", credentials="admin:a\r\nX-Evil: 1")


def _file(root: Path | None, name: str) -> Address:
    return read_address(f"file:{name}", media_root=root, allow=())


def test_a_file_under_the_media_root_is_found_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "yard").mkdir()
    (tmp_path / "yard" / "a b.mp4").write_bytes(b"x")

    assert _file(tmp_path, "yard/a%20b.mp4").file == (tmp_path / "yard" / "a b.mp4").resolve()


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "//etc/passwd", "%2e%2e/secret", "link", "", "none.mp4"])
def test_no_name_leads_out_of_the_media_root(tmp_path: Path, name: str) -> None:
    root = tmp_path / "media"
    root.mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (root / "link").symlink_to(tmp_path / "secret")

    with pytest.raises(Invalid, match=r"media root|names no file"):
        _file(root, name)


def test_without_a_media_root_no_file_is_a_camera() -> None:
    with pytest.raises(Invalid, match="PLAINWATCH_MEDIA_ROOT"):
        _file(None, "a.mp4")


def test_a_secret_in_the_path_comes_sealed_and_takes_the_place_of_the_masked_one() -> None:
    secret = "/user=admin&password=hunter2&channel=1.sdp"

    address = read_address(
        "rtsp://8.8.8.8/user=***&password=***&channel=1.sdp", credentials=f"\n{secret}", media_root=None, allow=()
    )

    assert address.pinned_url == f"rtsp://8.8.8.8:554{secret}"
    assert "hunter2" not in address.shown + repr(address.shown)
