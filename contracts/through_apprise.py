"""What is told through apprise: to which services, and what its process is asked and answers.

Takes: nothing.
Gives: the schemes that are let through, Order, Verdict.
Knows nothing about: apprise, who sends.

Apprise speaks to some 150 services. Here stand those that are a few requests over HTTP, or a mail, and nothing
else: no files, no programs, no desktop, no state to keep."""

import msgspec

#: the host stands in the URL; where no port does, it is this
HOSTED = {
    "json": 80,
    "jsons": 443,
    "mailto": 25,
    "mailtos": 587,
    "gotify": 80,
    "gotifys": 443,
    "bark": 80,
    "barks": 443,
    "hassio": 8123,
    "hassios": 443,
    "mmost": 80,
    "mmosts": 443,
    "nctalk": 80,
    "nctalks": 443,
    "rocket": 80,
    "rockets": 443,
    "signal": 80,
    "signals": 443,
    "synology": 80,
    "synologys": 443,
}
#: one host on the internet, which apprise knows; where others have a host, a secret stands in the URL
FIXED = (
    "dingtalk",
    "feishu",
    "gchat",
    "ifttt",
    "lark",
    "line",
    "pagerduty",
    "pbul",
    "pover",
    "prowl",
    "schan",
    "twilio",
    "wecombot",
    "wxteams",
    "zulip",
)
SCHEMES = (*HOSTED, *FIXED)


class Order(msgspec.Struct, frozen=True):
    """One message to one URL. `allow`: the outbound policy, as contracts.outbound.parse_allow reads it."""

    url: str
    title: str
    body: str
    kind: str
    allow: tuple[str, ...]
    timeout_s: float


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """`problem`: what apprise or the fence around it said; it may hold parts of the URL."""

    ok: bool
    problem: str = ""
