import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from alerts.sign import new_secret, public_key, signature, signed_headers

# What the specification's own libraries test with.
VECTOR_ID, VECTOR_AT, VECTOR_BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
VECTORS = {
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=": (
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag=="
    ),
}


def verify(public: str, headers: dict[str, str], body: bytes) -> None:
    """As a receiver of v1a does it: any one of the signatures will do."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    for each in headers["webhook-signature"].split(" "):
        version, _, given = each.partition(",")
        if version == "v1a":
            try:
                return key.verify(base64.b64decode(given), signed)
            except InvalidSignature:
                continue
    raise InvalidSignature


@pytest.mark.parametrize("secret", VECTORS)
def test_the_vectors_of_the_specification_pass(secret: str) -> None:
    made = signature(secret, message_id=VECTOR_ID, timestamp_s=VECTOR_AT, body=VECTOR_BODY)

    assert made == VECTORS[secret]


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


def test_what_is_signed_with_ed25519_is_verified_with_the_public_key_alone() -> None:
    secret = new_secret("v1a")
    headers = signed_headers(secret, message_id="msg_1", at=datetime.now(UTC), body=b"{}")

    assert secret.startswith("whsk_")
    assert public_key(secret).startswith("whpk_")
    verify(public_key(secret), headers, b"{}")
    for public, body in ((public_key(secret), b"[]"), (public_key(new_secret("v1a")), b"{}")):
        with pytest.raises(InvalidSignature):
            verify(public, headers, body)


def test_during_a_rotation_both_secrets_verify_also_of_two_kinds() -> None:
    old, new, asymmetric = new_secret(), new_secret(), new_secret("v1a")
    now = datetime.now(UTC)

    rotated = signed_headers(new, message_id="msg_1", at=now, body=b"{}", others=(old,))
    changed = signed_headers(asymmetric, message_id="msg_1", at=now, body=b"{}", others=(old,))

    for secret, headers in ((old, rotated), (new, rotated), (old, changed)):
        assert Webhook(secret).verify(b"{}", headers) == {}
    verify(public_key(asymmetric), changed, b"{}")
    assert rotated["webhook-signature"].count(" ") == 1


def test_a_shared_secret_has_no_public_key() -> None:
    assert public_key(new_secret()) == ""
