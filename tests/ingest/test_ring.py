from datetime import UTC, datetime, timedelta
from fractions import Fraction

from ingest.ring import Kept, PacketRing, Rings, StreamHead

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def head() -> StreamHead:
    return StreamHead("h264", 640, 360, Fraction(1, 90_000), b"")


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def fill(ring: PacketRing, *, seconds: float, from_s: float = 0.0, size: int = 100, gop_s: float = 1.0) -> None:
    """Ten packets a second."""
    for number in range(round(seconds * 10)):
        second = from_s + number / 10
        is_keyframe = number % round(gop_s * 10) == 0
        ring.note(Kept(bytes(size), round(second * 90_000), is_keyframe, at(second)))


def test_a_cut_begins_with_the_keyframe_before_and_ends_with_the_time() -> None:
    ring = PacketRing(max_bytes=1 << 20, seconds=60)
    ring.begin(head())
    fill(ring, seconds=20)

    cut = ring.cut(at(7.5), at(12), at(14.0))

    assert cut
    assert cut.packets[0].is_keyframe
    assert (cut.packets[0].arrived_at, cut.packets[-1].arrived_at) == (at(7.0), at(14.0))


def test_what_is_too_old_goes_and_so_does_what_has_no_room() -> None:
    ring = PacketRing(max_bytes=3_000, seconds=5)
    ring.begin(head())

    fill(ring, seconds=100)

    assert ring.size <= 3_000
    assert ring.cut(at(90), at(91), at(95)) is None
    cut = ring.cut(at(97), at(99), at(100))
    assert cut and cut.packets[0].is_keyframe


def test_a_group_that_is_larger_than_the_room_is_not_kept_at_all() -> None:
    ring = PacketRing(max_bytes=1_000, seconds=60)
    ring.begin(head())

    fill(ring, seconds=5, gop_s=60)

    assert ring.size == 0
    assert ring.cut(at(0), at(1), at(2)) is None


def test_packets_without_their_keyframe_are_not_kept() -> None:
    ring = PacketRing(max_bytes=1 << 20, seconds=60)
    ring.begin(head())

    ring.note(Kept(b"x", 0, False, at(0)))

    assert ring.size == 0


def test_a_new_connection_is_never_joined_with_the_one_before_which_stays_to_be_looked_at() -> None:
    ring = PacketRing(max_bytes=1 << 20, seconds=60)
    first, second = head(), head()
    ring.begin(first)
    fill(ring, seconds=10)
    ring.begin(second)
    fill(ring, seconds=10, from_s=15)

    before, after = ring.cut(at(4), at(9), at(20)), ring.cut(at(4), at(16), at(20))

    assert before and after
    assert (before.head, after.head) == (first, second)
    assert before.packets[-1].arrived_at == at(9.9)
    assert after.packets[0].arrived_at == at(15)


def test_a_clock_that_jumps_parts_what_came_before_from_what_came_after() -> None:
    ring = PacketRing(max_bytes=1 << 20, seconds=60)
    ring.begin(head())
    fill(ring, seconds=10)
    for number in range(50):
        ring.note(Kept(b"x", number * 9_000, number % 10 == 0, at(10 + number / 10)))

    cut = ring.cut(at(8), at(11), at(14))

    assert cut
    assert cut.packets[0].arrived_at == at(10)
    assert [packet.pts for packet in cut.packets] == sorted(packet.pts for packet in cut.packets)


def test_a_camera_that_is_gone_holds_no_memory_for_ever() -> None:
    rings = Rings(max_bytes=1 << 20, seconds=10)
    ring = rings.of("cam_1")
    assert ring
    ring.begin(head())
    fill(ring, seconds=10)
    assert rings.sweep(at(11)) == ring.size > 0

    held = rings.sweep(at(60))

    assert held == 0
    assert rings.find("cam_1") is ring
    assert rings.find("cam_2") is None


def test_with_no_memory_given_nothing_is_kept() -> None:
    rings = Rings(max_bytes=0, seconds=10)

    assert rings.of("cam_1") is None
    assert rings.sweep(at(0)) == 0
