"""Signed links that expire: to pictures, and to say one thing of one incident.

Takes: a path, or an incident and a word on it; the site's link secret, a time.
Gives: the path with `exp` and `sig`, or a token; whether they are genuine and still hold.
Knows nothing about: what the path leads to, HTTP, incidents."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import quote

#: a webhook's receiver may look at the picture for a week
LINK_LASTS = timedelta(days=7)
EVIDENCE_PATH = "/api/v1/evidence/"
#: whoever lists the archive has a key, and may list it again
ARCHIVE_LINK_LASTS = timedelta(hours=1)
ARCHIVE_PATH = "/api/v1/archive/"
#: somebody may come back from a holiday and look through what happened
FEEDBACK_LINK_LASTS = timedelta(days=14)
FEEDBACK_PATH = "/api/v1/feedback/"

Word = Literal["true_alarm", "false_alarm"]
WORDS: tuple[Word, ...] = ("true_alarm", "false_alarm")


@dataclass(frozen=True, slots=True)
class Links:
    """What makes the links of one message; `base_url` is where others reach the API."""

    base_url: str
    secret: bytes
    now: datetime

    def picture(self, path: str) -> str:
        """For a picture's path under the evidence folder."""
        return evidence_url(self.base_url, path, secret=self.secret, now=self.now)

    def feedback(self, incident_id: str, word: Word) -> str:
        """Where whoever was told may say whether it was right, without a key."""
        token = feedback_token(incident_id, word, secret=self.secret, now=self.now)
        return self.base_url.rstrip("/") + FEEDBACK_PATH + token


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


def archive_url(base_url: str, path: str, *, secret: bytes, now: datetime) -> str:
    """For a picture's path under the archive's folder."""
    expires_at = now + ARCHIVE_LINK_LASTS
    return base_url.rstrip("/") + signed_path(ARCHIVE_PATH + path, secret=secret, expires_at=expires_at)


def feedback_token(incident_id: str, word: Word, *, secret: bytes, now: datetime) -> str:
    """It opens nothing else: neither another incident, nor the other word."""
    expires_s = int((now + FEEDBACK_LINK_LASTS).timestamp())
    return f"{incident_id}.{word}.{expires_s}.{_signature(f'feedback:{incident_id}:{word}', expires_s, secret)}"


def read_feedback_token(token: str, *, secret: bytes, now: datetime) -> tuple[str, Word] | None:
    """The incident and the word; None where it is not one of ours, or has expired."""
    incident_id, _, rest = token.partition(".")
    said, _, rest = rest.partition(".")
    expires_s, _, signature = rest.partition(".")
    word = next((each for each in WORDS if each == said), None)
    # No picture's path begins like this: a link to one never passes for a word.
    signed = f"feedback:{incident_id}:{said}"
    if word is None or not verify_path(signed, expires_s=expires_s, signature=signature, secret=secret, now=now):
        return None
    return incident_id, word


def _signature(path: str, expires_s: int, secret: bytes) -> str:
    digest = hmac.digest(secret, f"{path}|{expires_s}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
