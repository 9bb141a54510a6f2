"""The receiver accepts what the standardwebhooks library signs, and nothing else."""

import time
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from plainwatch.receiver import verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = '{"type":"test.ping","data":{}}'


def headers(now_s: float, *, body: str = BODY) -> dict[str, str]:
    signature = Webhook(SECRET).sign("msg_1", datetime.fromtimestamp(int(now_s), UTC), body)
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now_s)), "webhook-signature": f"v1a,x {signature}"}


def test_a_genuine_message_is_verified() -> None:
    now_s = time.time()

    wrong = verify(SECRET, headers(now_s), BODY.encode(), now_s=now_s)

    assert wrong == ""


def test_a_changed_body_is_not() -> None:
    now_s = time.time()

    wrong = verify(SECRET, headers(now_s), BODY.replace("ping", "pong").encode(), now_s=now_s)

    assert wrong == "signature"


def test_an_old_message_is_not() -> None:
    now_s = time.time()

    wrong = verify(SECRET, headers(now_s - 301), BODY.encode(), now_s=now_s)

    assert wrong == "timestamp"
