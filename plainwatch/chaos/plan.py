"""Which round brings what: each fault at least once in ten rounds, in an order that the seed decides.

Takes: a number of rounds, a seed.
Gives: Round for each; the same at every run.
Knows nothing about: how a fault is brought about."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from plainwatch.chaos.faults import HOUSE_FAULTS
from plainwatch.chaos.processes import EVERYBODY
from plainwatch.chaos.receivers import EndpointFault
from plainwatch.simulator import Fault

IN_ROUNDS = 10
#: within a round, between two kills
LONGEST_GAP_S = 0.8

Card = TypeVar("Card")


@dataclass(frozen=True, slots=True)
class Round:
    """`kills` as (seconds to wait, victim). `camera`: of the moody camera, one after the other."""

    number: int
    kills: tuple[tuple[float, str], ...]
    house: str
    endpoint: EndpointFault
    camera: tuple[Fault, ...]


def rounds(count: int, seed: int) -> tuple[Round, ...]:
    """Numbered from one."""
    luck = random.Random(seed)
    house, endpoint = _dealt(list(HOUSE_FAULTS), 1, luck), _dealt(list(EndpointFault), 1, luck)
    camera = _dealt(list(Fault), 2, luck)
    return tuple(
        Round(number, _kills(luck), next(house)[0], next(endpoint)[0], next(camera)) for number in range(1, count + 1)
    )


def _kills(luck: random.Random) -> tuple[tuple[float, str], ...]:
    victims = list(EVERYBODY)
    luck.shuffle(victims)
    return tuple((luck.uniform(0.0, LONGEST_GAP_S), victim) for victim in victims)


def _dealt(cards: Sequence[Card], at_once: int, luck: random.Random) -> Iterator[tuple[Card, ...]]:
    """Each card once in IN_ROUNDS hands; the hands are filled up with cards drawn twice."""
    while True:
        deck = [*cards, *luck.sample(list(cards), max(0, IN_ROUNDS * at_once - len(cards)))]
        luck.shuffle(deck)
        for start in range(0, IN_ROUNDS * at_once, at_once):
            yield tuple(deck[start : start + at_once])
