"""The annotation files of two public data sets, read.

Takes: the lines of UCF-Crime's "Temporal_Anomaly_Annotation_for_Testing_Videos.txt" or of XD-Violence's
"annotations.txt".
Gives: Annotated: a clip, the sentence for its class, the frames in which it happens.
Knows nothing about: files, frames a second.

UCF-Crime, one clip a line: name, class, first and last frame of up to two events, -1 where there is none.
    Abuse028_x264.mp4  Abuse  165  240  -1  -1
XD-Violence: name (here and there without .mp4), then first and last frame of each event. The name ends in the classes,
of which the first counts most, "A" for a clip in which nothing happens; some lists leave those clips out.
    v=-fOWSLV6Esw__#1_label_B4-0-0 20 772"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

#: what a rule would say; the data sets name classes only
UCF_STATEMENTS = {
    "Abuse": "a person is being abused",
    "Arrest": "a person is being arrested",
    "Arson": "a person sets something on fire",
    "Assault": "a person attacks another person",
    "Burglary": "a person is breaking into a building",
    "Explosion": "there is an explosion",
    "Fighting": "people are fighting",
    "RoadAccidents": "a car crashes",
    "Robbery": "a person is being robbed",
    "Shooting": "a person is shooting a gun",
    "Shoplifting": "a person hides goods in a shop",
    "Stealing": "a person is stealing something",
    "Vandalism": "a person is damaging property",
}
XD_STATEMENTS = {
    "B1": "people are fighting",
    "B2": "a person is shooting a gun",
    "B4": "a crowd is rioting",
    "B5": "a person is being abused",
    "B6": "a car crashes",
    "G": "there is an explosion",
}
_NORMAL = "Normal"
_XD_NAME = re.compile(r"_label_(?P<classes>[A-Z]\d?(?:-[A-Z0-9]+)*)(?:\.mp4)?$")


@dataclass(frozen=True, slots=True)
class Annotated:
    """`frames`: first and last of each event, counted from 0; none in a clip in which nothing happens."""

    clip: str
    statement: str
    frames: tuple[tuple[int, int], ...]


def read_ucf_crime(lines: Sequence[str]) -> tuple[Annotated, ...]:
    """Empty where one line has another form."""
    read = []
    for line in lines:
        parts = line.split()
        if len(parts) < 4 or parts[1] not in (*UCF_STATEMENTS, _NORMAL):
            return ()
        frames = _pairs(parts[2:])
        if frames is None:
            return ()
        read.append(Annotated(parts[0], UCF_STATEMENTS.get(parts[1], ""), frames))
    return tuple(read)


def read_xd_violence(lines: Sequence[str]) -> tuple[Annotated, ...]:
    """Empty where one line has another form."""
    read = []
    for line in lines:
        name, *numbers = line.split()
        classes = _XD_NAME.search(name)
        frames = _pairs(numbers)
        if classes is None or frames is None:
            return ()
        statement = XD_STATEMENTS.get(classes["classes"].split("-")[0], "")
        read.append(Annotated(name.removesuffix(".mp4") + ".mp4", statement, frames))
    return tuple(read)


def _pairs(numbers: Sequence[str]) -> tuple[tuple[int, int], ...] | None:
    """None where they are not pairs of whole numbers, the first not behind the second."""
    if len(numbers) % 2 or not all(re.fullmatch(r"-1|\d+", number) for number in numbers):
        return None
    whole = [int(number) for number in numbers]
    pairs = tuple(zip(whole[::2], whole[1::2], strict=True))
    events = tuple(pair for pair in pairs if pair != (-1, -1))
    return events if all(0 <= first <= last for first, last in events) else None
