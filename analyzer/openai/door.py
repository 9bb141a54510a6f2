"""One server's door: a request in, the body of its answer out, within a time and a size.

Takes: an address and a key; requests as bytes.
Gives: bytes, or the failure that says whose fault it is; at most one retry, and only where that can help. A place among
the requests under way is held while one is under way, never while a pause is waited for.
Knows nothing about: models, pictures, scores.

Never follows a redirect and asks no proxy: a picture goes to the machine that was named, or nowhere. Where it must stay
on our own machines, the name is resolved, checked, and exactly the checked address is dialled."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx2
import msgspec

from analyzer.openai.failures import ConnectionLost, NotLocal, RequestRefused, ServerBusy, ServerFailed, TooLate
from analyzer.openai.options import ServerOptions
from analyzer.openai.terms import Terms, place
from analyzer.openai.wire import decoded
from contracts.outbound import Network
from contracts.redact import scrub

ANSWER_MAX_BYTES = 1 << 20
CONNECT_WITHIN_S = 3.0
BUSY_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
_SAID_CHARACTERS = 160
#: about this request alone
_REFUSED = frozenset({400, 413, 415, 422})

Luck = Callable[[], float]


class Door:
    """Belongs to one event loop. `luck`: -1 to 1. `clock`: for the pauses that the server asks for."""

    def __init__(
        self,
        server: ServerOptions,
        *,
        at_once: int,
        local_networks: Sequence[Network],
        luck: Luck,
        clock: Callable[[], float],
    ) -> None:
        self._server = server
        self._local_networks = local_networks
        self._luck = luck
        self._clock = clock
        self._not_before = 0.0
        self._client = httpx2.AsyncClient(
            transport=httpx2.AsyncHTTPTransport(
                uds=server.socket_path,
                verify=httpx2.create_ssl_context(trust_env=False),
                # One more, for the self-test.
                limits=httpx2.Limits(max_connections=at_once + 1, max_keepalive_connections=at_once + 1),
                trust_env=False,
            ),
            headers=_headers(server),
            timeout=httpx2.Timeout(None, connect=CONNECT_WITHIN_S),
            follow_redirects=False,
            trust_env=False,
        )

    async def close(self) -> None:
        """Safe to call twice."""
        await self._client.aclose()

    async def get(self, url: str, *, until: float) -> bytes:
        """`until`: of the loop's clock. Raises ServerFailed, RequestRefused."""
        return await self._ask(httpx2.Request("GET", url, headers=self._client.headers), Terms(until))

    async def post(self, url: str, body: bytes, terms: Terms) -> bytes:
        """Raises NotLocal before anything is sent, where `keep_local` and the server is no machine of ours."""
        address = await self._local_address(terms.until) if terms.keep_local else None
        return await self._ask(self._request(url, body, address), terms)

    @property
    def pause_s(self) -> float:
        """How much is left of the pause that the server asked for."""
        return max(0.0, self._not_before - self._clock())

    def _request(self, url: str, body: bytes, address: str | None) -> httpx2.Request:
        target = httpx2.URL(url)
        headers = {**self._client.headers, "content-type": "application/json"}
        extensions = {}
        if address is not None:
            headers["host"] = target.netloc.decode("ascii")
            extensions["sni_hostname"] = target.host
            target = target.copy_with(host=address)
        return httpx2.Request("POST", target, headers=headers, content=body, extensions=extensions)

    async def _ask(self, request: httpx2.Request, terms: Terms) -> bytes:
        """Twice at most: where the connection broke, or the server said when to come again. One pause at most."""
        loop = asyncio.get_running_loop()
        paused = await self._hold_back(terms)
        try:
            return await self._once(request, terms)
        except ServerBusy as busy:
            if paused or terms.spare:
                raise
            failure: ServerFailed = busy
            pause_s = busy.again_in_s * (1.0 + 0.25 * abs(self._luck()))
        except ConnectionLost as lost:
            pause_s, failure = 0.05 * abs(self._luck()), lost
        if loop.time() + pause_s >= terms.until:
            raise failure
        await asyncio.sleep(pause_s)
        return await self._once(request, terms)

    async def _hold_back(self, terms: Terms) -> bool:
        """What one request was told counts for all. Whether it was waited for."""
        wait_s = self.pause_s
        if wait_s <= 0:
            return False
        if terms.spare or asyncio.get_running_loop().time() + wait_s >= terms.until:
            raise self._asked_for(wait_s)
        await asyncio.sleep(wait_s * (1.0 + 0.1 * abs(self._luck())))
        return True

    async def _once(self, request: httpx2.Request, terms: Terms) -> bytes:
        async with place(terms, self._name):
            if terms.spare and self.pause_s > 0:
                # It was told to another while this one waited for its place.
                raise self._asked_for(self.pause_s)
            async with self._failures(terms.until):
                answer = await self._client.send(request, stream=True)
                try:
                    body = await self._read(answer)
                finally:
                    await answer.aclose()
        self._judge(answer, body)
        return body

    @asynccontextmanager
    async def _failures(self, until: float) -> AsyncIterator[None]:
        """httpx2's errors and the clock's become ours; the texts of theirs may hold what we sent."""
        loop = asyncio.get_running_loop()
        begun_s = loop.time()
        try:
            async with asyncio.timeout_at(until):
                yield
        except TimeoutError as error:
            problem = f"deadline: {self._name} gave no answer in time"
            raise TooLate(problem, "give it fewer questions", had_s=loop.time() - begun_s) from error
        except httpx2.ConnectTimeout as error:
            raise ServerFailed(f"{self._name} does not answer", "start it, or correct its address") from error
        except httpx2.ConnectError as error:
            problem = f"{self._name} cannot be reached: {scrub(str(error))[:_SAID_CHARACTERS]}"
            raise ServerFailed(problem, "start it, or correct its address") from error
        except httpx2.TransportError as error:
            raise ConnectionLost(
                f"{self._name} broke the connection: {type(error).__name__}", "look at its log"
            ) from error

    async def _read(self, answer: httpx2.Response) -> bytes:
        body = bytearray()
        async for part in answer.aiter_raw():
            body += part
            if len(body) > ANSWER_MAX_BYTES:
                raise ServerFailed(
                    f"{self._name} answered with more than {ANSWER_MAX_BYTES >> 20} MiB", "this is no model's answer"
                )
        return bytes(body)

    def _judge(self, answer: httpx2.Response, body: bytes) -> None:
        """Returns for 200 only."""
        status = answer.status_code
        if status == HTTPStatus.OK:
            return
        said = self._said(body)
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            # What it says here may repeat the key.
            raise ServerFailed(f"{self._name} refuses our key: answered {status}", "correct PLAINWATCH_OPENAI_API_KEY")
        again = answer.headers.get("retry-after")
        if status == HTTPStatus.TOO_MANY_REQUESTS or (status == HTTPStatus.SERVICE_UNAVAILABLE and again):
            wait_s = _wait_s(again)
            self._not_before = max(self._not_before, self._clock() + wait_s)
            problem = f"{self._name} is busy: answered {status}{said}"
            raise ServerBusy(problem, "ask it less, or add servers", again_in_s=wait_s)
        if answer.is_redirect:
            raise ServerFailed(
                f"{self._name} answered {status}: redirects are not followed", "give its final address"
            )
        if status == HTTPStatus.NOT_FOUND:
            raise ServerFailed(
                f"{self._name} answered 404{said}", "give its address up to and with /v1, and a model that it has"
            )
        if status in _REFUSED:
            raise RequestRefused(f"{self._name} refused the question: answered {status}{said}", "look at its log")
        raise ServerFailed(f"{self._name} answered {status}{said}", "look at its log")

    def _said(self, body: bytes) -> str:
        """The beginning of a server's complaint, on one line and without our key."""
        text = " ".join(_complaint(body).split())
        key = self._server.api_key.get_secret_value()
        text = scrub(text.replace(key, "***") if key else text)[:_SAID_CHARACTERS]
        return f": {text}" if text else ""

    async def _local_address(self, until: float) -> str | None:
        """None for a socket file: there is nothing to resolve. Raises NotLocal unless every address is ours."""
        if self._server.socket_path:
            return None
        target = httpx2.URL(self._server.base)
        port = target.port or (443 if target.scheme == "https" else 80)
        loop = asyncio.get_running_loop()
        async with self._failures(until):
            try:
                found = await loop.getaddrinfo(target.host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise ServerFailed(f"{self._name}: its name does not resolve", "correct its address") from error
        addresses = [str(one[4][0]).partition("%")[0] for one in found]
        if not all(self._is_local(address) for address in addresses):
            raise NotLocal(
                f"camera forbids sending pictures to '{target.host}'",
                "allow it for the camera, or name the server's network in PLAINWATCH_OPENAI_LOCAL",
            )
        return addresses[0]

    def _is_local(self, text: str) -> bool:
        address = ipaddress.ip_address(text)
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in network for network in self._local_networks if network.version == address.version)

    def _asked_for(self, wait_s: float) -> ServerBusy:
        return ServerBusy(f"{self._name} asked for a pause of {wait_s:.0f} s", "", again_in_s=wait_s)

    @property
    def _name(self) -> str:
        return f"server '{self._server.shown}'"


def _headers(server: ServerOptions) -> dict[str, str]:
    key = server.api_key.get_secret_value()
    # Not compressed: the bound on an answer's size is then the bound on our memory.
    plain = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "Plainwatch"}
    return plain | ({"authorization": f"Bearer {key}"} if key else {})


def _wait_s(retry_after: str | None) -> float:
    """The form with a date is rare, and clocks differ: it counts as no word."""
    # Not isdigit: "²" is a digit, and no number.
    if retry_after is None or not retry_after.strip().isdecimal():
        return BUSY_WAIT_S
    return min(float(retry_after), LONGEST_WAIT_S)


class _Detail(msgspec.Struct, frozen=True):
    message: str = ""


class _Complaint(msgspec.Struct, frozen=True):
    """`error` is OpenAI's and vLLM's; some servers give a plain text there."""

    error: _Detail | str = ""


_complaints = msgspec.json.Decoder(_Complaint)


def _complaint(body: bytes) -> str:
    try:
        error = decoded(_complaints, body).error
    except msgspec.DecodeError:
        return ""
    return error if isinstance(error, str) else error.message
