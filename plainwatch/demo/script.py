"""What the demo shows: which picture, which rules, what must come of them.

Takes: the command line's choices and the assets folder.
Gives: a Script.
Knows nothing about: services."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from contracts.errors import NotFound

#: "is answered": what a model says of it we cannot promise; that it says something, we can
Expected = Literal["fires", "stays silent", "is answered"]

ASSET_CLIP = "clips/intel_person-bicycle-car-detection.mp4"
ASSET_DETECTOR = "models/yolox_nano.onnx"
SCENE = "scene"
#: with rules of our own we know when they fire: within one round of the footage; twice that is enough
BUILT_IN_SECONDS = 120.0
GIVEN_SECONDS = 60.0
#: how long the silent rule is watched before it counts as silent
SILENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class ScriptRule:
    """One rule and what must come of it."""

    text: str
    expected: Expected


@dataclass(frozen=True, slots=True)
class Script:
    """`source`: "scene", a file, or a camera's URL. `detector`: an ONNX file, or empty for none."""

    source: str
    engine: str
    detector: str
    rules: tuple[ScriptRule, ...]
    seconds: float
    watch_silence_s: float

    @property
    def is_url(self) -> bool:
        """A camera that is there already, rather than footage to serve."""
        return "://" in self.source


_ASSET_RULES: tuple[ScriptRule, ...] = (
    ScriptRule("a car is visible", "fires"),
    ScriptRule("有人骑自行车或步行", "fires"),
    ScriptRule("more than 5 people are visible", "stays silent"),
)
_SCENE_RULES: tuple[ScriptRule, ...] = (
    ScriptRule("tell me when something enters the picture", "fires"),
    ScriptRule("画面中有东西停留超过3秒", "fires"),
    ScriptRule("the camera is covered", "stays silent"),
)


_MODEL_RULES: tuple[ScriptRule, ...] = (ScriptRule("somebody is riding a bicycle past a parked car", "is answered"),)


def write_script(
    source: str,
    rules: tuple[str, ...],
    seconds: float | None,
    *,
    assets: Path | None,
    detector: str,
    engine: str = "edge",
) -> Script:
    """Raises NotFound where the source is a file that is not there."""
    if source and "://" not in source and source != SCENE and not Path(source).is_file():
        raise NotFound(f"source '{source}' is neither a URL nor a file", "give rtsp://…, or the path of a video")
    if not source and assets and (assets / ASSET_CLIP).is_file():
        source, built_in = str(assets / ASSET_CLIP), _ASSET_RULES
    else:
        built_in = _SCENE_RULES
    if engine != "edge":
        built_in += _MODEL_RULES
    source = source or SCENE
    if not detector and assets and source != SCENE and (assets / ASSET_DETECTOR).is_file():
        detector = str(assets / ASSET_DETECTOR)
    chosen = tuple(ScriptRule(text, "fires") for text in rules)
    own = not chosen
    return Script(
        source=source,
        engine=engine,
        detector=detector,
        rules=chosen or built_in,
        seconds=seconds or (BUILT_IN_SECONDS if own else GIVEN_SECONDS),
        watch_silence_s=SILENCE_SECONDS if own else 0.0,
    )
