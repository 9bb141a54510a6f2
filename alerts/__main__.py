"""The alerts service: answers become incidents, incidents become signed webhooks.

Takes: PLAINWATCH_* settings; Redis and the database.
Gives: an exit code.
Knows nothing about: how its parts do it; here they only meet."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from alerts.archiver import ArchiveBounds, Archiver
from alerts.auditing import Auditor
from alerts.clips import Clipper, Span
from alerts.consume import Place, ShardWorker
from alerts.counting import Accountant
from alerts.decisions import LedgerBounds, LedgerKeeper
from alerts.deliver import Deliverer
from alerts.enrich import Enricher
from alerts.evidence import EvidenceKeeper
from alerts.fitting import Calibrator
from alerts.gating import Chances
from alerts.mqtt_states import MqttStates
from alerts.shards import ShardLease
from alerts.unanswered import Unanswered
from alerts.watching import WatchBounds, Watcher
from contracts.answers import AnswerStream
from contracts.board import Board
from contracts.broker import connect
from contracts.bus import FrameBus
from contracts.outbound import parse_allow
from contracts.pins import Pins
from contracts.seal import sealer_from
from contracts.service import Stop, beat_forever, run, run_together, worker_name
from contracts.settings import Settings, comma_list
from store.database import Database


def serve(settings: Settings, stop: Stop) -> None:
    """Until it is time to end, or until one part breaks."""
    worker, clock = worker_name("alerts", settings), partial(datetime.now, UTC)
    database = Database(settings.sqlalchemy_url)
    database.migrate()
    client = connect(settings.bus_url)
    board, pins = Board(client), Pins(client, shards=settings.shards)
    sealer = sealer_from(settings.key_file, settings.secret_key.get_secret_value())
    keeper = EvidenceKeeper(settings.evidence_dir, pins)
    address = settings.public_url or f"http://{settings.host}:{settings.port}"
    place = Place(address, settings.timezone, settings.shards, settings.group_window_s)
    calibrator = Calibrator(database, clock=clock)
    enricher = Enricher(database, client, keeper, base_url=address, worker=worker, clock=clock)
    unanswered = Unanswered()
    auditor, chances = Auditor(keeper, part=settings.audit_part), Chances(settings.gate_audit, settings.gate_due_s)

    def owns(camera: str) -> bool:
        return any(shard.owns(camera) for shard in shards)

    bounds = ArchiveBounds.of(settings)
    archiver = Archiver(settings.archive_dir, pins, database, bounds, owns=owns, clock=clock)

    def shard_worker(shard: int) -> ShardWorker:
        stream, lease = AnswerStream(client, shard=shard, consumer=worker), ShardLease(database, shard, worker=worker)
        made = partial(ShardWorker, stream, database, lease, keeper, place, clock, auditor=auditor, chances=chances)
        made = partial(made, unanswered=unanswered, notes=settings.ledger_hours > 0)
        return made(explains=enricher.is_heard, calibration=calibrator.now_known, archive=archiver.incident_frame)

    shards = [shard_worker(shard) for shard in range(settings.shards)]
    accountant = Accountant(board, database, owns=owns)
    ledger = LedgerKeeper(database, LedgerBounds.of(settings), shards=settings.shards, owns=owns, clock=clock)
    watcher = Watcher(
        board,
        FrameBus(client, shards=settings.shards),
        database,
        WatchBounds.of(settings),
        owns=owns,
        leads=lambda: shards[0].holds,
        clock=clock,
        unanswered=unanswered,
        worker=worker,
    )
    allow = parse_allow(comma_list(settings.webhook_allow))
    scale = settings.time_scale
    deliverer = Deliverer(database, sealer, allow=allow, worker=worker, clock=clock, time_scale=scale)
    brokers = MqttStates(database, sealer, allow=allow, owns=lambda: shards[0].holds, clock=clock)
    beat = partial(beat_forever, board, "alerts", worker)
    parts: list[Callable[[Stop], None]] = [shard.run for shard in shards]
    parts += [accountant.run, watcher.run, archiver.run, ledger.run, deliverer.run, brokers.run, calibrator.run, beat]
    if settings.explain:
        parts.append(enricher.run)
    if settings.clip_mb:
        made = partial(Clipper, database, client, settings.evidence_dir, Span.of(settings))
        parts.append(made(base_url=address, worker=worker, clock=clock).run)
    run_together(parts, stop, name="alerts")


if __name__ == "__main__":
    sys.exit(run("alerts", serve))
