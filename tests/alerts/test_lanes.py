from alerts.lanes import AT_ONCE, PROMPT, SLOW_AFTER_S, SUSPECTS, SUSPECTS_A_TURN, SUSPECTS_EVERY_S, Lanes

LATER_S = SLOW_AFTER_S + 0.1


def begun(count: int, *, is_suspect: bool) -> Lanes:
    lanes = Lanes()
    for number in range(count):
        lanes.begin(f"dlv_{number}", f"end_{number}", is_suspect=is_suspect, at_s=0.0)
    return lanes


def test_what_hangs_at_suspects_takes_no_place_of_the_healthy() -> None:
    room = begun(SUSPECTS, is_suspect=True).room(at_s=0.0)

    assert (room.suspects, room.most) == (0, PROMPT)


def test_suspects_begin_a_few_at_a_time() -> None:
    room = Lanes().room(at_s=0.0)

    assert (room.suspects, room.most) == (SUSPECTS_A_TURN, PROMPT + SUSPECTS_A_TURN)


def test_suspects_are_not_looked_for_in_every_turn() -> None:
    lanes = Lanes()

    first, second, third = (lanes.room(at_s=at_s) for at_s in (0.0, SUSPECTS_EVERY_S / 2, SUSPECTS_EVERY_S))

    assert (first.suspects, second.suspects, third.suspects) == (SUSPECTS_A_TURN, 0, SUSPECTS_A_TURN)
    assert second.most == PROMPT


def test_healthy_attempts_that_turn_out_to_hang_make_room_for_others() -> None:
    lanes = begun(PROMPT, is_suspect=False)

    full, later = lanes.room(at_s=0.0), lanes.room(at_s=LATER_S)

    assert full.most == full.suspects
    assert later.most == PROMPT + SUSPECTS_A_TURN


def test_an_endpoint_where_something_hangs_gets_nothing_more_until_it_ends() -> None:
    lanes = begun(1, is_suspect=False)

    hanging = lanes.room(at_s=LATER_S)
    lanes.end("dlv_0")

    assert hanging.besides == {"end_0"}
    assert lanes.room(at_s=LATER_S).besides == frozenset()


def test_there_is_an_end_to_what_may_hang() -> None:
    room = begun(AT_ONCE, is_suspect=False).room(at_s=LATER_S)

    assert (room.most, room.suspects) == (0, 0)


def test_the_next_turn_goes_on_after_the_last_healthy_endpoint() -> None:
    lanes = begun(3, is_suspect=False)

    lanes.begin("dlv_9", "end_9", is_suspect=True, at_s=0.0)

    assert lanes.room(at_s=0.0).after == "end_2"
