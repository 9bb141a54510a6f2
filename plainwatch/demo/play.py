"""Runs the demo: a house of its own, a camera, a receiver, and the API in between.

Takes: a Script and a place for progress.
Gives: Outcome.
Knows nothing about: how a summary is printed."""

import json
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from alerts.sign import new_secret
from contracts.errors import PlainwatchError, Unavailable
from contracts.redact import redact
from plainwatch.client import ApiClient, Json
from plainwatch.demo.script import Script
from plainwatch.evidence_file import evidence_file, shown
from plainwatch.house import House, ready_within_s
from plainwatch.ports import free_port
from plainwatch.supervisor import Program

LOOK_EVERY_S = 0.2
SAY_EVERY_S = 3.0
READY_WITHIN_S = 30.0
#: what is on its way when the last rule has fired may still arrive
SETTLE_S = 1.0

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What was seen; `refused`: rules that were not accepted, with the reason."""

    seconds: float = 0.0
    camera: Json = field(default_factory=dict)
    rules: list[Json] = field(default_factory=list)
    incidents: list[Json] = field(default_factory=list)
    messages: list[Json] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def verified(self, rule_id: str) -> int:
        """How many openings of the rule's incidents arrived with a good signature, each counted once."""
        opened = [m for m in self.messages if m["verified"] and m["type"] == "incident.opened"]
        return len({m["id"] for m in opened if m["data"].get("rule", {}).get("id") == rule_id})


class Demo:
    """One run. `folder` is wiped by the caller and holds everything that the run makes."""

    def __init__(self, script: Script, folder: Path, say: Say) -> None:
        self._script = script
        self._folder = folder
        self._say = say
        self._secret = new_secret()
        self._outcome = Outcome()
        self._said_s = 0.0

    def run(self) -> Outcome:
        """Raises PlainwatchError where the services, the camera or the receiver do not come up."""
        began_s = time.monotonic()
        camera_port = free_port()
        house = House(
            self._folder,
            host="127.0.0.1",
            port=free_port(),
            environment={
                "PLAINWATCH_ENGINE": self._script.engine,
                "PLAINWATCH_DETECTOR": self._script.detector,
                **self._outbound(camera_port),
            },
            notify=self._say,
            ready_within_s=ready_within_s(self._script.engine),
            patient=False,
        )
        try:
            self._say("starting Valkey, api, ingest, analyzer, alerts")
            client = house.start()
            self._say(f"services are up at {house.address} after {time.monotonic() - began_s:.1f} s")
            receiver_port = self._start_receiver(house)
            url = self._start_camera(house, camera_port)
            self._register(client, url, receiver_port)
            self._watch(house, client)
        finally:
            house.stop()
        self._outcome.seconds = time.monotonic() - began_s
        return self._outcome

    def _outbound(self, camera_port: int) -> dict[str, str]:
        """Exactly our own ports; the receiver's is confirmed when its endpoint is registered."""
        return {} if self._script.is_url else {"PLAINWATCH_CAMERA_ALLOW": f"127.0.0.1:{camera_port}"}

    def _start_receiver(self, house: House) -> int:
        command = (sys.executable, "-m", "plainwatch.receiver")
        house.supervisor.start(Program("receiver", command, {"PLAINWATCH_RECEIVER_SECRET": self._secret}))
        return int(self._first_line(house, "receiver")["port"])

    def _start_camera(self, house: House, port: int) -> str:
        if self._script.is_url:
            self._say(f"camera: {redact(self._script.source)}")
            return self._script.source
        source, password = self._script.source, secrets.token_urlsafe(9)
        command = (sys.executable, "-m", "plainwatch.tether", sys.executable, "-m", "plainwatch.simulator")
        options = ("--source", source, "--port", str(port), "--loop")
        credentials = ("--mount", "demo", "--user", "demo", "--password", password)
        house.supervisor.start(Program("camera", (*command, *options, *credentials)))
        url = str(self._first_line(house, "camera")["url"])
        self._say(f"camera: {Path(source).name} over RTSP at {redact(url)}")
        return f"rtsp://demo:{password}@127.0.0.1:{port}{urlsplit(url).path}"

    def _first_line(self, house: House, name: str) -> Json:
        """A helper process says in its first line of JSON where it listens."""
        deadline_s = time.monotonic() + READY_WITHIN_S
        while True:
            lines = self._lines(name)
            if lines:
                return lines[0]
            house.watch()
            if time.monotonic() > deadline_s:
                raise Unavailable(f"the demo's {name} did not start", f"see {self._folder / 'logs' / name}.log")
            time.sleep(0.05)

    def _lines(self, name: str) -> list[Json]:
        try:
            text = (self._folder / "logs" / f"{name}.log").read_text(errors="replace")
        except OSError:
            return []
        whole = text[: text.rfind("\n") + 1]
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")]

    def _register(self, client: ApiClient, url: str, receiver_port: int) -> None:
        hook = f"http://127.0.0.1:{receiver_port}/"
        client.post("/endpoints", {"name": "receiver", "url": hook, "secret": self._secret, "confirm_private": True})
        camera = client.post("/cameras", {"name": "demo", "url": url, "confirm_private": self._script.is_url})
        seen = camera.get("probe", {})
        self._say(
            f"probe: {seen.get('codec')} {seen.get('width')}x{seen.get('height')}, "
            f"a keyframe every {seen.get('keyframe_interval_s') or 0:.1f} s"
        )
        for warning in camera.get("warnings", []):
            self._say(f"note: {warning}")
        self._outcome.camera = camera
        for rule in self._script.rules:
            try:
                stored = client.post("/rules", {"text": rule.text})
            except PlainwatchError as error:
                self._outcome.refused.append((rule.text, str(error)))
                self._say(f"rule refused: {rule.text}: {error}")
                continue
            unanswerable = self._unanswerable(stored)
            if unanswerable:
                client.delete(f"/rules/{stored['id']}")
                self._outcome.refused.append((rule.text, unanswerable))
                self._say(f"rule refused: {rule.text}: {unanswerable}")
                continue
            self._outcome.rules.append({**stored, "expected": rule.expected})
            self._say(f"rule: {rule.text} → {stored['plan']['summary']}")

    def _unanswerable(self, stored: Json) -> str:
        """A site may wait for an engine that can; a demo has the one that it was started with."""
        entries = {entry["engine"]: entry for entry in stored["plan"]["answerable"]}
        mine = entries.get(self._script.engine, {"ok": True})
        return "" if mine["ok"] else str(mine.get("reason", "the engine cannot answer it"))

    def _watch(self, house: House, client: ApiClient) -> None:
        """Until every rule that must fire has fired and the silent ones were watched long enough, or time is over."""
        began_s = time.monotonic()
        done_s: float | None = None
        while self._outcome.rules and (elapsed_s := time.monotonic() - began_s) < self._script.seconds:
            house.watch()
            self._read_messages()
            self._say_progress(client)
            if done_s is None and elapsed_s >= self._script.watch_silence_s and self._all_fired():
                done_s = elapsed_s
            if done_s is not None and elapsed_s >= done_s + SETTLE_S:
                break
            time.sleep(LOOK_EVERY_S)
        self._read_messages()
        self._fetch_summary(house, client)

    def _all_fired(self) -> bool:
        return all(self._outcome.verified(rule["id"]) for rule in self._outcome.rules if rule["expected"] == "fires")

    def _read_messages(self) -> None:
        lines = self._lines("receiver")[1:]
        for message in lines[len(self._outcome.messages) :]:
            self._outcome.messages.append(message)
            if message["type"] == "incident.opened" or not message["verified"]:
                self._say_message(message)

    def _say_message(self, message: Json) -> None:
        if not message["verified"]:
            self._say(f"a webhook with a wrong {message['wrong']} arrived")
            return
        incident = message["data"]
        self._say(f"ALERT, signature verified: {incident['rule']['text']} (confidence {incident['confidence']:.2f})")
        picture = evidence_file(self._folder, incident["id"])
        if picture:
            self._say(f"  evidence: {shown(picture)}")

    def _say_progress(self, client: ApiClient) -> None:
        if time.monotonic() - self._said_s < SAY_EVERY_S:
            return
        self._said_s = time.monotonic()
        try:
            camera = client.get(f"/cameras/{self._outcome.camera['id']}")
        except PlainwatchError:
            return  # a service is being restarted; the next look tells
        frames = camera.get("frames", {})
        self._say(
            f"camera {camera['status']['state']}: {frames.get('sampled', 0)} keyframes sampled, "
            f"{frames.get('analysed', 0)} answered, {frames.get('unchanged', 0)} unchanged"
        )

    def _fetch_summary(self, house: House, client: ApiClient) -> None:
        deadline_s = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                self._outcome.camera = client.get(f"/cameras/{self._outcome.camera['id']}")
                self._outcome.incidents = list(client.items("/incidents"))
                return
            except PlainwatchError:
                if time.monotonic() > deadline_s:
                    raise
            house.watch()
            time.sleep(LOOK_EVERY_S)
