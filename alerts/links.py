"""Signed links to pictures, that expire.

Takes: a path, the site's link secret, a time.
Gives: the path with `exp` and `sig`; whether such a pair is genuine and still holds.
Knows nothing about: what the path leads to, HTTP."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote

#: a webhook's receiver may look at the picture for a week
LINK_LASTS = timedelta(days=7)
EVIDENCE_PATH = "/api/v1/evidence/"


def signed_path(path: str, *, secret: bytes, expires_at: datetime) -> str:
    """`path` begins with a slash and holds no query."""
    expires_s = int(expires_at.timestamp())
    return f"{quote(path)}?exp={expires_s}&sig={_signature(path, expires_s, secret)}"


def verify_path(path: str, *, expires_s: str, signature: str, secret: bytes, now: datetime) -> bool:
    """`path` as it was signed, percent-escapes decoded; the other two as they came, trusted in nothing."""
    if not (expires_s.isascii() and expires_s.isdigit() and len(expires_s) <= 12):
        return False
    wanted = _signature(path, int(expires_s), secret)
    return hmac.compare_digest(wanted.encode(), signature.encode()) and now.timestamp() < int(expires_s)


def evidence_url(base_url: str, path: str, *, secret: bytes, now: datetime) -> str:
    """For a picture's path under the evidence folder."""
    return base_url.rstrip("/") + signed_path(EVIDENCE_PATH + path, secret=secret, expires_at=now + LINK_LASTS)


def _signature(path: str, expires_s: int, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{path}|{expires_s}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
