"""Everything that may go wrong on purpose, as one tree.

PlainwatchError
├ ConfigError          a setting is wrong; never retried
├ Refused              a request that we understand and will not do
│ ├ RuleRefused        no picture can show it
│ ├ OutboundRefused    the address is not one we may dial
│ └ NotAllowed         the key is missing, wrong, or lacks the scope
├ Invalid              a request that we do not understand
├ NotFound · Conflict
├ SourceError          a camera does not give pictures
│ ├ SourceUnreachable  retried with backoff
│ ├ SourceUnauthorized retried slowly: cameras lock out
│ └ SourceUnsupported  the stream is there and we cannot read it
├ EngineError          a model cannot be loaded or run
└ Unavailable          something of our own is away
  ├ BusUnreachable     Redis or Valkey does not answer
  ├ BusFull            Redis or Valkey refuses writes (maxmemory, disk)
  ├ StoreUnreachable   the database does not answer, or its disk is full
  └ JobTimedOut        no worker answered a job before its deadline

Takes: a message 'subject, problem, got' and a remedy.
Gives: exceptions whose class decides retry, HTTP status and exit code.
Knows nothing about: who raises or catches them."""

from typing import ClassVar


class PlainwatchError(Exception):
    """The root; `str()` is safe to show: it never holds a credential."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(f"{problem}; {remedy}" if remedy else problem)
        self.problem = problem
        self.remedy = remedy


class ConfigError(PlainwatchError):
    """A setting is wrong."""

    code, status, exit_code = "config", 500, 2


class Refused(PlainwatchError):
    """Understood, and not done."""

    code, status, exit_code = "refused", 422, 3


class RuleRefused(Refused):
    """No picture can show it."""

    code = "rule_refused"


class OutboundRefused(Refused):
    """The outbound policy does not let us dial this address."""

    code = "outbound_refused"


class NotAllowed(Refused):
    """The key is missing, wrong, expired, or lacks the scope."""

    code, status = "not_allowed", 401


class Invalid(PlainwatchError):
    """A request that we do not understand."""

    code, status, exit_code = "invalid", 422, 2


class NotFound(PlainwatchError):
    """Nothing bears this name or id."""

    code, status, exit_code = "not_found", 404, 3


class Conflict(PlainwatchError):
    """The name is taken, or the state does not allow it."""

    code, status, exit_code = "conflict", 409, 3


class SourceError(PlainwatchError):
    """A camera does not give pictures."""

    code, status, exit_code = "source", 422, 4


class SourceUnreachable(SourceError):
    """No answer, or the connection broke; retried with backoff."""

    code = "source_unreachable"


class SourceUnauthorized(SourceError):
    """Wrong user or password; retried slowly, since cameras lock out."""

    code = "source_unauthorized"


class SourceUnsupported(SourceError):
    """The stream is there and we cannot read it."""

    code = "source_unsupported"


class EngineError(PlainwatchError):
    """A model cannot be loaded or run."""

    code, status, exit_code = "engine", 503, 4


class Unavailable(PlainwatchError):
    """Something of our own is away."""

    code, status, exit_code = "unavailable", 503, 4


class BusUnreachable(Unavailable):
    """Redis or Valkey does not answer."""

    code = "bus_unreachable"


class BusFull(Unavailable):
    """Redis or Valkey refuses writes."""

    code = "bus_full"


class StoreUnreachable(Unavailable):
    """The database does not answer, or its disk is full."""

    code = "store_unreachable"


class JobTimedOut(Unavailable):
    """No worker answered a job before its deadline."""

    code, status = "job_timed_out", 504
