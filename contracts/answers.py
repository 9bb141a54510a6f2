"""The answer stream: from analyzers to the alert worker that owns the shard, at least once.

Takes: what FrameBus.finish published.
Gives: AnswerStream.read (own pending ones first), ack after the commit.
Knows nothing about: rules, incidents."""

from dataclasses import dataclass
from typing import Any

import msgspec
import redis

from contracts import keys
from contracts.broker import BLOCK_S, Client, bus_errors
from contracts.messages import StreamMessage, decode_stream_message

GROUP = "alerts"


@dataclass(frozen=True, slots=True)
class Delivered:
    """One message and the id to acknowledge it by; `message` None: it did not decode."""

    id: bytes
    message: StreamMessage | None


class AnswerStream:
    """One shard, one consumer. After a restart, or after Redis was emptied, call `rewind`."""

    def __init__(self, client: Client, *, shard: int, consumer: str) -> None:
        self._client = client
        self._key = keys.answers(shard)
        self._consumer = consumer
        self._cursor = "0"

    def rewind(self) -> None:
        """The next reads give what was delivered before and never acknowledged, whichever worker had it."""
        self._cursor = "0"
        with bus_errors("open the answer stream"):
            try:
                self._client.xgroup_create(self._key, GROUP, id="0", mkstream=True)
            except redis.exceptions.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise
            self._client.xautoclaim(
                self._key, GROUP, self._consumer, min_idle_time=0, start_id="0-0", count=10_000, justid=True
            )

    def read(self, *, most: int, wait_s: float = BLOCK_S) -> list[Delivered]:
        """In order of publication; empty after the wait. Raises BusUnreachable also where Redis was emptied: rewind."""
        fresh = self._cursor == ">"
        block_ms = max(1, int(min(wait_s, BLOCK_S) * 1000)) if fresh else None
        with bus_errors("read answers"):
            reply: Any = self._client.xreadgroup(
                GROUP, self._consumer, {self._key: self._cursor}, count=most, block=block_ms
            )
        entries = reply[0][1] if reply else []
        if not entries and not fresh:
            self._cursor = ">"
            return []
        if not fresh:
            self._cursor = entries[-1][0].decode()
        return [Delivered(entry_id, _decode(fields)) for entry_id, fields in entries]

    def ack(self, ids: list[bytes]) -> None:
        """After the commit; acknowledged entries leave the stream."""
        if ids:
            with bus_errors("acknowledge answers"):
                self._client.xack(self._key, GROUP, *ids)
                self._client.xdel(self._key, *ids)

    def depth(self) -> int:
        """Messages not acknowledged yet."""
        with bus_errors("count answers"):
            length: Any = self._client.xlen(self._key)
        return int(length)


def _decode(fields: dict[bytes, bytes] | None) -> StreamMessage | None:
    try:
        return decode_stream_message((fields or {}).get(b"m", b""))
    except msgspec.DecodeError:
        return None
