"""Endpoints over HTTP.

Takes: where webhooks shall go; the secret's form is checked here.
Gives: endpoints with their URL redacted; the secret once, when it is made.
Knows nothing about: whether the URL may be dialled."""

import base64
import binascii
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from alerts.sign import PREFIX
from api.bodies.fields import BodyIn, Name, Url

EventType = Literal[
    "incident.opened",
    "incident.updated",
    "incident.ended",
    "incident.retracted",
    "incident.acknowledged",
    "camera.offline",
    "camera.online",
    "camera.frozen",
    "camera.covered",
    "analyzer.down",
    "analyzer.behind",
    "rule.degraded",
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
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("write whsec_ and then base64") from error
    if not text.startswith(PREFIX) or not 24 <= len(raw) <= 64:
        raise ValueError("write whsec_ and then the base64 of 24 to 64 random bytes")
    return text


Secret = Annotated[str, Field(max_length=120), AfterValidator(_secret)]
_CONFIRM_HELP = "Allow exactly this private address and port, from now on."


class EndpointIn(BodyIn):
    """A new endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [_IN]})

    name: Name
    url: Url = Field(description="http or https.")
    format: Literal["standard"] = Field(default="standard", description="Standard Webhooks 1.0.")
    event_types: list[EventType] = Field(default=[], max_length=20, description="Empty means all.")
    secret: Secret | None = Field(default=None, description="Absent: one is made, and shown once.")
    enabled: bool = True
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class EndpointChange(BodyIn):
    """What is given is changed, the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"enabled": False}]})

    name: Name | None = None
    url: Url | None = None
    event_types: list[EventType] | None = Field(default=None, max_length=20)
    secret: Secret | None = None
    enabled: bool | None = None
    confirm_private: bool = Field(default=False, description=_CONFIRM_HELP)


class EndpointOut(BaseModel):
    """An endpoint; of its URL, what may be a secret is masked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT]})

    id: str
    name: str
    url: str
    format: str
    event_types: list[str]
    enabled: bool
    status: str = Field(description="untried, healthy, failing or disabled.")
    status_reason: str | None = None
    failing_since: str | None = None
    created_at: str


class NewEndpointOut(EndpointOut):
    """An endpoint that was just made; `secret` is shown this once, and only where we made it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUT | {"secret": "whsec_…"}]})

    secret: str | None = None
