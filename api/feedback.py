"""A person's word on an incident: kept once, by whichever door it came.

Takes: an incident, the word, who says it.
Gives: the incident with the word, its labels and a note of it; a bound on how often the open door is passed.
Knows nothing about: requests, pages."""

import threading
from collections import deque
from datetime import datetime, timedelta

import sqlalchemy as sa

from alerts.links import Word
from api.labelling import label_incident
from store.audit import note
from store.incidents import IncidentRow, give_feedback, incident_by_id

WORDS_WITHIN = timedelta(minutes=1)
#: by links, all incidents together: each costs a synced commit
WORDS_MOST = 60


def keep_word(
    connection: sa.Connection, incident_id: str, word: Word, *, actor: str, now: datetime
) -> IncidentRow | None:
    """The last word counts, and the margins behind the incident learn from it. None: there is no such incident."""
    row = incident_by_id(connection, incident_id, lock=True)
    if row is None:
        return None
    row = give_feedback(connection, row, word)
    label_incident(connection, row, word, now)
    note(connection, actor=actor, action="incident given feedback", subject=incident_id, detail=word, now=now)
    return row


class Turnstile:
    """Lets so many through within a while, from any thread."""

    def __init__(self, most: int = WORDS_MOST, within: timedelta = WORDS_WITHIN) -> None:
        self._within = within
        self._passed: deque[datetime] = deque(maxlen=most)
        self._lock = threading.Lock()

    def passes(self, now: datetime) -> bool:
        """False: it was too often; come back in a minute."""
        with self._lock:
            full = len(self._passed) == self._passed.maxlen
            if full and timedelta(0) <= now - self._passed[0] < self._within:
                return False
            self._passed.append(now)
            return True
