"""What the engine is told: which servers, which model, how much at once, and which machines count as ours.

Takes: the settings.
Gives: Options; ConfigError that names the setting.
Knows nothing about: HTTP."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from analyzer.boxes import Convention
from analyzer.openai.fitted import Budget
from contracts.errors import ConfigError
from contracts.outbound import Network
from contracts.redact import redact
from contracts.settings import Settings, comma_list

UNIX = "unix"
#: pixels of a side of what becomes one token: patches of 14 or 16 pixels, merged by two
QWEN_2_5_SIDE, QWEN_3_SIDE = 28, 32
NO_KEY = SecretStr("")
THIS_MACHINE: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """One server. `url`: up to and with the version, as http://host:8000/v1; or `unix:///path` for a socket."""

    url: str
    api_key: SecretStr = NO_KEY

    @property
    def shown(self) -> str:
        """For people to read."""
        return redact(self.url)

    @property
    def socket_path(self) -> str | None:
        """Where it listens, if that is a file."""
        parts = urlsplit(self.url)
        return parts.path if parts.scheme == UNIX else None

    @property
    def base(self) -> str:
        """What requests are addressed to; `/tokenize` stands beside, not under, the version."""
        return "http://localhost/v1" if self.socket_path else self.url


@dataclass(frozen=True, slots=True)
class Options:
    """`servers`: in order of preference, all with one model. `boxes`: how that model writes coordinates.
    `visual_tokens`: what a picture may become."""

    servers: tuple[ServerOptions, ...]
    model: str = ""
    revision: str = ""
    boxes: Convention = "relative_1000"
    visual_tokens: int = 256
    at_once: int = 8
    deadline_s: float = 20.0
    rest_s: float = 5.0
    prove_within_s: float = 60.0
    local_networks: tuple[Network, ...] = THIS_MACHINE

    @property
    def budget(self) -> Budget:
        """Of one picture. Only Qwen2.5-VL writes pixels; there the patch must be its own, elsewhere it may be near."""
        return Budget(self.visual_tokens, QWEN_2_5_SIDE if self.boxes == "absolute_pixels" else QWEN_3_SIDE)


def from_settings(settings: Settings) -> Options:
    """Raises ConfigError."""
    urls = comma_list(settings.openai_url)
    if not urls:
        raise ConfigError(
            "setting PLAINWATCH_OPENAI_URL: the engine openai needs a server, got none",
            "give its address, such as http://127.0.0.1:8000/v1",
        )
    keys = comma_list(settings.openai_api_key.get_secret_value()) or ("",)
    if len(keys) not in (1, len(urls)):
        raise ConfigError(
            f"setting PLAINWATCH_OPENAI_API_KEY: {len(keys)} keys for {len(urls)} servers",
            "give one for all, or one for each",
        )
    if len(keys) < len(urls):
        keys *= len(urls)
    return Options(
        tuple(ServerOptions(_checked_url(url), SecretStr(key)) for url, key in zip(urls, keys, strict=True)),
        model=settings.openai_model,
        revision=settings.openai_revision,
        boxes=settings.openai_boxes,
        visual_tokens=settings.vlm_visual_tokens,
        at_once=settings.openai_concurrency,
        deadline_s=settings.answer_deadline_s,
        local_networks=THIS_MACHINE + tuple(_network(text) for text in comma_list(settings.openai_local)),
    )


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == UNIX and parts.path.startswith("/"):
        return url
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(
            f"setting PLAINWATCH_OPENAI_URL: '{redact(url)}' is no server's address",
            "write http://host:8000/v1, https://host/v1 or unix:///path/to/socket",
        )
    if "@" in parts.netloc:
        raise ConfigError(
            f"setting PLAINWATCH_OPENAI_URL: '{redact(url)}' holds a password", "give it as PLAINWATCH_OPENAI_API_KEY"
        )
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") or "/v1"))


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise ConfigError(
            f"setting PLAINWATCH_OPENAI_LOCAL: '{text}' is not a network", "write 10.1.2.0/24, or leave it empty"
        ) from error
