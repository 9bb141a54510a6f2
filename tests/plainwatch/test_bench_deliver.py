import sys

import pytest

from plainwatch.bench.deliver import CAMERAS, HEALTHY, measure


@pytest.mark.skipif(sys.platform != "linux", reason="the time that another process takes is read from /proc")
def test_everything_told_arrives_once_beside_dead_endpoints_and_every_visit_becomes_an_incident() -> None:
    said: list[str] = []

    report = measure(1, 3, said.append, answers_each=120)

    found = report.as_json()
    assert (report.deliver.healthy, report.deliver.dead) == (HEALTHY, 3)
    assert (report.deliver.told, report.deliver.lost, report.deliver.duplicated) == (600, 0, 0)
    assert report.deliver.per_s > 0 and (report.deliver.processor_ms or 0) > 0
    assert report.deliver.latency_ms.p50 <= report.deliver.latency_ms.p99 <= report.deliver.latency_ms.max
    # Of each camera the first of a hundred answers begins a visit, and so does the hundred and first.
    assert (report.answers.answers, report.answers.incidents) == (120 * CAMERAS, 2 * CAMERAS)
    assert report.answers.deliveries >= report.answers.incidents
    assert {"hardware", "load", "deliver", "answers", "goals_met", "date"} == set(found)
    assert len(said) == 4
