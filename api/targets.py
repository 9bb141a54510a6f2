"""Whether an address that somebody entered may be dialled, and its credentials apart from it.

Takes: URLs of cameras and webhooks, the allow-lists, an admin's confirmation.
Gives: CameraAddress, WebhookAddress; the private targets to allow from now on; or Invalid, OutboundRefused.
Knows nothing about: HTTP requests, the database.

Checked here so that the answer comes at once; whoever dials checks again, at the address that it dials."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from alerts.apprise_urls import dialled, scheme_of, shown
from contracts.errors import Invalid, SourceUnreachable
from contracts.outbound import Resolver, parse_allow, pin_address, refusal, resolve
from contracts.redact import redact, split_credentials
from contracts.through_apprise import SCHEMES

CAMERA_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
WEBHOOK_PORTS = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883}
_TOKENLIKE = re.compile(r"[A-Za-z0-9_~.:-]{16,}|bot[0-9]+:.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """An address without credentials; `host` is empty for a file."""

    url: str
    host: str
    port: int
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    secret_path: str = field(default="", repr=False)

    @property
    def credentials(self) -> str:
        """As ingest reads them: "user:password", then, where the path or query holds a secret, a line with these."""
        userinfo = f"{self.user}:{self.password}" if self.user or self.password else ""
        return f"{userinfo}\n{self.secret_path}" if self.secret_path else userinfo


def camera_target(url: str, media_root: Path | None) -> Target:
    """Raises Invalid naming the part that is wrong; never with the credentials in the text."""
    if url.casefold().startswith("file:"):
        return Target(_file_url(url, media_root), "", 0)
    return _target(url, CAMERA_PORTS, "camera", "write rtsp://, rtsps://, http:// or https://, or file:NAME")


def webhook_target(url: str) -> Target:
    """Raises Invalid naming the part that is wrong. Without a host where apprise alone knows it."""
    if scheme_of(url) in SCHEMES:
        far = dialled(url)
        return Target(shown(url), far.host, far.port) if far else Target(shown(url), "", 0)
    return _target(url, WEBHOOK_PORTS, "endpoint", "write https:// or http:// with a host, or mqtt:// for a broker")


def shown_webhook(url: str) -> str:
    """For people: chat services put the secret into path or query, so whatever may be one is masked."""
    if scheme_of(url) in SCHEMES:
        return shown(url)
    parts = urlsplit(split_credentials(url)[0])
    path = "/".join("***" if _TOKENLIKE.fullmatch(part) else part for part in parts.path.split("/"))
    return redact(f"{parts.scheme}://{parts.netloc}{path}{'?***' if parts.query else ''}")


def private_targets(host: str, port: int, allow: Sequence[str], resolver: Resolver = resolve) -> tuple[str, ...]:
    """What an admin would have to allow, as "address:port"; empty where the host may be dialled already.

    Raises OutboundRefused where nobody can allow it, SourceUnreachable where the name does not resolve."""
    known = parse_allow(allow)
    try:
        answers = resolver(host, port)
    except (OSError, UnicodeError) as error:
        raise SourceUnreachable(f"host '{host}' does not resolve", "check the name, or use its address") from error
    addresses = [ipaddress.ip_address(answer.partition("%")[0]) for answer in answers]
    closed = [address for address in addresses if refusal(address, port, known)]
    entries = tuple(f"[{one}]:{port}" if one.version == 6 else f"{one}:{port}" for one in dict.fromkeys(closed))
    # With these allowed, only what is never dialled is still refused.
    pin_address(host, port, parse_allow([*allow, *entries]), lambda *_: answers)
    return entries


def _target(url: str, ports: dict[str, int], subject: str, remedy: str) -> Target:
    scheme = url.partition(":")[0].casefold()
    if scheme not in ports or "://" not in url:
        raise Invalid(f"{subject} '{redact(url)}' has a scheme that is not read, got '{scheme[:20]}'", remedy)
    if any(char.isspace() for char in url):
        raise Invalid(f"{subject} '{redact(url)}' has blanks in its URL", remedy)
    try:
        bare, user, password = split_credentials(url)
        host, port = urlsplit(bare).hostname, urlsplit(bare).port
    except ValueError as error:
        raise Invalid(f"{subject} '{redact(url)}' has a host or port that is none", remedy) from error
    if "***@" in redact(bare):  # a '/', '?' or '#' in a password ends the host too early, and bares the rest
        raise Invalid(
            f"{subject} '{redact(url)}' has an '@' that is not the one before its host",
            "percent-encode user, password and path: @ is %40, / is %2F, ? is %3F, # is %23",
        )
    if not host:
        raise Invalid(f"{subject} '{redact(url)}' names no host", remedy)
    if ":" in user:
        raise Invalid(f"{subject} '{redact(url)}' has a colon in its user", "no camera takes such a user")
    shown, parts = redact(bare), urlsplit(bare)
    secret_path = urlunsplit(("", "", parts.path, parts.query, "")) if shown != bare else ""
    return Target(shown, host, port if port is not None else ports[scheme], user, password, secret_path)


def _file_url(url: str, media_root: Path | None) -> str:
    name = url[len("file:") :]
    if media_root is None:
        raise Invalid(f"camera 'file:{name}' is a file, and no media root is set", "set PLAINWATCH_MEDIA_ROOT")
    if not name.strip("/"):
        raise Invalid("camera 'file:' names no file", "write file:NAME, a file under the media root")
    return f"file:{name}"
