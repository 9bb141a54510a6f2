"""Addresses that people enter: secrets come apart from what is kept and shown."""

import pytest

from api.targets import camera_target


@pytest.mark.parametrize(
    ("url", "shown", "credentials"),
    [
        ("rtsp://10.0.0.7/live", "rtsp://10.0.0.7/live", ""),
        ("rtsp://admin:hunter2@10.0.0.7/live", "rtsp://10.0.0.7/live", "admin:hunter2"),
        ("http://10.0.0.7/v?pwd=hunter2&res=1", "http://10.0.0.7/v?pwd=***&res=1", "\n/v?pwd=hunter2&res=1"),
        (
            "rtsp://10.0.0.7/user=a&password=hunter2&channel=1.sdp",
            "rtsp://10.0.0.7/user=***&password=***&channel=1.sdp",
            "\n/user=a&password=hunter2&channel=1.sdp",
        ),
    ],
)
def test_what_is_kept_in_the_open_holds_no_secret(url: str, shown: str, credentials: str) -> None:
    target = camera_target(url, None)

    assert (target.url, target.credentials) == (shown, credentials)
