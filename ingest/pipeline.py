"""What happens to a sampled picture: number, mask, scene, gate, JPEG, bus.

Takes: what a source sampled.
Gives: Keyframe or Unchanged on the bus, or a counted drop.
Knows nothing about: connections, threads."""

import threading
from datetime import datetime

from contracts.errors import BusFull, BusUnreachable
from contracts.messages import DropReason, Keyframe, Scene, Unchanged
from contracts.site import IngestCamera
from ingest.door import Door
from ingest.gate import Gate
from ingest.jpeg import encode
from ingest.masks import Masks
from ingest.memory import Memory
from ingest.opening import is_live
from ingest.scene import SceneHistory
from ingest.source import Picture, Sampled
from ingest.tally import Tally
from ingest.view import view_of


class Pipeline:
    """One camera's, for one epoch; it outlives reconnects, so the numbers and the background go on."""

    def __init__(self, camera: IngestCamera, epoch: int, door: Door) -> None:
        self.tally = Tally()
        self.scene = Scene()
        self._camera = camera.id
        self._epoch = epoch
        self._door = door
        self._masks = Masks(camera.masks)
        self._history = SceneHistory(is_live=is_live(camera.url))
        self._gate = Gate()
        # A reader that was given up may wake again beside its successor.
        self._lock = threading.Lock()

    def take(self, sampled: Sampled) -> bool:
        """False: another worker owns the camera by now, stop reading it."""
        with self._lock:
            seq = self.tally.next_seq()
            message = self._message(seq, sampled) if isinstance(sampled, Picture) else None
            if message is None:
                self.tally.drop("decode")
                return True
            return self._put(message)

    def memory(self) -> Memory | None:
        """Of the view, for a successor."""
        with self._lock:
            return self._history.memory()

    def recall(self, memory: Memory) -> None:
        """Before the first picture."""
        self._history.recall(memory)

    def _message(self, seq: int, picture: Picture) -> Keyframe | Unchanged | None:
        """None: the picture is damaged. What is `Unchanged` is never encoded: that saves a quarter of its cost."""
        at: datetime = picture.captured_at
        view = view_of(picture.image, self._masks)
        if view is None:
            return None
        self.scene = scene = self._history.look(view, at)
        same_as = self._gate.same_as(view, scene, self._history.noise, at)
        if same_as is not None:
            return Unchanged(self._camera, self._epoch, seq, at, same_as)
        encoded = encode(picture.image, self._masks)
        if encoded is None:
            return None
        self._gate.sent(seq, view, scene, at)
        return Keyframe(
            self._camera, self._epoch, seq, at, encoded.picture, encoded.width, encoded.height, scene
        )

    def _put(self, message: Keyframe | Unchanged) -> bool:
        reason: DropReason
        try:
            put = self._door.put(message)
        except BusFull:
            reason = "oom"
        except BusUnreachable:
            reason = "bus_down"
        else:
            self.tally.drop("fenced", int(put.fenced))
            self.tally.drop("overwritten", put.evicted)
            return not put.fenced
        self.tally.drop(reason)
        self._gate.forget()  # the picture that later ones would refer to is not there
        return True
