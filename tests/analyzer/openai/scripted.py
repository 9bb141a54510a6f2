"""A real HTTP server on loopback that speaks chat completions as its script says, and writes down what it was sent.

Takes: a Script, which may be changed while it serves.
Gives: an address, and every request.
Knows nothing about: our engine, but for the last function, which opens one at it."""

import base64
import hashlib
import json
import math
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

from analyzer.engine import Engine
from analyzer.openai.engine import open_engine
from analyzer.openai.options import Options, ServerOptions

VOCABULARY = {"Yes": 11, "yes": 12, "No": 21, "no": 22}
SELF_TEST = ("Is the picture mostly red?", "Which colours")
Fault = Callable[["Handler"], bool]


@dataclass
class Asked:
    """One chat completion as it came."""

    raw: bytes
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def text(self) -> str:
        return self.body["messages"][0]["content"][-1]["text"]

    @property
    def parts(self) -> list[dict[str, Any]]:
        return self.body["messages"][0]["content"][:-1]

    @property
    def pictures(self) -> list[bytes]:
        return [base64.b64decode(part["image_url"]["url"].partition(",")[2]) for part in self.parts]

    @property
    def is_self_test(self) -> bool:
        return any(mark in self.text for mark in SELF_TEST)


def drawn_margin(asked: Asked) -> float:
    """The same for the same pictures and words."""
    drawn = hashlib.sha256(b"".join(asked.pictures) + asked.text.encode()).digest()
    return int.from_bytes(drawn[:4], "big") / 2**32 * 8.0 - 4.0


@dataclass
class Script:
    """How it answers. `gives`: ids, top, or text. `margin`: to a camera's question, `proof_margin`: to the self-test.
    `fault`: runs before an answer to a camera's question; True where it has answered itself. `strict`: refuses fields
    that OpenAI does not know. `ends`: why it ended what it wrote. `raw`: what is answered at a path,
    whatever is asked."""

    gives: str = "ids"
    model: str = "tiny-vl"
    margin: Callable[[Asked], float] = drawn_margin
    proof_margin: Callable[[Asked], float] = drawn_margin
    mass: float = 0.98
    top: Callable[[Asked], list[tuple[str, float]]] | None = None
    words: Callable[[Asked], str] | None = None
    fault: Fault | None = None
    fault_in_self_test: bool = False
    writes: Callable[[Asked], str] | None = None
    strict: bool = False
    ends: str = "stop"
    raw: dict[str, bytes] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body as one packet: apart, each answer waits 40 ms for the client's acknowledgement.
    wbufsize = -1
    server: "ScriptedServer"

    def log_message(self, *_: object) -> None:
        """Silent."""

    def do_GET(self) -> None:
        if self.path in self.server.script.raw:
            return self.give(200, self.server.script.raw[self.path])
        if self.path != "/v1/models":
            return self.give(404, {"error": {"message": "no such path"}})
        card = {"id": self.server.script.model, "object": "model", "root": f"/weights/{self.server.script.model}-r1"}
        self.give(200, {"object": "list", "data": [card]})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers["content-length"]))
        if self.path in self.server.script.raw:
            return self.give(200, self.server.script.raw[self.path])
        body = json.loads(raw)
        script = self.server.script
        if self.path == "/tokenize" and script.gives == "ids":
            known = VOCABULARY.get(body["prompt"])
            return self.give(200, {"count": 1, "max_model_len": 1, "tokens": [known] if known else [1, 2]})
        if self.path != "/v1/chat/completions":
            return self.give(404, {"error": {"message": "no such path"}})
        if body["model"] != script.model:
            return self.give(404, {"error": {"message": f"the model {body['model']} does not exist"}})
        asked = Asked(raw, body, dict(self.headers))
        with self.server.lock:
            self.server.asked.append(asked)
        if script.strict and ("cache_salt" in body or "logprob_token_ids" in body):
            return self.give(400, {"error": {"message": "unrecognized request argument"}})
        if script.fault and (script.fault_in_self_test or not asked.is_self_test) and script.fault(self):
            return None
        self.give(200, _completion(script, asked))

    def give(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


class ScriptedServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script = script
        self.asked: list[Asked] = []
        self.lock = threading.Lock()
        #: set at the end, for faults that wait
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    @property
    def of_cameras(self) -> list[Asked]:
        with self.lock:
            return [asked for asked in self.asked if not asked.is_self_test]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up at its deadline is what is being tested."""


class SocketServer(ScriptedServer):
    address_family = socket.AF_UNIX

    def __init__(self, path: Path) -> None:
        self._path = path
        super().__init__(Script())

    @property
    def url(self) -> str:
        return f"unix://{self._path}"

    def server_bind(self) -> None:
        self.socket.bind(str(self._path))

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        connection, _ = self.socket.accept()
        return connection, ("socket", 0)


@contextmanager
def serving(script: Script | None = None) -> Iterator[ScriptedServer]:
    with running(ScriptedServer(script or Script())) as server:
        yield server


Kind = TypeVar("Kind", bound=ScriptedServer)


@contextmanager
def running(server: Kind) -> Iterator[Kind]:
    """Until the end of the block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        _end(server, thread)


class EngineWithServer:
    """For the contract suite, which closes engines only."""

    def __init__(self) -> None:
        self._server = ScriptedServer(Script())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self._engine: Engine = open_engine(Options((ServerOptions(self._server.url),)))
        self.capabilities = self._engine.capabilities
        self.answer = self._engine.answer

    def close(self) -> None:
        self._engine.close()
        if self._thread.is_alive():
            _end(self._server, self._thread)


def _end(server: ScriptedServer, thread: threading.Thread) -> None:
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _completion(script: Script, asked: Asked) -> dict[str, object]:
    said, logprobs = "Yes", None
    listed = _listed(script, asked)
    if listed is not None:
        said = max(listed, key=lambda one: one[1])[0]
        place = [{"token": token, "logprob": logprob} for token, logprob in listed]
        logprobs = {"content": [{"token": said, "logprob": dict(listed)[said], "top_logprobs": place}]}
    elif script.words:
        said = script.words(asked)
    if script.writes and asked.body["max_tokens"] > 1:
        said = script.writes(asked)
    choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": script.ends}
    return {"id": "1", "object": "chat.completion", "choices": [choice | ({"logprobs": logprobs} if logprobs else {})]}


def _listed(script: Script, asked: Asked) -> list[tuple[str, float]] | None:
    if script.gives == "text" or not asked.body.get("logprobs"):
        return None
    if script.gives == "ids" and "logprob_token_ids" in asked.body:
        yes, no = split(_margin(script, asked), script.mass)
        known = {11: yes - math.log(2), 12: yes - math.log(2), 21: no - math.log(2), 22: no - math.log(2)}
        return [(f"token_id:{number}", known[number]) for number in asked.body["logprob_token_ids"]]
    if script.top:
        return script.top(asked)
    yes, no = split(_margin(script, asked), script.mass)
    return [("Yes", yes), ("No", no), ("The", -9.0)][: asked.body["top_logprobs"]]


def _margin(script: Script, asked: Asked) -> float:
    return script.proof_margin(asked) if asked.is_self_test else script.margin(asked)


def split(margin: float, mass: float) -> tuple[float, float]:
    """Log-probabilities of yes and no with this margin and this mass between them."""
    yes = math.log(mass) - math.log1p(math.exp(-margin))
    return yes, yes - margin
