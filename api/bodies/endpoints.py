"""Endpoints over HTTP.

Takes: where webhooks shall go; the secret's form is checked here.
Gives: endpoints with their URL redacted; the secret once, when it is made.
Knows nothing about: whether the URL may be dialled."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from alerts.formats.choose import Format
from alerts.sign import PREFIX, PRIVATE_PREFIX, SECRET_BYTES, Scheme
from api.bodies.fields import BodyIn, Name, Url
from contracts.plan import Severity
from contracts.through_apprise import SCHEMES

EventType = Literal[
    "incident.opened",
    "incident.updated",
    "incident.ended",
    "incident.retracted",
    "incident.acknowledged",
    "incident.snoozed",
    "camera.offline",
    "camera.online",
    "camera.frozen",
    "camera.covered",
    "analyzer.down",
    "analyzer.behind",
    "analyzer.up",
    "rule.degraded",
    "rule.live",
    "endpoint.disabled",
    "test.ping",
]

_IN: JsonDict = {"name": "phone", "url": "https://hooks.example.com/plainwatch", "event_types": ["incident.opened"]}
_OUT: JsonDict = _IN | {
    "id": "end_01kap3v5c7e8k2m9qs",
    "format": "standard",
    "enabled": True,
    "status": "healthy",
    "created_at": "2026-11-22T09:00:00.000Z",
}


def _secret(text: str) -> str:
    is_private = text.startswith(PRIVATE_PREFIX)
    try:
        raw = base64.b64decode(text.removeprefix(PRIVATE_PREFIX if is_private else PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("write whsec_ or whsk_ and then base64") from error
    if is_private and len(raw) == SECRET_BYTES:
        return text
    if not text.startswith(PREFIX) or not 24 <= len(raw) <= 64:
        raise ValueError(
            "write whsec_ and then the base64 of 24 to 64 random bytes, or whsk_ and that of an ed25519 seed of 32"
        )
    return text


Secret = Annotated[str, Field(max_length=120), AfterValidator(_secret)]
_CONFIRM_HELP = "Allow exactly this private address and port, from now on."
_URL_HELP = (
    "http or https; mqtt or mqtts with the format mqtt; an apprise URL with the format apprise, whose scheme is one of "
    f"{', '.join(SCHEMES)}. Of the last, only the scheme is shown again."
)
_FORMAT_HELP = "Standard Webhooks 1.0, or how a service wants it. apprise: through that package, where it is installed."
_SEVERITY_HELP = "Incidents below it are not told; what has no severity is."


class EndpointIn(BodyIn):
    """A new endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IN]})

    name: Name
    url: Url = Field(description=_URL_HELP)
    format: Format = Field(default="standard", description=_FORMAT_HELP)
    event_types: list[EventType] = Field(default=[], max_length=20, description="Empty means all.")
    min_severity: Severity | None = Field(default=None, description=_SEVERITY_HELP)
    signature: Scheme = Field(default="v1", description="v1: HMAC-SHA256, a shared secret. v1a: ed25519, a public key.")
    secret: Secret | None = Field(default=None, description="Absent: one is made, and shown once.")
    enabled: bool = True
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class EndpointChange(BodyIn):
    """What is given is changed, the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Name | None = None
    url: Url | None = None
    event_types: list[EventType] | None = Field(default=None, max_length=20)
    min_severity: Severity | None = Field(default=None, description=_SEVERITY_HELP + " info lets all pass.")
    secret: Secret | None = Field(default=None, description="Takes the place of the old one at once; else use rotate.")
    enabled: bool | None = None
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class Rotation(BodyIn):
    """A new secret; until the overlap is over, every webhook is signed with both."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_s": 86400}]})

    overlap_s: int = Field(default=86_400, ge=0, le=30 * 86_400, description="0: the old one is worthless at once.")
    signature: Scheme | None = Field(default=None, description="Absent: as before.")
    secret: Secret | None = Field(default=None, description="Absent: one is made, and shown once.")


class EndpointOut(BaseModel):
    """An endpoint; of its URL, what may be a secret is masked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    name: str
    url: str
    format: str
    event_types: list[str]
    min_severity: str | None = None
    signature: str = Field(default="v1", description="v1 or v1a.")
    public_key: str | None = Field(default=None, description="Of v1a: what its signatures are verified with.")
    old_secret_until: str | None = Field(default=None, description="Until then the secret before signs too.")
    enabled: bool
    status: str = Field(description="untried, healthy, failing or disabled.")
    status_reason: str | None = None
    failing_since: str | None = None
    next_probe_at: str | None = Field(
        default=None, description="It failed so often that nothing is sent before; then one delivery is tried."
    )
    created_at: str


class NewEndpointOut(EndpointOut):
    """An endpoint whose secret is new; `secret` is shown this once, where we made it, and never for v1a."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT | {"secret": "whsec_…"}]})

    secret: str | None = None
