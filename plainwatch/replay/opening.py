"""The engine that footage is shown to.

Takes: the command's --engine, the settings, the folder of assets (may be empty).
Gives: an engine without a bus behind it, and the settings that it was opened with.
Knows nothing about: footage, rules."""

from collections.abc import Callable
from pathlib import Path

from analyzer.engine import Engine
from analyzer.engines import open_engine
from contracts.settings import Settings, load_settings
from plainwatch.demo.script import ASSET_DETECTOR
from plainwatch.model_here import ensure_engine


def settings_for(engine: str, assets: str) -> Settings:
    """As the demo chooses: without a detector named, that of the assets, where there is one."""
    detector = Path(assets) / ASSET_DETECTOR
    given: dict[str, object] = {"engine": engine} if engine else {}
    settings = load_settings(**given)
    if not settings.detector and assets and detector.is_file():
        return load_settings(**given, detector=str(detector))
    return settings


def opened_engine(settings: Settings, say: Callable[[str], None]) -> Engine:
    """Raises Refused, Unavailable or EngineError where it cannot be had."""
    ensure_engine(settings, say)
    return open_engine(settings, None)
