"""Signatures of webhooks, as Standard Webhooks 1.0 has them (symmetric, `v1`).

Takes: an endpoint's secret, a message id, the time of the attempt, the body's bytes.
Gives: the three headers that a receiver verifies.
Knows nothing about: how a message is sent."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
#: the specification allows 24 to 64
SECRET_BYTES = 32


def new_secret() -> str:
    """For a new endpoint; shown once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, message_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and the HMAC-SHA256 of `id.timestamp.body`. Raises ValueError where the secret is not base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(secret: str, *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The id stays the same over retries; the timestamp is that of the attempt."""
    timestamp_s = int(at.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": signature(secret, message_id=message_id, timestamp_s=timestamp_s, body=body),
    }
