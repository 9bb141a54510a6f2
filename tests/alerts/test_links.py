from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from alerts.links import EVIDENCE_PATH, LINK_LASTS, evidence_url, verify_path

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECRET = b"s" * 32


def parts(url: str) -> tuple[str, str, str]:
    split = urlsplit(url)
    query = parse_qs(split.query)
    return unquote(split.path), query["exp"][0], query["sig"][0]


def test_a_link_holds_for_a_week_and_not_longer() -> None:
    url = evidence_url("http://host:8600/", "2026/11/22/inc_1-1.jpg", secret=SECRET, now=NOW)
    path, expires_s, signature = parts(url)

    def holds(at: datetime) -> bool:
        return verify_path(path, expires_s=expires_s, signature=signature, secret=SECRET, now=at)

    assert url.startswith("http://host:8600" + EVIDENCE_PATH)
    assert holds(NOW + LINK_LASTS - timedelta(seconds=1))
    assert not holds(NOW + LINK_LASTS)


def test_another_path_another_time_another_secret_and_nonsense_do_not_pass() -> None:
    path, expires_s, signature = parts(evidence_url("http://h", "a b/ü.jpg", secret=SECRET, now=NOW))
    given = {"expires_s": expires_s, "signature": signature, "secret": SECRET, "now": NOW}

    assert verify_path(path, **given)  # type: ignore[arg-type]
    for change in (
        {"expires_s": str(int(expires_s) + 1)},
        {"expires_s": "٣"},
        {"expires_s": "-1"},
        {"expires_s": ""},
        {"signature": signature[:-1]},
        {"signature": "é"},
        {"secret": b"t" * 32},
    ):
        assert not verify_path(path, **given | change)  # type: ignore[arg-type]
    assert not verify_path(path + "x", **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["2026/11/22/inc_1-1.jpg", "2026/11/22/inc_1-1.boxes.jpg"])
def test_a_link_is_one_word_that_mail_programs_do_not_break(path: str) -> None:
    url = evidence_url("http://h", path, secret=SECRET, now=NOW)

    assert not set(url) & set(" <>\"'")
