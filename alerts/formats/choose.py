"""The formats there are, by name.

Takes: a format's name, an endpoint's URL.
Gives: Service; None for those that are no conversion of a POST; Invalid for a URL that the format cannot use, Refused
where it needs a package that is missing.
Knows nothing about: what a service wants."""

from typing import Literal, get_args

from alerts.apprise_urls import dialled, require_apprise
from alerts.formats.alertmanager import ALERTMANAGER
from alerts.formats.discord import DISCORD
from alerts.formats.ntfy import NTFY
from alerts.formats.request import Service
from alerts.formats.slack import SLACK
from alerts.formats.teams import TEAMS
from alerts.formats.telegram import TELEGRAM
from alerts.mqtt_topics import broker_of
from contracts.errors import Invalid
from contracts.through_apprise import SCHEMES

Format = Literal["standard", "slack", "discord", "teams", "telegram", "ntfy", "alertmanager", "mqtt", "apprise"]
FORMATS: tuple[Format, ...] = get_args(Format)
SERVICES = {service.name: service for service in (SLACK, DISCORD, TEAMS, TELEGRAM, NTFY, ALERTMANAGER)}

#: what arrives last there stands: an event must never be overtaken by the one after it
LEVEL_FORMATS = frozenset(service.name for service in SERVICES.values() if service.level) | {"mqtt"}
#: one delivery after another: a service that hangs holds one of apprise's few processes, and not all
IN_TURN = LEVEL_FORMATS | {"apprise"}


def service_of(name: str) -> Service | None:
    """None: standard and mqtt, whose body is our own, and apprise, which makes its requests itself."""
    return SERVICES.get(name)


def check_url(name: str, url: str) -> None:
    """Raises Invalid with the way to write it; never with the URL, which holds a secret."""
    if name == "apprise":
        require_apprise()
        dialled(url)
        return
    scheme = url.partition(":")[0].casefold()
    is_mqtt = scheme in ("mqtt", "mqtts")
    if is_mqtt != (name == "mqtt") or scheme in SCHEMES:
        raise Invalid(
            f"endpoint's format '{name}' does not go with its URL's scheme",
            "write mqtt:// or mqtts:// with the format mqtt, apprise's schemes with the format apprise, "
            "https:// or http:// with any other",
        )
    if is_mqtt:
        try:
            broker_of(url)
        except ValueError as error:
            raise Invalid("endpoint's URL is none of mqtt", str(error)) from error
    service = service_of(name)
    wrong = service.check(url) if service else ""
    if wrong:
        raise Invalid(f"endpoint's URL is none of {name}", wrong)
