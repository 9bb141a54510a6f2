"""From the settings to one engine: the reader of free text, a gate before it, a detector beside it.

Takes: the settings, a connection for the gate's memory where there is one.
Gives: an Engine.
Knows nothing about: frames. torch is imported where the engine is vlm, and nowhere else."""

from pathlib import Path

from analyzer.combined import CombinedEngine
from analyzer.edge.engine import open_edge_engine
from analyzer.engine import Engine
from analyzer.gate.gated import GatedEngine
from analyzer.gate.towers import load_towers
from contracts.broker import Client
from contracts.errors import ConfigError
from contracts.gates import GateMemories
from contracts.settings import Settings

EDGE, READERS = "edge", ("openai", "vlm")


def open_engine(settings: Settings, client: Client | None) -> Engine:
    """Raises ConfigError for an engine that is none, EngineError where a model cannot be had.

    Without a `client` no gate stands before the model: a test of rules wants every frame answered."""
    if settings.engine == EDGE:
        return open_edge_engine(settings)
    if settings.engine not in READERS:
        raise ConfigError(
            f"setting PLAINWATCH_ENGINE: '{settings.engine}' is no engine",
            f"give one of: {', '.join((EDGE, *READERS))}",
        )
    # The detector first: it is loaded in a moment, and a wrong path should not wait for gigabytes.
    edge = open_edge_engine(settings)
    return CombinedEngine(edge, _gated(_reader(settings), settings, client))


def _reader(settings: Settings) -> Engine:
    if settings.engine == "vlm":
        from analyzer.vlm.opening import open_vlm_engine

        return open_vlm_engine(settings)
    from analyzer.openai.engine import open_openai_engine

    return open_openai_engine(settings)


def _gated(reader: Engine, settings: Settings, client: Client | None) -> Engine:
    if client is None or not settings.gate:
        return reader
    return GatedEngine(
        reader,
        load_towers(Path(settings.gate), require_gpu=settings.require_gpu),
        GateMemories(client, shards=settings.shards),
        audit_rate=settings.gate_audit,
        due_s=settings.gate_due_s,
    )
