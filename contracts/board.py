"""What the processes tell each other about themselves: the site, cameras' health, capabilities, signs of life.

Takes: IngestSite and AnalyzerSite from api; health from ingest; capabilities from analyzers; beats from all.
Gives: the newest of each. Whoever reads decides by `at` what is too old.
Knows nothing about: decisions made from it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from contracts import keys
from contracts.broker import Client, bus_errors
from contracts.messages import (
    CameraHealth,
    Capabilities,
    UnansweredRules,
    WorkerBeat,
    decode_beat,
    decode_capabilities,
    decode_health,
    decode_unanswered,
    encode,
)
from contracts.site import AnalyzerSite, IngestSite

#: a worker that has not beaten for so long is taken for dead
BEAT_STALE_S = 10.0


class Board:
    """Small hashes and values in Redis; api writes them anew from the database when they are gone."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def publish_site(self, ingest: IngestSite, analyzer: AnalyzerSite) -> None:
        """Both parts in one step."""
        with bus_errors("publish the site"), self._client.pipeline(transaction=True) as pipe:
            pipe.set(keys.SITE_INGEST, msgspec.msgpack.encode(ingest))
            pipe.set(keys.SITE_ANALYZER, msgspec.msgpack.encode(analyzer))
            pipe.execute()

    def ingest_site(self) -> IngestSite | None:
        """None: nothing was published since Redis started; wait for api."""
        raw = self._get(keys.SITE_INGEST)
        return msgspec.msgpack.decode(raw, type=IngestSite) if raw else None

    def analyzer_site(self) -> AnalyzerSite | None:
        """None: nothing was published since Redis started; wait for api."""
        raw = self._get(keys.SITE_ANALYZER)
        return msgspec.msgpack.decode(raw, type=AnalyzerSite) if raw else None

    def report_health(self, health: CameraHealth) -> None:
        """The newest word on one camera."""
        self._put(keys.HEALTH, health.camera, encode(health))

    def health(self) -> dict[str, CameraHealth]:
        """By camera id."""
        return {camera: decode_health(raw) for camera, raw in self._all(keys.HEALTH).items()}

    def report_last_word(self, health: CameraHealth) -> None:
        """The final counts of an epoch that ends here; they wait until alerts has heard them."""
        self._put(keys.LAST_WORDS, _word(health), encode(health))

    def last_words(self) -> tuple[CameraHealth, ...]:
        """Those not heard yet."""
        return tuple(decode_health(raw) for _, raw in sorted(self._all(keys.LAST_WORDS).items()))

    def heard(self, words: Sequence[CameraHealth]) -> None:
        """After the commit that holds their counts."""
        if words:
            with bus_errors("clear the board"):
                self._client.hdel(keys.LAST_WORDS, *(_word(word) for word in words))

    def keep_scene(self, camera: str, memory: bytes) -> None:
        """What ingest has learnt of a view; only ingest reads it."""
        self._put(keys.SCENES, camera, memory)

    def kept_scene(self, camera: str) -> bytes | None:
        """None: nothing was kept since Redis started."""
        with bus_errors("read the board"):
            raw: Any = self._client.hget(keys.SCENES, camera)
        return raw if raw is None else bytes(raw)

    def forget_camera(self, camera: str) -> None:
        """Of a camera that was removed."""
        with bus_errors("forget a camera"):
            self._client.hdel(keys.HEALTH, camera)
            self._client.hdel(keys.SCENES, camera)

    def offer(self, capabilities: Capabilities) -> None:
        """What one analyzer can answer, as long as it beats."""
        self._put(keys.CAPABILITIES, capabilities.worker, encode(capabilities))

    def capabilities(self, *, now: datetime) -> tuple[Capabilities, ...]:
        """Of the analyzers that are alive."""
        alive = {beat.worker for beat in self.beats(now=now) if beat.room == "analyzer"}
        offered = self._all(keys.CAPABILITIES)
        return tuple(decode_capabilities(raw) for worker, raw in sorted(offered.items()) if worker in alive)

    def report_unanswered(self, word: UnansweredRules) -> None:
        """The newest word of one alerts worker."""
        self._put(keys.UNANSWERED, word.worker, encode(word))

    def unanswered(self, *, now: datetime) -> dict[str, str]:
        """Why a rule has had no answer of late, by rule id, as any worker said within BEAT_STALE_S."""
        words = [decode_unanswered(raw) for _, raw in sorted(self._all(keys.UNANSWERED).items())]
        fresh = [word for word in words if (now - word.at).total_seconds() < BEAT_STALE_S]
        return {rule: reason for word in reversed(fresh) for rule, reason in word.reasons.items()}

    def beat(self, beat: WorkerBeat) -> None:
        """A sign of life."""
        self._put(keys.BEATS, f"{beat.room}/{beat.worker}", encode(beat))

    def beats(self, *, now: datetime, all_of_them: bool = False) -> tuple[WorkerBeat, ...]:
        """Of the workers that are alive; with `all_of_them` also of those that have gone silent."""
        beats = [decode_beat(raw) for _, raw in sorted(self._all(keys.BEATS).items())]
        return tuple(beat for beat in beats if all_of_them or (now - beat.at).total_seconds() < BEAT_STALE_S)

    def _get(self, key: str) -> bytes | None:
        with bus_errors("read the board"):
            raw: Any = self._client.get(key)
        return raw if raw is None else bytes(raw)

    def _put(self, key: str, field: str, value: bytes) -> None:
        with bus_errors("write to the board"):
            self._client.hset(key, field, value)

    def _all(self, key: str) -> dict[str, bytes]:
        with bus_errors("read the board"):
            found: Any = self._client.hgetall(key)
        return {field.decode(): value for field, value in found.items()}


def _word(health: CameraHealth) -> str:
    return f"{health.camera}/{health.epoch}"
