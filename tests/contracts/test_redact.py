"""No credential that we know the shape of passes the last door."""

import pytest

from contracts.redact import join_credentials, redact, scrub, split_credentials


@pytest.mark.parametrize(
    "text",
    [
        "rtsp://admin:hunter2@10.0.0.7:554/stream",
        "cannot open 'rtsp://admin:hunt@er2/hunter2@10.0.0.7/x': timed out",
        "http://10.0.0.7/video.cgi?user=admin&pwd=hunter2&res=1",
        "rtsp://10.0.0.7:554/user=admin&password=hunter2&channel=1.sdp",
        "rtsp://10.0.0.7:554/user=admin_password=hunter2_channel=1_stream=0.sdp",
        "Authorization: Bearer hunter2hunter2",
        "secret whsec_hunter2hunter2 was refused",
        "one-time key pw_setup_hunter2-x",
        "could not send to pover://user@hunter2/device: 400",
        "https://proxy.example/?to=pover://user@hunter2",
        "gotifys://push.example/hunter2?priority=high did not answer",
    ],
)
def test_a_secret_is_masked_and_masking_twice_changes_nothing(text: str) -> None:
    once = scrub(text)

    assert "hunter2" not in once
    assert scrub(once) == once


def test_what_is_no_secret_stays() -> None:
    assert redact("rtsp://10.0.0.7:554/channel=1?profile=main") == "rtsp://10.0.0.7:554/channel=1?profile=main"


def test_credentials_are_taken_out_and_put_back_whatever_they_hold() -> None:
    url = "rtsp://ad%3Amin:p%40ss%2Fw@10.0.0.7:554/x"

    bare, user, password = split_credentials(url)

    assert (bare, user, password) == ("rtsp://10.0.0.7:554/x", "ad:min", "p@ss/w")
    assert join_credentials(bare, user, password) == url
