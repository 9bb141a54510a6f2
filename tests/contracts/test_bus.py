"""The frame bus on a real Valkey: fair, bounded, one frame in flight, nothing lost uncounted."""

import os
import signal
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import keys
from contracts.answers import AnswerStream
from contracts.broker import Client, connect
from contracts.bus import POISON_ATTEMPTS, RECENT_FRAMES, FrameBus, TakenFrame
from contracts.errors import BusUnreachable
from contracts.leases import Leases
from contracts.messages import Answers, Keyframe, Missed, ModelRef, Scene, Unchanged

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
MODEL = ModelRef("test", "1", "fake")
#: every byte value, newlines, bars and zeros among them: the picture must come through Lua as it is
PICTURE = bytes(range(256)) * 40


def keyframe(camera: str, seq: int, *, epoch: int = 1) -> Keyframe:
    at = NOW + timedelta(seconds=seq / 2)
    return Keyframe(camera, epoch, seq, at, PICTURE, 640, 360, Scene(motion=0.25))


def unchanged(camera: str, seq: int, same_as: int) -> Unchanged:
    return Unchanged(camera, 1, seq, NOW + timedelta(seconds=seq / 2), same_as)


def answers(frame: TakenFrame) -> Answers:
    return Answers(frame.camera, frame.epoch, frame.seq, frame.captured_at, 1, MODEL, (), 1.0, 2.0)


def take(bus: FrameBus, worker: str = "w", *, most: int = 10, now: datetime = NOW) -> list[TakenFrame]:
    return bus.take(shard=0, worker=worker, most=most, now=now, visible_for_s=15)


@pytest.fixture
def bus(client: Client) -> FrameBus:
    return FrameBus(client)


def test_a_frame_comes_out_as_it_went_in(bus: FrameBus) -> None:
    sent = keyframe("cam_1", 1)

    bus.put(sent)
    taken = take(bus)

    assert [frame.message for frame in taken] == [sent]
    assert taken[0].attempts == 1


def test_a_flooding_camera_does_not_push_the_others_back(bus: FrameBus) -> None:
    for seq in range(1, 51):
        bus.put(keyframe("noisy", seq))
    for name in ("a", "b", "c"):
        bus.put(keyframe(name, 1))

    first_round = take(bus, most=4)

    assert [frame.camera for frame in first_round] == ["noisy", "a", "b", "c"]


def test_a_full_mailbox_drops_its_oldest_frame_and_says_so(bus: FrameBus) -> None:
    puts = [bus.put(keyframe("cam_1", seq)).evicted for seq in (1, 2, 3, 4)]

    taken = take(bus)

    assert puts == [0, 0, 1, 1]
    assert taken[0].seq == 3


def test_only_one_frame_of_a_camera_is_in_flight(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1))
    bus.put(keyframe("cam_1", 2))

    first = take(bus)
    meanwhile = take(bus)
    bus.finish(first[0], answers(first[0]), worker="w")
    second = take(bus)

    assert ([f.seq for f in first], meanwhile, [f.seq for f in second]) == ([1], [], [2])


def test_unchanged_frames_of_one_picture_share_a_slot_and_keep_their_keyframe(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1))
    evicted = [bus.put(unchanged("cam_1", seq, same_as=1)).evicted for seq in (2, 3, 4)]

    first = take(bus)
    bus.finish(first[0], answers(first[0]), worker="w")
    rest = take(bus)[0].message

    assert evicted == [0, 0, 0]
    assert isinstance(rest, Unchanged)
    assert (rest.seq, rest.count, rest.same_as_seq, rest.since) == (4, 3, 1, NOW + timedelta(seconds=1))


def test_a_frame_of_an_older_epoch_is_fenced(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1, epoch=7))

    put = bus.put(keyframe("cam_1", 2, epoch=6))

    assert put.fenced


def test_answers_of_a_reclaimed_frame_are_refused(bus: FrameBus, client: Client) -> None:
    bus.put(keyframe("cam_1", 1))
    lost = take(bus, "slow")[0]
    bus.reclaim(shard=0, now=NOW + timedelta(seconds=16))
    again = take(bus, "fast")[0]

    accepted = [bus.finish(again, answers(again), worker="fast"), bus.finish(lost, answers(lost), worker="slow")]

    assert accepted == [True, False]
    assert again.attempts == POISON_ATTEMPTS
    assert AnswerStream(client, shard=0, consumer="x").depth() == 1


def test_answers_of_who_lost_a_frame_are_refused_while_another_worker_looks_at_it(
    bus: FrameBus, client: Client
) -> None:
    bus.put(keyframe("cam_1", 1))
    (lost,) = take(bus, "slow")
    bus.reclaim(shard=0, now=NOW + timedelta(seconds=16))
    (held,) = take(bus, "quick")

    assert not bus.finish(lost, answers(lost), worker="slow")
    assert bus.finish(held, answers(held), worker="quick")
    assert AnswerStream(client, shard=0, consumer="test").depth() == 1


def test_a_restarted_worker_gets_back_what_it_held_at_once(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1))
    bus.put(keyframe("cam_2", 1))
    take(bus, "me", most=1)
    take(bus, "other", most=1)

    back = bus.reclaim(shard=0, now=NOW, worker="me")

    assert back == ["cam_1"]


def test_in_flight_counts_waiting_and_taken_frames(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1))
    taken = take(bus)
    bus.put(unchanged("cam_1", 2, same_as=1))
    bus.put(unchanged("cam_1", 3, same_as=1))

    while_taken = bus.in_flight("cam_1")
    bus.finish(taken[0], answers(taken[0]), worker="w")

    assert (while_taken, bus.in_flight("cam_1")) == (3, 2)


def test_answers_not_acknowledged_are_read_again_after_a_restart(bus: FrameBus, client: Client) -> None:
    bus.put(keyframe("cam_1", 1))
    frame = take(bus)[0]
    bus.finish(frame, answers(frame), worker="w")
    before = AnswerStream(client, shard=0, consumer="one")
    before.rewind()
    before.read(most=10)  # its own pending ones: none
    first = before.read(most=10)

    after = AnswerStream(client, shard=0, consumer="two")
    after.rewind()
    again = after.read(most=10)
    after.ack([delivered.id for delivered in again])

    assert [d.message for d in first] == [d.message for d in again] == [answers(frame)]
    assert after.depth() == 0


def test_a_server_that_is_gone_is_said_in_seconds() -> None:
    bus = FrameBus(connect("unix:///nowhere/valkey.sock"))

    with pytest.raises(BusUnreachable, match="check that Redis or Valkey runs"):
        bus.put(keyframe("cam_1", 1))


def test_a_new_lease_fences_the_owner_before_it(client: Client) -> None:
    bus, old, new = FrameBus(client), Leases(client, worker="old"), Leases(client, worker="new")
    epoch = old.acquire("cam_1", now=NOW)
    assert epoch is not None
    assert new.acquire("cam_1", now=NOW) is None  # still leased
    client.delete("pw:{s00}:lease:cam_1")  # it ran out

    newer = new.acquire("cam_1", now=NOW)
    assert newer is not None
    bus.put(keyframe("cam_1", 1, epoch=newer))

    assert newer > epoch
    assert not old.renew("cam_1", epoch, now=NOW)
    assert bus.put(keyframe("cam_1", 2, epoch=epoch)).fenced
    assert new.renew("cam_1", newer, now=NOW)


def test_an_epoch_survives_an_emptied_redis(client: Client) -> None:
    leases = Leases(client, worker="w")
    epoch = leases.acquire("cam_1", now=NOW)
    assert epoch is not None
    client.flushall()

    renewed = leases.renew("cam_1", epoch, now=NOW)
    again = leases.acquire("cam_1", now=NOW - timedelta(days=1), floor=epoch)

    assert renewed
    assert again is not None and again > epoch


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["key", "same", "take", "finish", "lose"]), st.integers(0, 2)), max_size=60
    )
)
def test_every_frame_put_is_answered_evicted_or_in_flight(client: Client, steps: list[tuple[str, int]]) -> None:
    client.flushall()
    bus, stream = FrameBus(client), AnswerStream(client, shard=0, consumer="x")
    stream.rewind()
    cameras = ("a", "b", "c")
    put = dict.fromkeys(cameras, 0)
    evicted = dict.fromkeys(cameras, 0)
    last_key = dict.fromkeys(cameras, 0)
    held: dict[str, TakenFrame] = {}

    for step, index in steps:
        camera = cameras[index]
        if step == "key" or (step == "same" and last_key[camera] == 0):
            put[camera] += 1
            last_key[camera] = put[camera]
            evicted[camera] += bus.put(keyframe(camera, put[camera])).evicted
        elif step == "same":
            put[camera] += 1
            evicted[camera] += bus.put(unchanged(camera, put[camera], last_key[camera])).evicted
        elif step == "take":
            held |= {frame.camera: frame for frame in take(bus, most=1)}
        elif step == "finish" and camera in held:
            frame = held.pop(camera)
            outcome = frame.message if isinstance(frame.message, Unchanged) else answers(frame)
            assert bus.finish(frame, outcome, worker="w")
        elif step == "lose":
            bus.reclaim(shard=0, now=NOW, worker="w")
            held.clear()

    answered = dict.fromkeys(cameras, 0)
    stream.read(most=1000)
    for delivered in stream.read(most=1000, wait_s=0.001):
        message = delivered.message
        assert message is not None
        answered[message.camera] += message.count if isinstance(message, Unchanged | Missed) else 1
    for camera in cameras:
        assert put[camera] == answered[camera] + evicted[camera] + bus.in_flight(camera)


def test_an_entry_that_does_not_decode_is_handed_out_without_a_message(bus: FrameBus, client: Client) -> None:
    bus.put(keyframe("cam_1", 1))
    entry = client.lpop("pw:{s00}:mailbox:cam_1")
    assert isinstance(entry, bytes)
    client.rpush("pw:{s00}:mailbox:cam_1", entry[: len(entry) // 2])

    taken = take(bus)

    assert (taken[0].message, taken[0].seq) == (None, 1)


def analyse(bus: FrameBus, frame: Keyframe | Unchanged, *, remember: bool = True) -> None:
    bus.put(frame)
    taken = take(bus)[0]
    assert bus.finish(taken, answers(taken), worker="w", remember=remember)


def test_the_last_analysed_frames_of_a_camera_are_kept_as_they_were_oldest_first(bus: FrameBus) -> None:
    for seq in range(1, RECENT_FRAMES + 3):
        analyse(bus, keyframe("cam_1", seq))
    analyse(bus, keyframe("cam_2", 1), remember=False)
    analyse(bus, unchanged("cam_1", 90, same_as=1))

    newest = [keyframe("cam_1", seq) for seq in range(3, RECENT_FRAMES + 3)]
    assert list(bus.recent("cam_1")) == newest
    assert bus.recent("cam_2") == ()


def test_what_is_remembered_is_bounded_in_time_and_goes_with_the_camera(bus: FrameBus, client: Client) -> None:
    analyse(bus, keyframe("cam_1", 1))
    lives_ms = client.pttl(keys.recent(0, "cam_1"))

    bus.forget("cam_1")

    assert isinstance(lives_ms, int) and 0 < lives_ms <= 180_000
    assert bus.recent("cam_1") == ()


def test_a_frame_that_is_no_longer_ours_is_not_remembered(bus: FrameBus) -> None:
    bus.put(keyframe("cam_1", 1))
    taken = take(bus)[0]
    bus.reclaim(shard=0, now=NOW, worker="w")

    assert not bus.finish(taken, answers(taken), worker="w", remember=True)

    assert bus.recent("cam_1") == ()


def test_a_quarantined_frame_takes_the_memory_of_those_shown_with_it_along(bus: FrameBus) -> None:
    analyse(bus, keyframe("cam_1", 1))
    bus.put(keyframe("cam_1", 2))

    bus.quarantine(take(bus)[0])

    assert bus.recent("cam_1") == ()


def test_a_remembered_frame_that_does_not_decode_is_left_out(bus: FrameBus, client: Client) -> None:
    analyse(bus, keyframe("cam_1", 1))
    client.rpush(keys.recent(0, "cam_1"), b"half a fra")

    assert [frame.seq for frame in bus.recent("cam_1")] == [1]


def test_a_frame_that_was_given_up_while_the_server_was_stopped_is_not_put_when_it_goes_on(client: Client) -> None:
    bus = FrameBus(client)
    bus.put(keyframe("cam_1", 1))
    take(bus)
    pid = int(client.info()["process_id"])

    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(BusUnreachable):
            bus.put(keyframe("cam_2", 1))
    finally:
        os.kill(pid, signal.SIGCONT)
    bus.put(keyframe("cam_3", 1))

    assert [frame.camera for frame in take(bus)] == ["cam_3"]


@pytest.mark.parametrize("jump_s", [-3600.0, -3.0, 3.0, 3600.0])
def test_a_clock_that_jumps_loses_no_frame(client: Client, jump_s: float) -> None:
    clock = Hand(1000.0)
    bus = FrameBus(client, monotonic_s=clock)
    bus.put(keyframe("cam_1", 1))

    clock.at_s += jump_s  # as if the server's clock had been set the other way
    bus.put(keyframe("cam_2", 1))
    bus.put(keyframe("cam_3", 1))

    assert [frame.camera for frame in take(bus)] == ["cam_1", "cam_2", "cam_3"]


@dataclass
class Hand:
    """A clock that is moved by hand."""

    at_s: float

    def __call__(self) -> float:
        return self.at_s
