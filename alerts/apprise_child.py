"""The process in which apprise runs: one order, one message, one verdict.

Takes: an Order on standard input.
Gives: a Verdict on standard output.
Knows nothing about: the database, settings, secrets other than the order's URL.

Apprise resolves and dials by itself, so it does so behind a fence and with nothing around it worth stealing. Started by
alerts.apprise_events alone."""

import logging
import os
import signal
import sys
from math import ceil

import msgspec

from alerts.fence import Fence
from contracts.outbound import parse_allow
from contracts.through_apprise import SCHEMES, Order, Verdict

SAID_MOST = 3
PROBLEM_MAX_CHARS = 500


class _Said(logging.Handler):
    """What apprise warned of: the reason stands in its log and nowhere else."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Without tracebacks: they are of no use to whoever reads a delivery's log."""
        self.lines.append(record.getMessage())


def main() -> None:
    """Ends by itself should whoever started it be killed meanwhile."""
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    signal.alarm(ceil(order.timeout_s) + 1)
    answer_to = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no verdict
    fence = Fence(parse_allow(order.allow))
    fence.put_up()
    os.write(answer_to, msgspec.json.encode(_told(order, fence)))
    os._exit(0)  # threads of apprise may still wait for somebody


def _told(order: Order, fence: Fence) -> Verdict:
    said = _Said()
    logging.getLogger("apprise").addHandler(said)
    is_read, ok = _notified(order)
    if ok:
        return Verdict(True)
    if fence.refused:
        problem = fence.refused[0]
    elif not is_read:
        problem = "apprise cannot read this URL: compare it with appriseit.com/services"
    else:
        problem = "; ".join(said.lines[-SAID_MOST:]) or "apprise says that it failed, and not why"
    return Verdict(False, problem[:PROBLEM_MAX_CHARS])


def _notified(order: Order) -> tuple[bool, bool]:
    """(whether the URL could be read, whether the message was taken)."""
    # Behind the fence: its imports look around too.
    import apprise
    import requests
    from apprise.manager_plugins import NotificationManager

    # As for webhooks: what is not followed need not be trusted.
    requests.Session.get_redirect_target = lambda *_: None  # type: ignore[method-assign]
    NotificationManager().enable_only(*SCHEMES)  # type: ignore[no-untyped-call]
    asset = apprise.AppriseAsset(app_id="Plainwatch", async_mode=False)
    # Not add(url): it takes a list of URLs, split at commas.
    service = apprise.Apprise.instantiate(order.url, asset=asset)
    if service is None:
        return False, False
    if "overflow=" not in order.url:
        service.overflow_mode = apprise.OverflowMode.SPLIT
    sender = apprise.Apprise(asset=asset)
    sender.add(service)
    result = sender.notify(
        body=order.body,
        title=order.title,
        notify_type=order.kind,
        body_format=apprise.NotifyFormat.TEXT,
    )
    return True, bool(result)


if __name__ == "__main__":
    main()
