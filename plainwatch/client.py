"""The API, as the command line and the demo use it.

Takes: the address and a key.
Gives: JSON objects; PlainwatchError with the server's words where it refuses.
Knows nothing about: terminals."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

from contracts.errors import (
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    PlainwatchError,
    Refused,
    SourceError,
    Unavailable,
)

TIMEOUT_S = 30.0
_BY_CODE = {kind.code: kind for kind in (Conflict, Invalid, NotAllowed, NotFound, Unavailable)}

Json = dict[str, Any]


class ApiClient:
    """One connection pool; every call ends within TIMEOUT_S."""

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        self._http = httpx2.Client(
            base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=TIMEOUT_S, trust_env=False
        )

    def close(self) -> None:
        """Safe to call twice."""
        self._http.close()

    def get(self, path: str, **query: str) -> Json:
        """Raises PlainwatchError."""
        return self._call("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, object] | None = None) -> Json:
        """Raises PlainwatchError."""
        return self._call("POST", path, body=body or {})

    def patch(self, path: str, body: Mapping[str, object]) -> Json:
        """Raises PlainwatchError."""
        return self._call("PATCH", path, body=body)

    def delete(self, path: str) -> Json:
        """Raises PlainwatchError."""
        return self._call("DELETE", path)

    def items(self, path: str, **query: str) -> Iterator[Json]:
        """All pages of a list, one item after another."""
        cursor = ""
        while True:
            page = self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            yield from page["items"]
            cursor = page.get("next_cursor", "")
            if not cursor:
                return

    def picture(self, url: str) -> bytes:
        """Behind a signed link that this server gave; its own address counts, not the one in the link."""
        parts = urlsplit(url)
        try:
            answer = self._http.get(f"{parts.path}?{parts.query}")
        except httpx2.HTTPError as error:
            raise self._no_answer(error) from error
        if answer.is_success:
            return bytes(answer.content)
        raise _refusal(answer)

    def is_ready(self) -> bool:
        """Whether every room gives signs of life."""
        try:
            return bool(self._http.get("/health").json().get("status") == "ok")
        except (httpx2.HTTPError, ValueError):
            return False

    def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Json:
        try:
            answer = self._http.request(method, f"/api/v1{path}", params=query, json=body)
        except httpx2.HTTPError as error:
            raise self._no_answer(error) from error
        if answer.is_success:
            return dict(answer.json()) if answer.content else {}
        raise _refusal(answer)

    def _no_answer(self, error: httpx2.HTTPError) -> Unavailable:
        return Unavailable(
            f"the API at {self.address} does not answer ({type(error).__name__})",
            "start it with ./run up, or name another with --api",
        )


def key_from(data_dir: Path) -> str:
    """The key that `up` wrote for the command line. Raises NotAllowed where there is none."""
    try:
        return (data_dir / "cli.key").read_text().strip()
    except OSError as error:
        raise NotAllowed(
            f"no key: '{data_dir / 'cli.key'}' cannot be read", "run ./run up there first, or set PLAINWATCH_KEY"
        ) from error


def _refusal(answer: httpx2.Response) -> PlainwatchError:
    try:
        problem: Json = answer.json()
    except ValueError:
        return PlainwatchError(f"the API answered {answer.status_code} and no reason")
    kind = _BY_CODE.get(str(problem.get("code")), _class_of(answer.status_code, str(problem.get("code", ""))))
    detail = str(problem.get("detail") or problem.get("title") or answer.status_code)
    remedy = str(problem.get("remedy") or "")
    return kind(detail.removesuffix(f"; {remedy}") if remedy else detail, remedy)


def _class_of(status: int, code: str) -> type[PlainwatchError]:
    if code.startswith("source"):
        return SourceError
    if status in (401, 403):
        return NotAllowed
    return Unavailable if status >= 500 else Refused
