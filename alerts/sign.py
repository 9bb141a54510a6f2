"""Signatures of webhooks, as Standard Webhooks 1.0 has them: HMAC-SHA256 (`v1`) and ed25519 (`v1a`).

Takes: an endpoint's secrets, a message id, the time of the attempt, the body's bytes.
Gives: the three headers that a receiver verifies; new secrets, and the public key of one.
Knows nothing about: how a message is sent.

A secret says by its prefix what it signs with: whsec_ is shared with the receiver, whsk_ stays here and its whpk_ is
given away."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Scheme = Literal["v1", "v1a"]

PREFIX = "whsec_"
PRIVATE_PREFIX = "whsk_"
PUBLIC_PREFIX = "whpk_"
#: the specification allows 24 to 64; an ed25519 key is made of 32
SECRET_BYTES = 32


def new_secret(scheme: Scheme = "v1") -> str:
    """For a new endpoint. That of v1 is shown once, that of v1a never."""
    prefix = PRIVATE_PREFIX if scheme == "v1a" else PREFIX
    return prefix + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def scheme_of(secret: str) -> Scheme:
    """By its prefix; one without any is shared."""
    return "v1a" if secret.startswith(PRIVATE_PREFIX) else "v1"


def public_key(secret: str) -> str:
    """What the receiver of v1a verifies with; empty for v1. Raises ValueError where the secret is no key."""
    if scheme_of(secret) == "v1":
        return ""
    return PUBLIC_PREFIX + base64.b64encode(_private_key(secret).public_key().public_bytes_raw()).decode()


def signature(secret: str, *, message_id: str, timestamp_s: int, body: bytes) -> str:
    """The scheme, a comma, and what it makes of `id.timestamp.body`. Raises ValueError where the secret is none."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    if scheme_of(secret) == "v1a":
        return "v1a," + base64.b64encode(_private_key(secret).sign(signed)).decode()
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed_headers(
    secret: str, *, message_id: str, at: datetime, body: bytes, others: Sequence[str] = ()
) -> dict[str, str]:
    """The id stays the same over retries; the timestamp is that of the attempt. `others`: secrets on their way out."""
    timestamp_s = int(at.timestamp())
    signatures = (
        signature(each, message_id=message_id, timestamp_s=timestamp_s, body=body) for each in (secret, *others)
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


@lru_cache(maxsize=256)
def _private_key(secret: str) -> Ed25519PrivateKey:
    seed = base64.b64decode(secret.removeprefix(PRIVATE_PREFIX), validate=True)
    # Some libraries write the seed with the public key behind it.
    return Ed25519PrivateKey.from_private_bytes(seed[:SECRET_BYTES] if len(seed) == 2 * SECRET_BYTES else seed)
