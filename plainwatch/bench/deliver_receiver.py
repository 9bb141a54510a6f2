"""A receiver of webhooks in a process of its own, cheap enough not to be what is measured.

Takes: `python -m plainwatch.bench.deliver_receiver`; bodies whose data names a phase and when it was told.
Gives: on standard output `{"port": …, "dead_port": …}`; on `GET /`, for each phase, what arrived and how late.
Knows nothing about: who sends.

On the dead port connections are accepted and never answered: the costliest way to be dead."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

from contracts.service import end_with_parent

_NO_CONTENT = b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"


@dataclass(slots=True)
class Phase:
    """Latencies are from the moment of telling to the last byte of the request."""

    late_ms: list[float] = field(default_factory=list)
    ids: set[bytes] = field(default_factory=set)
    first_s: float = 0.0
    last_s: float = 0.0

    def as_json(self) -> dict[str, float]:
        late = sorted(self.late_ms)
        last = len(late) - 1
        return {
            "received": len(late),
            "different": len(self.ids),
            "first_s": self.first_s,
            "last_s": self.last_s,
            "p50": late[int(last * 0.5)],
            "p99": late[int(last * 0.99)],
            "max": late[-1],
        }


class _Good(asyncio.Protocol):
    phases: dict[str, Phase]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._read = transport, b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, blank, body = self._read.partition(b"\r\n\r\n")
        if not blank:
            return
        if head.startswith(b"GET"):
            self._report()
            return
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if len(body) >= int(fields[b"content-length"]):
            self._transport.write(_NO_CONTENT)
            self._transport.close()
            self._count(head.split(b" ", 2)[1] + fields[b"webhook-id"], body)

    def _count(self, name: bytes, body: bytes) -> None:
        now_s, data = time.time(), json.loads(body).get("data", {})
        phase = self.phases.setdefault(str(data.get("phase", "other")), Phase())
        phase.first_s, phase.last_s = phase.first_s or now_s, now_s
        phase.late_ms.append((now_s - float(data.get("told_s", now_s))) * 1000)
        phase.ids.add(name)

    def _report(self) -> None:
        text = json.dumps({name: phase.as_json() for name, phase in self.phases.items()}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
        self._transport.write(head.encode() + text)
        self._transport.close()


class _Dead(asyncio.Protocol):
    """Takes everything, says nothing."""


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    _Good.phases = {}
    good = await loop.create_server(_Good, "127.0.0.1", 0, backlog=1024)
    dead = await loop.create_server(_Dead, "127.0.0.1", 0, backlog=1024)
    ports = [server.sockets[0].getsockname()[1] for server in (good, dead)]
    sys.stdout.write(json.dumps({"port": ports[0], "dead_port": ports[1]}) + "\n")
    sys.stdout.flush()
    await asyncio.gather(good.serve_forever(), dead.serve_forever())


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(_serve())
