"""Which camera addresses we read, checked before anything is dialled or opened.

Takes: a camera's URL, its credentials, the media root, the allow-list.
Gives: Address with the one host address to dial, or a file that certainly lies under the media root.
Knows nothing about: sockets, FFmpeg."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from contracts.errors import Invalid, SourceUnsupported
from contracts.outbound import Allowed, Resolver, pin_address, resolve
from contracts.redact import join_credentials, redact, split_credentials

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
SCHEMES = (*DEFAULT_PORTS, "file")
_WRITE = "write rtsp://, rtsps://, http:// or https:// with a host, or file:NAME"
_URL_MAX = 2048


@dataclass(frozen=True, slots=True)
class Address:
    """One camera's address. `ip` is what gets dialled; `target` is path and query, as the camera names them."""

    scheme: str
    host: str = ""
    port: int = 0
    ip: str = ""
    target: str = field(default="/", repr=False)
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    file: Path | None = None

    @property
    def shown(self) -> str:
        """For people: no credentials."""
        if self.file is not None:
            return f"file:{self.file.name}"
        return redact(f"{self.scheme}://{_bracketed(self.host)}:{self.port}{self.target}")

    @property
    def bare_url(self) -> str:
        """Without credentials and with the host's name: what RTSP and HTTP requests carry."""
        return f"{self.scheme}://{_bracketed(self.host)}:{self.port}{self.target}"

    @property
    def pinned_url(self) -> str:
        """With the checked address in place of the name and with credentials: for FFmpeg only, never for display."""
        return join_credentials(
            f"{self.scheme}://{_bracketed(self.ip)}:{self.port}{self.target}", self.user, self.password
        )


def read_address(
    url: str,
    *,
    credentials: str = "",
    media_root: Path | None,
    allow: Sequence[Allowed],
    resolver: Resolver = resolve,
) -> Address:
    """`credentials`: "user:password", then a line with path and query where these hold a secret.

    Raises Invalid, SourceUnsupported, OutboundRefused or SourceUnreachable."""
    shown = redact(url)
    if len(url) > _URL_MAX or any(ord(character) < 33 or ord(character) == 127 for character in url):
        raise Invalid(f"camera '{shown[:200]}' has blanks, control characters or too many letters in its URL", _WRITE)
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        return Address("file", file=_file_under(media_root, url[len("file:") :]))
    if scheme not in DEFAULT_PORTS:
        raise SourceUnsupported(f"camera '{shown}' has a scheme that is not read, got '{scheme[:20]}'", _WRITE)
    try:
        bare, user, password = split_credentials(url)
    except ValueError:
        # `from None`: what urlsplit says may quote the password
        raise Invalid(f"camera '{shown}' has a host or port that is none", _WRITE) from None
    userinfo, _, secret_path = credentials.partition("\n")
    if userinfo:
        user, _, password = userinfo.partition(":")
    if not (user + password + secret_path).isprintable():
        raise Invalid(f"camera '{shown}' has control characters in its user or password", "enter them again")
    host, port = _host_and_port(bare, shown)
    parts = urlsplit(bare)
    target = secret_path or (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    ip = pin_address(host, port, allow, resolver)
    return Address(scheme, host, port, ip, target, user, password)


def _host_and_port(bare: str, shown: str) -> tuple[str, int]:
    try:
        parts = urlsplit(bare)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Invalid(f"camera '{shown}' has a host or port that is none", _WRITE) from None
    if not host:
        raise Invalid(f"camera '{shown}' names no host", _WRITE)
    return host, port or DEFAULT_PORTS[parts.scheme.lower()]


def _file_under(media_root: Path | None, name: str) -> Path:
    """Resolved first, so neither '..' nor a symbolic link leads out."""
    name = unquote(name.removeprefix("//"))
    if media_root is None:
        raise Invalid(
            f"camera 'file:{name}' is a file, and no media root is set", "set PLAINWATCH_MEDIA_ROOT to the folder"
        )
    if not name or "\x00" in name:
        raise Invalid("camera 'file:' names no file", "write file:NAME, a file under the media root")
    root = media_root.resolve()
    found = (root / name).resolve()
    if not found.is_relative_to(root):
        raise Invalid(f"camera 'file:{name}' lies outside the media root", "move the file into the media root")
    if not found.is_file():
        raise Invalid(f"camera 'file:{name}' is not there", "put the file into the media root, or correct its name")
    return found


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
