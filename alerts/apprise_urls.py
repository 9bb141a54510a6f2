"""Apprise's URLs, as far as they say where a message goes.

Takes: an endpoint's URL.
Gives: the host and port that it names; Invalid where it is none that we let through, never with the URL in it.
Knows nothing about: apprise, connections, what else the services want in their URLs.

Apprise reads the URL anew and in its own way: what counts is the address that it dials, which the fence judges."""

import re
from dataclasses import dataclass
from importlib.util import find_spec
from urllib.parse import parse_qs, unquote, urlsplit

from contracts.errors import Invalid, Refused
from contracts.through_apprise import FIXED, HOSTED, SCHEMES

_SCHEME = re.compile(r"([a-z][a-z0-9]{1,19})://", re.IGNORECASE)
_SMTP_PORTS = {"insecure": 25, "starttls": 587, "ssl": 465}
#: shorter parts are no secrets, and stand in words
_PART_MIN = 4
_ENCODE = "percent-encode user, password and path: @ is %40, / is %2F, ? is %3F, # is %23"


@dataclass(frozen=True, slots=True)
class Dialled:
    """Where the URL says that it goes."""

    host: str
    port: int


def scheme_of(url: str) -> str:
    """In small letters; "" where it has none."""
    found = _SCHEME.match(url)
    return found[1].casefold() if found else ""


def require_apprise() -> None:
    """Raises Refused where the package is not installed."""
    if find_spec("apprise") is None:
        raise Refused(
            "endpoints of the format apprise need the package apprise",
            "install plainwatch[apprise], or: python3 -m pip --python .venv/bin/python install 'apprise<3'",
        )


def dialled(url: str) -> Dialled | None:
    """None where the service has one host, which apprise knows. Raises Invalid."""
    scheme = scheme_of(url)
    if scheme not in SCHEMES:
        raise Invalid(
            f"endpoint's scheme '{scheme}://' is none that goes through apprise here",
            f"write one of {', '.join(SCHEMES)}; "
            "slack, discord, teams, telegram, ntfy, alertmanager and mqtt are formats of their own",
        )
    if any(char.isspace() for char in url):
        raise Invalid("endpoint's URL has blanks in it", "percent-encode them: a blank is %20")
    try:
        parts = urlsplit(url)
        if scheme in FIXED:
            return None
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise Invalid("endpoint's URL has a host or port that is none", _ENCODE) from error
    asked = parse_qs(parts.query)
    if scheme.startswith("mailto"):
        host = asked.get("smtp", [host or ""])[0]
        port = port or _SMTP_PORTS.get(asked.get("mode", [""])[0].casefold())
    if not host:
        raise Invalid(f"endpoint's URL names no host after {scheme}://", _ENCODE)
    return Dialled(host, port if port is not None else HOSTED[scheme])


def shown(url: str) -> str:
    """For people: any other part may be the secret."""
    return f"{scheme_of(url)}://***"


def without_parts(text: str, url: str) -> str:
    """What apprise said, without what stands in a URL that `dialled` took, but for the host that is dialled."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    pieces = [*re.split("[:@]", user), *parts.path.split("/"), *re.split("[&=,;]", parts.query), parts.fragment]
    pieces += [] if scheme_of(url) in HOSTED else host.split(":")
    secrets = {form for piece in pieces for form in (piece, unquote(piece)) if len(form) >= _PART_MIN}
    for secret in sorted(secrets, key=len, reverse=True):
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return text
