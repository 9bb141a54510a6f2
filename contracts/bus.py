"""The frame bus: a mailbox of two frames a camera, and a queue of cameras that is served in turns.

Takes: Keyframe and Unchanged from ingest; what came of them from analyzers.
Gives: TakenFrame to analyzers, one in flight a camera; counts of what had to go.
Knows nothing about: pictures, questions.

One shared stream starves quiet cameras; a mailbox each and a round-robin queue serve every camera once a round.
Each step is one Lua script, so a kill between two steps loses nothing. Times are milliseconds of the caller's clock,
but for the time until which a frame may be put: that is the server's."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from contracts import keys
from contracts.broker import BLOCK_S, SOCKET_TIMEOUT_S, Client, bus_errors
from contracts.errors import BusUnreachable
from contracts.messages import Keyframe, StreamMessage, Unchanged, decode_keyframe, encode
from contracts.plan import MOST_FRAMES

MAILBOX_FRAMES = 2
#: the answer stream holds a few minutes of a large site while alerts is away; older answers are lost and counted
ANSWERS_MAXLEN = 50_000
#: a frame that was taken this often and never finished kills workers: quarantine it
POISON_ATTEMPTS = 2
POISON_KEPT = 20
#: with the frame at hand they make MOST_FRAMES. Only cameras that are asked about change keep any: at 24 to 93 kB a
#: JPEG (our test footage, 426 x 240 to 960 x 1088) less than 0.3 MB of Redis each
RECENT_FRAMES = MOST_FRAMES - 1
RECENT_TTL_S = 180
#: A frame that is put after it is refused. Earlier than the socket gives up, so that whatever is done is also heard of:
#: what was counted as lost must not be answered as well.
PUT_WITHIN_MS = int(SOCKET_TIMEOUT_S * 950)
_LUA = Path(__file__).parent / "lua"


@dataclass(frozen=True, slots=True)
class Put:
    """What became of a frame that ingest put. `evicted`: frames of this camera that had to make room."""

    fenced: bool
    evicted: int = 0


@dataclass(frozen=True, slots=True)
class TakenFrame:
    """A frame that is this worker's until the deadline. `attempts` counts this one; `message` None: not decodable."""

    camera: str
    epoch: int
    seq: int
    captured_at: datetime
    attempts: int
    message: Keyframe | Unchanged | None
    payload: bytes


def lua(name: str) -> str:
    """The text of one of our scripts."""
    return (_LUA / f"{name}.lua").read_text()


class FrameBus:
    """One per process; the client is shared by its threads (redis-py's pool is thread-safe)."""

    def __init__(
        self, client: Client, *, shards: int = 1, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._shards = shards
        self._monotonic_s = monotonic_s
        #: the server's clock less our monotonic one, in milliseconds, as of its last word
        self._ahead_ms: int | None = None
        self._put = client.register_script(lua("put"))
        self._take = client.register_script(lua("take"))
        self._finish = client.register_script(lua("finish"))
        self._reclaim = client.register_script(lua("reclaim"))

    def put(self, message: Keyframe | Unchanged) -> Put:
        """Raises BusFull or BusUnreachable: the caller counts the frame as dropped."""
        shard = keys.shard_of(message.camera, self._shards)
        kind: Literal["K", "U"] = "K" if isinstance(message, Keyframe) else "U"
        payload = encode(message) if isinstance(message, Keyframe) else b""
        same_as = message.same_as_seq if isinstance(message, Unchanged) else 0
        named = [
            keys.epoch(shard, message.camera),
            keys.mailbox(shard, message.camera),
            keys.busy(shard),
            keys.ready(shard),
            keys.bell(shard),
        ]
        given: list[Any] = [message.camera, message.epoch, kind, message.seq, same_as, to_ms(message.captured_at)]
        doing = f"put a frame of camera '{message.camera}'"
        for _ in range(2):  # refused at first where the server's clock was set, or we slept over its last word
            with bus_errors(doing):
                deadline_ms = self._server_ms() + PUT_WITHIN_MS
                reply: Any = self._put(keys=named, args=[*given, MAILBOX_FRAMES, payload, deadline_ms])
            self._ahead_ms = int(reply[1]) - self._now_ms()
            if reply[0] == b"fenced":
                return Put(fenced=True)
            if reply[0] == b"put":
                return Put(fenced=False, evicted=int(reply[2]) + int(reply[3]))
        raise BusUnreachable(f"bus: {doing}: it came too late", "check that Redis or Valkey is not overloaded")

    def _server_ms(self) -> int:
        """What the server's clock says by now: other machines' clocks differ, and any may be set."""
        if self._ahead_ms is None:
            said: Any = self._client.time()
            self._ahead_ms = int(said[0]) * 1000 + int(said[1]) // 1000 - self._now_ms()
        return self._now_ms() + self._ahead_ms

    def _now_ms(self) -> int:
        return int(self._monotonic_s() * 1000)

    def take(self, *, shard: int, worker: str, most: int, now: datetime, visible_for_s: float) -> list[TakenFrame]:
        """At most one frame a camera; empty where nothing waits (then `wait`)."""
        named = [keys.ready(shard), keys.busy(shard), keys.taken(shard), keys.deadlines(shard), keys.mailbox(shard, "")]
        deadline_ms = to_ms(now) + int(visible_for_s * 1000)
        with bus_errors("take frames"):
            reply: Any = self._take(keys=named, args=[most, worker, deadline_ms, keys.mailbox(shard, "")])
        return [_taken(camera.decode(), entry) for camera, entry in reply]

    def wait(self, *, shard: int, seconds: float = BLOCK_S) -> None:
        """Until a camera becomes ready, or the time is over. Only a hint: `take` again in either case."""
        with bus_errors("wait for frames"):
            self._client.blpop([keys.bell(shard)], timeout=min(seconds, BLOCK_S))

    def bell(self) -> str:
        """The key by which a worker that waits for frames is woken for something else."""
        return keys.bell(0)

    def finish(self, frame: TakenFrame, outcome: StreamMessage, *, worker: str, remember: bool = False) -> bool:
        """Publishes the outcome and frees the camera, in one step; False where the frame was no longer ours.

        With `remember` the keyframe stays for a while, for `recent`."""
        shard = keys.shard_of(frame.camera, self._shards)
        named = [
            keys.taken(shard),
            keys.deadlines(shard),
            keys.mailbox(shard, frame.camera),
            keys.busy(shard),
            keys.ready(shard),
            keys.bell(shard),
            keys.answers(shard),
            keys.recent(shard, frame.camera),
        ]
        kept = RECENT_FRAMES if remember and isinstance(frame.message, Keyframe) else 0
        given: list[Any] = [frame.camera, worker, frame.epoch, frame.seq, encode(outcome), ANSWERS_MAXLEN]
        with bus_errors(f"finish a frame of camera '{frame.camera}'"):
            done: Any = self._finish(keys=named, args=[*given, kept, RECENT_TTL_S * 1000])
        return int(done) == 1

    def recent(self, camera: str) -> tuple[Keyframe, ...]:
        """The last frames that were finished with `remember`, oldest first; of an older epoch too."""
        shard = keys.shard_of(camera, self._shards)
        with bus_errors(f"read the last frames of camera '{camera}'"):
            kept: Any = self._client.lrange(keys.recent(shard, camera), 0, -1)
        return tuple(frame for frame in map(_keyframe, kept) if frame)

    def reclaim(self, *, shard: int, now: datetime, worker: str = "") -> list[str]:
        """Frames past their deadline wait again, and all that `worker` held: give it at start, under a stable name."""
        named = [keys.taken(shard), keys.deadlines(shard), keys.ready(shard), keys.bell(shard), keys.mailbox(shard, "")]
        with bus_errors("reclaim frames"):
            reply: Any = self._reclaim(keys=named, args=[to_ms(now), worker, keys.mailbox(shard, "")])
        return [camera.decode() for camera in reply]

    def quarantine(self, frame: TakenFrame) -> None:
        """Keeps the bytes of a frame that killed workers; the newest few are kept.

        Those that were shown together with it are remembered no longer: they may have had a part in it."""
        shard = keys.shard_of(frame.camera, self._shards)
        with bus_errors("quarantine a frame"):
            self._client.lpush(keys.poison(shard), frame.payload)
            self._client.ltrim(keys.poison(shard), 0, POISON_KEPT - 1)
            self._client.delete(keys.recent(shard, frame.camera))

    def in_flight(self, camera: str) -> int:
        """Frames that wait or are being analysed."""
        shard = keys.shard_of(camera, self._shards)
        with bus_errors("count frames"):
            entries: Any = self._client.lrange(keys.mailbox(shard, camera), 0, -1)
            held: Any = self._client.hget(keys.taken(shard), camera)
        waiting = [entry.split(b"\n", 1)[0] for entry in entries]
        if held:
            waiting.append(held.split(b"\n", 2)[1])
        return sum(int(header.split(b"|")[4]) for header in waiting)

    def oldest_wait_s(self, *, shard: int, now: datetime) -> float:
        """How long the camera at the head of the queue has been waiting; 0 where none does."""
        with bus_errors("look at the queue"):
            camera: Any = self._client.lindex(keys.ready(shard), 0)
            entry: Any = self._client.lindex(keys.mailbox(shard, camera.decode()), 0) if camera else None
        if not entry:
            return 0.0
        return max(0.0, (to_ms(now) - int(entry.split(b"\n", 1)[0].split(b"|")[6])) / 1000)

    def forget(self, camera: str) -> None:
        """Of a camera that was removed, nothing stays."""
        shard = keys.shard_of(camera, self._shards)
        named = (keys.mailbox(shard, camera), keys.epoch(shard, camera), keys.lease(shard, camera))
        with bus_errors(f"forget camera '{camera}'"):
            self._client.delete(*named, keys.last_picture(shard, camera), keys.recent(shard, camera))


def to_ms(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    """The inverse of to_ms."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _taken(camera: str, entry: bytes) -> TakenFrame:
    header, _, payload = entry.partition(b"\n")
    kind, epoch, seq, same_as, count, attempts, captured_ms, since_ms = header.split(b"|")
    captured_at = from_ms(int(captured_ms))
    message: Keyframe | Unchanged | None
    if kind == b"K":
        message = _keyframe(payload)
    else:
        message = Unchanged(
            camera=camera,
            epoch=int(epoch),
            seq=int(seq),
            captured_at=captured_at,
            same_as_seq=int(same_as),
            count=int(count),
            since=from_ms(int(since_ms)),
        )
    return TakenFrame(camera, int(epoch), int(seq), captured_at, int(attempts), message, payload)


def _keyframe(payload: bytes) -> Keyframe | None:
    try:
        return decode_keyframe(payload)
    except msgspec.DecodeError:
        return None
