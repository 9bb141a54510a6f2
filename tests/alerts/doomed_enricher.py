"""Asks for an explanation and kills itself with -9 once the boxes are drawn: DATA_DIR DATABASE_URL REDIS_URL NOW."""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from alerts.enrich import Enricher
from alerts.evidence import EvidenceKeeper
from contracts.broker import connect
from contracts.messages import Detection
from contracts.pins import Pins
from contracts.service import Stop
from store.database import Database
from store.incidents import EvidenceFrame


class KeeperThatKillsAfterDrawing(EvidenceKeeper):
    def put_boxes(self, incident_id: str, frame: EvidenceFrame, boxes: tuple[Detection, ...]) -> EvidenceFrame:
        super().put_boxes(incident_id, frame, boxes)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def main() -> None:
    data_dir, database_url, redis_url, now = sys.argv[1:]
    client = connect(redis_url)
    enricher = Enricher(
        Database(database_url),
        client,
        KeeperThatKillsAfterDrawing(Path(data_dir) / "evidence", Pins(client)),
        base_url="http://site.example:8600",
        worker="alerts-1",
        clock=lambda: datetime.fromisoformat(now),
    )
    enricher.turn(Stop())


if __name__ == "__main__":
    main()
