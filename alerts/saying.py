"""What a batch came to, for the log.

Takes: what was committed.
Gives: one line for each incident and gate that moved.
Knows nothing about: the database, webhooks."""

import logging

from alerts.batch import Counted
from store.incidents import IncidentRow

log = logging.getLogger(__name__)


def say(counted: Counted) -> None:
    """After the commit, not before."""
    for incident in counted.opened:
        log.info("incident opened", extra=_ids(incident))
    for incident in counted.updated:
        log.info("incident seen better", extra={**_ids(incident), "sequence": incident.sequence})
    for incident in counted.ended:
        log.info("incident ended", extra={**_ids(incident), "reason": incident.end_reason})
    for gate in counted.gates:
        log.info("gate moved", extra={"rule_id": gate.key.rule_id, "bar": gate.bar, "reason": gate.reason})


def _ids(incident: IncidentRow) -> dict[str, str]:
    return {"incident_id": incident.id, "rule_id": incident.rule_id, "camera_id": incident.camera_id}
