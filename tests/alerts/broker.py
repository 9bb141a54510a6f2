"""A real Mosquitto of our own, and somebody who listens to it."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

USER, PASSWORD = "alice", "s3cret-pw"


def mosquitto_here() -> str | None:
    """Debian puts it where users do not look."""
    return which("mosquitto") or which("mosquitto", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass
class Mosquitto:
    """`port` speaks plainly, `tls_port` TLS where the folder holds a certificate; both want the password."""

    folder: Path
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        binary = mosquitto_here()
        assert binary
        config = self.folder / "mosquitto.conf"
        tls = (
            f"listener {self.tls_port} 127.0.0.1\n"
            f"certfile {self.folder / 'broker.pem'}\nkeyfile {self.folder / 'broker.key'}\n"
        )
        config.write_text(
            f"user root\nlog_dest file {self.folder / 'log'}\n"
            f"password_file {self.folder / 'passwords'}\nallow_anonymous false\n"
            f"listener {self.port} 127.0.0.1\n" + (tls if (self.folder / "broker.pem").exists() else "")
        )
        passwords = self.folder / "passwords"
        passwords.touch(mode=0o600)
        subprocess.run(["mosquitto_passwd", "-b", str(passwords), USER, PASSWORD], check=True, capture_output=True)
        self.process = subprocess.Popen(
            [binary, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.folder / "log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()


@dataclass
class Listener:
    """All that a broker says, and what it keeps."""

    heard: list[tuple[str, bytes]] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)

    def payloads(self, topic: str) -> list[bytes]:
        return [payload for at, payload in self.heard if at == topic]


def listen(port: int) -> tuple[Listener, Callable[[], None]]:
    """Subscribed to everything when it returns; the second part ends it."""
    listener, subscribed = Listener(), threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set(USER, PASSWORD)

    def keep(_client: paho.Client, _given: object, message: paho.MQTTMessage) -> None:
        listener.heard.append((message.topic, bytes(message.payload)))
        listener.kept[message.topic] = bytes(message.payload)

    client.on_message = keep
    client.on_connect = lambda *_: client.subscribe("#", qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", port)
    client.loop_start()
    assert subscribed.wait(10)

    def end() -> None:
        client.disconnect()
        client.loop_stop()

    return listener, end
