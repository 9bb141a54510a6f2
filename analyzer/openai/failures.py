"""What may go wrong between us and a server; each kind is met in its own way.

Takes: the server's name for people, what happened, the remedy.
Gives: exceptions, all of them EngineError.
Knows nothing about: who retries, who falls back."""

from contracts.errors import EngineError


class ServerFailed(EngineError):
    """The server's fault: counts against it, and the next one may be asked."""


class ConnectionLost(ServerFailed):
    """It broke between request and answer; once, that is an idle connection which the server had closed."""


class TooLate(ServerFailed):
    """The time was over; counts against the server only if it had had a fair share of it. `had_s`: how much it had."""

    def __init__(self, problem: str, remedy: str, *, had_s: float) -> None:
        super().__init__(problem, remedy)
        self.had_s = had_s


class ServerBusy(ServerFailed):
    """It said so itself (429, 503 with Retry-After): waited for, and not counted against it."""

    def __init__(self, problem: str, remedy: str, *, again_in_s: float) -> None:
        super().__init__(problem, remedy)
        self.again_in_s = again_in_s


class BeingProven(ServerFailed):
    """Its self-test is under way: nothing was sent, and nothing counts against it."""


class NotLocal(ServerFailed):
    """The camera's pictures may not go there; nothing was sent."""


class RequestRefused(EngineError):
    """This request alone is not to the server's liking: no other answer would come from asking elsewhere."""
