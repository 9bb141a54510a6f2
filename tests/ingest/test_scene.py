from datetime import UTC, datetime, timedelta

import cv2
import numpy as np
import numpy.typing as npt

from contracts.messages import Scene
from ingest.gate import REFRESH_S, Gate
from ingest.memory import from_bytes, to_bytes
from ingest.scene import SceneHistory
from ingest.view import View
from plainwatch.simulator.faults import Fault, picture_change
from plainwatch.simulator.scene import scene_picture

START = datetime(2026, 1, 1, tzinfo=UTC)
Bgr = npt.NDArray[np.uint8]


def _view(picture: Bgr) -> View:
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    small = np.asarray(cv2.resize(gray, (320, 180), interpolation=cv2.INTER_AREA), np.uint8)
    return View(small, np.asarray(cv2.GaussianBlur(small, (5, 5), 0), np.uint8), np.array(gray[::8, ::8]))


class Watcher:
    """Half a second passes with every picture; each has its own noise, as a sensor's have."""

    def __init__(self, *, is_live: bool = True) -> None:
        self.history = SceneHistory(is_live=is_live)
        self.backdrop: Bgr = scene_picture(0.0)
        self.shown = 0
        self.at_s = 0.0
        self.step_s = 0.5
        self.scene = Scene()

    def show(self, picture: Bgr | None = None, *, times: int = 1, noise: float = 1.5) -> Scene:
        for _ in range(times):
            grain = np.random.default_rng(self.shown).normal(0, noise, self.backdrop.shape) if noise else 0.0
            shown = np.clip((self.backdrop if picture is None else picture) + grain, 0, 255).astype(np.uint8)
            self.scene = self.history.look(_view(shown), START + timedelta(seconds=self.at_s))
            self.shown += 1
            self.at_s += self.step_s
        return self.scene

    def with_box(self, x: float, y: float, width: float, height: float, level: int = 230) -> Bgr:
        """0-1 of the picture."""
        picture = self.backdrop.copy()
        rows, columns = picture.shape[:2]
        picture[int(y * rows) : int((y + height) * rows), int(x * columns) : int((x + width) * columns)] = level
        return picture


def test_a_successor_goes_on_with_the_view_that_a_killed_worker_had_learnt() -> None:
    first = Watcher()
    first.show(times=10)
    standing = first.with_box(0.4, 0.4, 0.1, 0.3)
    first.show(standing, times=4)
    kept = first.history.memory()
    assert kept is not None
    memory = from_bytes(to_bytes(kept), START + timedelta(seconds=first.at_s))
    assert memory is not None

    second = Watcher()
    second.at_s = first.at_s
    second.history.recall(memory)
    scene = second.show(standing)

    assert scene.warm
    assert len(scene.foreground) == len(first.scene.foreground) == 1
    assert len(to_bytes(kept)) < 64 << 10


def test_an_old_or_foreign_memory_is_none() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    kept = watcher.history.memory()
    assert kept is not None

    assert from_bytes(to_bytes(kept), START + timedelta(seconds=watcher.at_s + 61)) is None
    assert from_bytes(b"something else", START) is None
    assert from_bytes(None, START) is None


def test_the_background_is_learnt_within_three_seconds_and_an_empty_view_stays_empty() -> None:
    watcher = Watcher()

    assert not watcher.show().warm
    scene = watcher.show(times=20)

    assert scene.warm and not scene.moving and not scene.foreground
    assert not (scene.dark or scene.covered or scene.frozen)


def test_something_that_moves_is_boxed_where_it_is() -> None:
    watcher = Watcher()
    watcher.show(times=10)

    scene = watcher.show(watcher.with_box(0.4, 0.5, 0.1, 0.2))

    assert len(scene.moving) == len(scene.foreground) == 1
    x1, y1, x2, y2 = scene.foreground[0]
    assert abs(x1 - 0.4) < 0.03 and abs(y1 - 0.5) < 0.03 and abs(x2 - 0.5) < 0.03 and abs(y2 - 0.7) < 0.03
    assert 0.01 < scene.motion < 0.04


def test_something_that_stays_is_foreground_for_a_minute_and_background_in_the_end() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    bag = watcher.with_box(0.3, 0.6, 0.06, 0.1, level=40)

    watcher.step_s = 2.5
    after_a_minute = watcher.show(bag, times=25)
    in_the_end = watcher.show(bag, times=50)

    assert after_a_minute.foreground and not after_a_minute.moving
    assert not in_the_end.foreground


def test_a_lamp_that_changes_everything_is_learnt_anew_and_does_not_stay_foreground() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    lit = np.clip(watcher.backdrop.astype(float) * 0.5 + 110 * np.linspace(0.2, 1, 640)[None, :, None], 0, 255)

    watcher.show(lit.astype(np.uint8))
    scene = watcher.show(lit.astype(np.uint8), times=10)

    assert scene.warm and not scene.foreground and not scene.covered


def test_a_change_of_exposure_is_no_foreground_at_all() -> None:
    watcher = Watcher()
    watcher.show(times=10)

    scene = watcher.show(np.clip(watcher.backdrop.astype(int) + 18, 0, 255).astype(np.uint8))

    assert scene.warm and not scene.foreground


def test_the_light_going_out_is_dark_and_not_covered() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    change = picture_change(Fault.DARK, 0)
    assert change

    scene = watcher.show(change(0, watcher.backdrop), times=6, noise=0)

    assert scene.dark and not scene.covered
    assert not watcher.show(times=6).dark


def test_a_cloth_before_the_lens_is_covered_from_its_second_picture_until_it_goes() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    change = picture_change(Fault.COVERED, 0)
    assert change
    cloth = change(0, watcher.backdrop)

    assert not watcher.show(cloth).covered
    assert watcher.show(cloth).covered
    assert watcher.show(cloth, times=60).covered
    assert not watcher.show(times=2).covered


def test_a_large_thing_with_detail_of_its_own_does_not_cover_the_camera() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    lorry = watcher.backdrop.copy()
    lorry[100:, 150:] = np.roll(lorry, 200, axis=1)[100:, 150:]

    assert not watcher.show(lorry, times=4).covered


def test_the_same_picture_again_and_again_is_frozen_after_five_seconds_live_and_ten_from_a_file() -> None:
    live, file = Watcher(is_live=True), Watcher(is_live=False)

    assert not live.show(times=10, noise=0).frozen
    assert live.show(times=2, noise=0).frozen
    assert not file.show(times=20, noise=0).frozen
    assert file.show(times=2, noise=0).frozen
    assert not live.show().frozen


def test_another_size_begins_anew_without_an_error() -> None:
    watcher = Watcher()
    watcher.show(times=10)
    watcher.backdrop = np.asarray(cv2.resize(watcher.backdrop, (320, 240)), np.uint8)
    small = np.asarray(cv2.cvtColor(watcher.backdrop, cv2.COLOR_BGR2GRAY), np.uint8)

    scene = watcher.history.look(View(small, small, small), START + timedelta(minutes=1))

    assert not scene.warm and not scene.moving


def _judge(gate: Gate, watcher: Watcher, picture: Bgr, at_s: float) -> int | None:
    scene = watcher.show(picture, noise=0)
    return gate.same_as(_view(picture), scene, watcher.history.noise, START + timedelta(seconds=at_s))


def test_a_quiet_picture_equals_the_last_one_sent_until_ten_seconds_are_over() -> None:
    watcher, gate = Watcher(), Gate()
    scene = watcher.show(times=8)
    gate.sent(8, _view(watcher.backdrop), scene, START)

    assert _judge(gate, watcher, watcher.backdrop, 0.5) == 8
    assert _judge(gate, watcher, watcher.backdrop, REFRESH_S) is None


def test_a_small_faint_person_far_away_passes_the_gate() -> None:
    watcher, gate = Watcher(), Gate()
    scene = watcher.show(times=8)
    gate.sent(8, _view(watcher.backdrop), scene, START)
    person = watcher.with_box(0.6, 0.55, 0.012, 0.06, level=0)
    rows, columns = slice(198, 220), slice(384, 392)
    person[rows, columns] = np.clip(watcher.backdrop[rows, columns].astype(int) - 35, 0, 255)

    assert _judge(gate, watcher, person, 0.5) is None


def test_a_frame_that_the_bus_lost_is_never_referred_to() -> None:
    watcher, gate = Watcher(), Gate()
    scene = watcher.show(times=8)
    gate.sent(8, _view(watcher.backdrop), scene, START)

    gate.forget()

    assert _judge(gate, watcher, watcher.backdrop, 0.5) is None


def test_what_was_learnt_as_background_and_leaves_is_no_foreground_for_long() -> None:
    watcher = Watcher()
    watcher.show(watcher.with_box(0.5, 0.5, 0.2, 0.25), times=10)

    assert watcher.show().foreground
    assert not watcher.show(times=12).foreground


def test_a_mast_that_sways_a_little_makes_no_foreground() -> None:
    watcher = Watcher()
    watcher.show(times=10)

    scene = watcher.show(np.roll(watcher.backdrop, (1, -1), axis=(0, 1)))

    assert not scene.foreground
