"""Figures for Prometheus, read at the moment of the scrape.

Takes: the database, the board, the bus.
Gives: the text format; what cannot be read now is left out, and plainwatch_bus_up says so.
Knows nothing about: names, addresses, secrets: cameras are labelled by id."""

from collections import Counter
from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.camera_view import status_of
from api.deps import Deps
from contracts.answers import AnswerStream
from contracts.errors import Unavailable
from contracts.messages import Capabilities
from store.cameras import all_cameras
from store.figures import deliveries_by_state, open_incident_count
from store.progress import FrameTotals, totals


class _Ready(Collector):
    """Families that were made already."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def metrics_text(deps: Deps) -> bytes:
    """Raises StoreUnreachable: a scrape without the database would be a lie."""
    now = deps.clock()
    view = deps.live.view(now)
    with deps.database.read() as connection:
        cameras = all_cameras(connection)
        counted = totals(connection)
        deliveries = deliveries_by_state(connection)
        open_count = open_incident_count(connection)
    states = Counter(status_of(camera, view, now).state for camera in cameras)
    workers = Counter(beat.room for beat in view.beats)
    families: list[Metric] = [
        _gauge("plainwatch_bus_up", "Whether Redis or Valkey answers", {(): 0.0 if view.away else 1.0}, []),
        _gauge("plainwatch_cameras", "Cameras by state", {(k,): v for k, v in states.items()}, ["state"]),
        _gauge("plainwatch_workers", "Workers alive", {(k,): v for k, v in workers.items()}, ["room"]),
        _analyzers(view.capabilities),
        _gauge("plainwatch_incidents_open", "Incidents that have not ended", {(): open_count}, []),
        _gauge("plainwatch_deliveries", "Webhooks by state", {(k,): v for k, v in deliveries.items()}, ["state"]),
        _frames({camera.id: counted[camera.id] for camera in cameras if camera.id in counted}),
        *([] if view.away else _bus_figures(deps)),
    ]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Ready(families))
    return generate_latest(registry)


def _gauge(name: str, about: str, values: Mapping[tuple[str, ...], float], labels: list[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=labels)
    for label_values, value in sorted(values.items()):
        family.add_metric(label_values, value)
    return family


def _analyzers(offered: Iterable[Capabilities]) -> GaugeMetricFamily:
    """Where models really run: a GPU that is there and not used looks like one that is not there."""
    labels = ["worker", "engine", "model", "revision", "device", "gate", "gate_device"]
    rows: dict[tuple[str, ...], float] = {
        (one.worker, one.engine, one.model.name, one.model.revision, one.device, one.gate, one.gate_device): 1.0
        for one in offered
    }
    return _gauge("plainwatch_analyzer_info", "What each analyzer runs, and on which device", rows, labels)


def _frames(counted: Mapping[str, FrameTotals]) -> CounterMetricFamily:
    about = "Frames of a camera by what became of them"
    family = CounterMetricFamily("plainwatch_frames", about, labels=["camera", "fate"])
    for camera, one in sorted(counted.items()):
        fates = {"sampled": one.sampled, "analysed": one.analysed, "unchanged": one.unchanged}
        fates |= {f"dropped_{reason}": count for reason, count in one.dropped.items()}
        for fate, count in fates.items():
            family.add_metric([camera, fate], count)
    return family


def _bus_figures(deps: Deps) -> list[Metric]:
    now = deps.clock()
    waits: dict[tuple[str, ...], float] = {}
    depths: dict[tuple[str, ...], float] = {}
    try:
        for shard in range(deps.settings.shards):
            waits[(str(shard),)] = deps.bus.oldest_wait_s(shard=shard, now=now) or 0.0
            depths[(str(shard),)] = AnswerStream(deps.client, shard=shard, consumer="metrics").depth()
    except Unavailable:
        return []
    return [
        _gauge("plainwatch_bus_oldest_wait_seconds", "Age of the oldest waiting frame", waits, ["shard"]),
        _gauge("plainwatch_answers_waiting", "Answers that alerts has not taken yet", depths, ["shard"]),
    ]
