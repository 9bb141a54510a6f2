from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.sign import new_secret, signed_headers


def test_the_reference_library_verifies_what_we_sign() -> None:
    secret = new_secret()
    body = '{"type":"test.ping","data":{"text":"有人"}}'.encode()

    headers = signed_headers(secret, message_id="msg_1", at=datetime.now(UTC), body=body)

    assert Webhook(secret).verify(body, headers)["type"] == "test.ping"


def test_another_body_another_secret_and_an_old_time_are_refused() -> None:
    secret = new_secret()
    now = datetime.now(UTC)
    headers = signed_headers(secret, message_id="msg_1", at=now, body=b"{}")
    old = signed_headers(secret, message_id="msg_1", at=now - timedelta(hours=1), body=b"{}")

    for given_secret, given_headers, body in (
        (secret, headers, b'{"a":1}'),
        (new_secret(), headers, b"{}"),
        (secret, old, b"{}"),
    ):
        with pytest.raises(WebhookVerificationError):
            Webhook(given_secret).verify(body, given_headers)
