"""A webhook receiver in its own process: verifies each signature and writes one line for each message.

Takes: `python -m plainwatch.receiver`, the secret in PLAINWATCH_RECEIVER_SECRET.
Gives: on standard output `{"port": …}`, then `{"verified": …, "type": …, …}` for every request.
Knows nothing about: how alerts signs; it follows the Standard Webhooks specification by itself."""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from contracts.service import end_with_parent

BODY_MAX_BYTES = 64 << 10
#: the specification leaves the tolerance to the receiver; five minutes is what its libraries use
TOLERANCE_S = 300


def verify(secret: str, headers: dict[str, str], body: bytes, *, now_s: float) -> str:
    """The empty text where it is genuine, else what is wrong."""
    message_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent_at.isdigit() or abs(now_s - int(sent_at)) > TOLERANCE_S:
        return "timestamp"
    signed = f"{message_id}.{sent_at}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(digest).decode()
    given = headers.get("webhook-signature", "").split(" ")
    return "" if any(hmac.compare_digest(wanted, one) for one in given) else "signature"


class _Handler(BaseHTTPRequestHandler):
    secret = ""

    def do_POST(self) -> None:
        length = min(int(self.headers.get("content-length", 0)), BODY_MAX_BYTES)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        wrong = verify(self.secret, headers, body, now_s=time.time())
        self.send_response(401 if wrong else 204)
        self.end_headers()
        _print({"verified": not wrong, "wrong": wrong, "id": headers.get("webhook-id", ""), **_content(body)})

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: standard output carries the messages alone."""


def _content(body: bytes) -> dict[str, object]:
    try:
        message = json.loads(body)
    except ValueError:
        return {"type": "", "data": {}}
    return {"type": message.get("type", ""), "data": message.get("data", {})}


def _print(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serves until it is ended."""
    end_with_parent()
    _Handler.secret = os.environ["PLAINWATCH_RECEIVER_SECRET"]
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    _print({"port": server.server_address[1]})
    server.serve_forever()


if __name__ == "__main__":
    main()
