"""How far an answer is read, held where it is read: between two machines, buffers would blur it."""

import asyncio

import h11
import pytest

from alerts.pinned_transport import ANSWER_KEPT_BYTES, Reply, read_answer

MOST_BYTES = 64 << 10
OFFERED_BYTES = 4 << 20
HEAD = b"HTTP/1.1 200 OK\r\n"


class CountingReader(asyncio.StreamReader):
    """Counts what was taken out of it."""

    taken = 0

    async def read(self, n: int = -1) -> bytes:
        some = await super().read(n)
        self.taken += len(some)
        return some


def read_from(offered: bytes, reply: Reply) -> int:
    """How many bytes were taken of those that were there."""

    async def read() -> int:
        reader, connection = CountingReader(), h11.Connection(h11.CLIENT)
        connection.send(h11.Request(method="POST", target="/", headers=[("host", "hook.example")]))
        connection.send(h11.EndOfMessage())
        reader.feed_data(offered)
        reader.feed_eof()
        try:
            await read_answer(connection, reader, reply)
        finally:
            assert reader.taken <= MOST_BYTES
        return reader.taken

    return asyncio.run(read())


@pytest.mark.parametrize(
    "offered",
    [
        HEAD + b"\r\n" + b"x" * OFFERED_BYTES,
        HEAD + b"content-length: 9999999\r\n\r\n" + b"x" * OFFERED_BYTES,
        HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"1;why-not=so\r\nx\r\n" * (OFFERED_BYTES // 16),
    ],
    ids=["until it ends", "of a length", "in chunks of one byte"],
)
def test_of_an_endless_answer_64_kb_are_read_and_the_first_kilobyte_is_kept(offered: bytes) -> None:
    reply = Reply()

    assert read_from(offered, reply) == MOST_BYTES
    assert (reply.status, reply.beginning) == (200, b"x" * ANSWER_KEPT_BYTES)


@pytest.mark.parametrize(
    "offered",
    [b"HTTP/1.1 102 Processing\r\n\r\n" * (OFFERED_BYTES // 32), HEAD + b"x-long: " + b"x" * OFFERED_BYTES],
    ids=["only that it is still at work", "a header"],
)
def test_what_never_comes_to_its_status_is_no_answer_and_is_read_no_further(offered: bytes) -> None:
    reply = Reply()

    with pytest.raises(h11.RemoteProtocolError):
        read_from(offered, reply)

    assert reply.status is None


def test_a_short_answer_is_read_to_its_end() -> None:
    reply, offered = Reply(), HEAD + b"content-length: 2\r\nretry-after: 90\r\n\r\nok"

    assert read_from(offered, reply) == len(offered)
    assert (reply.status, reply.beginning, reply.retry_after) == (200, b"ok", "90")
