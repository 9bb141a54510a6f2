from contracts.messages import Capabilities, ModelRef, WorkerBeat
from store.progress import IngestCount, set_ingest_counts
from tests.api.running import Site, now


def test_health_is_ok_when_every_room_gives_signs_of_life_and_needs_no_key(site: Site) -> None:
    for room in ("ingest", "analyzer", "alerts"):
        site.board.beat(WorkerBeat(room, f"{room}-1", now(), 1))

    answer = site.client().get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "checks": {"database": "ok", "bus": "ok", "ingest": "ok", "analyzer": "ok", "alerts": "ok"},
    }


def test_health_names_the_room_that_is_silent(site: Site) -> None:
    for room in ("ingest", "alerts"):
        site.board.beat(WorkerBeat(room, f"{room}-1", now(), 1))

    answer = site.client().get("/health")

    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["analyzer"] == "no worker is online"


def test_metrics_count_cameras_frames_and_workers(site: Site) -> None:
    camera = str(site.add_camera("a name that is nobody's business")["id"])
    site.report(camera)
    site.board.beat(WorkerBeat("ingest", "ingest-1", now(), 1))
    with site.deps.database.write() as connection:
        set_ingest_counts(connection, [IngestCount(camera, 7, sampled=3, dropped={"decode": 1})])

    answer = site.with_scopes("view").get("/metrics")

    lines = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'plainwatch_cameras{state="online"} 1.0' in lines
    assert 'plainwatch_workers{room="ingest"} 1.0' in lines
    assert f'plainwatch_frames_total{{camera="{camera}",fate="sampled"}} 3.0' in lines
    assert f'plainwatch_frames_total{{camera="{camera}",fate="dropped_decode"}} 1.0' in lines
    assert "plainwatch_incidents_open 0.0" in lines
    assert "nobody's business" not in answer.text


def test_metrics_say_where_each_analyzer_really_runs(site: Site) -> None:
    model = ModelRef("qwen", "abc+12", "vlm")
    site.board.beat(WorkerBeat("analyzer", "analyzer-1", now(), 1))
    site.board.offer(Capabilities("analyzer-1", "vlm", model, device="cpu", gate="siglip@1", gate_device="cpu"))

    lines = site.admin.get("/metrics").text.splitlines()

    (line,) = [line for line in lines if line.startswith("plainwatch_analyzer_info{")]
    for label in ('worker="analyzer-1"', 'engine="vlm"', 'revision="abc+12"', 'device="cpu"', 'gate_device="cpu"'):
        assert label in line
