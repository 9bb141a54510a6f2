"""Labels become scalings: fitted again whenever a person said something new.

Takes: the labels in the database.
Gives: the Calibration known now, the same to every shard of this process; the scalings in the database, where the
site's version grows with them, so that it is published.
Knows nothing about: answers, incidents.

Any number of processes may do so: the same labels give the same scalings, and the newest version of them stays."""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import datetime

from alerts.calibrating import Calibration, Key
from contracts.errors import Unavailable
from contracts.service import Stop
from rules.learning.calibrate import Label, Platt, fit, shared
from store.calibration import (
    CalibrationRow,
    LabelRow,
    all_calibrations,
    fitted_version,
    labels_version,
    newest_labels,
    replace_calibrations,
)
from store.database import Database
from store.site import next_site_version

log = logging.getLogger(__name__)

LOOK_EVERY_S = 3.0


class Calibrator:
    """One per process; `run` in a thread of its own, `now_known` from any."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Calibration | None = None
        self._version = -1
        self._away = False

    def now_known(self) -> Calibration:
        """Read from the database the first time, so that a restart goes on as it was. Raises StoreUnreachable."""
        return self._known or self._read_again()

    def run(self, stop: Stop) -> None:
        """Every few seconds, until it is time to end; the database being away is no reason to."""
        while not stop.wait(LOOK_EVERY_S):
            try:
                self.look()
                self._away = False
            except Unavailable as error:
                if not self._away:
                    log.warning("labels not looked at", extra={"problem": str(error)})
                self._away = True

    def look(self) -> None:
        """One pass: two figures are read where nothing is new. Raises StoreUnreachable."""
        with self._database.read() as connection:
            labelled, fitted = labels_version(connection), fitted_version(connection)
            rows = newest_labels(connection) if labelled > fitted else ()
        if labelled > fitted:
            fresh = fitted_rows(rows)
            with self._database.write() as connection:
                is_new = replace_calibrations(connection, fresh, version=labelled, now=self._clock())
                if is_new:
                    next_site_version(connection)  # the analyzers' floors follow from the scalings
            if is_new:
                log.info("margins calibrated", extra={"labels": len(rows), "scalings": len(fresh)})
        if max(labelled, fitted) != self._version:
            self._read_again()

    def _read_again(self) -> Calibration:
        with self._database.read() as connection:
            version, rows = fitted_version(connection), all_calibrations(connection)
        known = calibration_from(rows)
        with self._lock:
            if self._known is None or version >= self._version:
                self._known, self._version = known, version
            return self._known


def fitted_rows(rows: Iterable[LabelRow]) -> tuple[CalibrationRow, ...]:
    """One for each question of a rule's version, camera group and model; one for each model that all rules share."""
    own: dict[Key, list[Label]] = defaultdict(list)
    by_rule: dict[str, dict[Hashable, list[Label]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        label = Label(row.margin, row.truth, row.weight)
        own[row.rule_id, row.rule_version, row.question_key, row.camera_group, row.model].append(label)
        by_rule[row.model][row.rule_id].append(label)
    common = {model: shared(labels) for model, labels in by_rule.items()}
    made = [(("", 0, "", "", model), platt) for model, platt in common.items()]
    made += [(key, fit(labels, common[key[-1]])) for key, labels in own.items()]
    return tuple(CalibrationRow(*key, platt.slope, platt.offset, platt.labels) for key, platt in made if platt.labels)


def calibration_from(rows: Sequence[CalibrationRow]) -> Calibration:
    """As it is looked up."""
    own: dict[Key, Platt] = {}
    common: dict[str, Platt] = {}
    for row in rows:
        platt = Platt(row.slope, row.offset, row.labels)
        if row.rule_id:
            own[row.rule_id, row.rule_version, row.question_key, row.camera_group, row.model] = platt
        else:
            common[row.model] = platt
    return Calibration(own, common)
