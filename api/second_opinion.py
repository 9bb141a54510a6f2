"""What a language model makes of a sentence that the grammar finds hard.

Takes: the sentence, the site's names, the grammar's plan, what the engines offer.
Gives: the model's plan where it passes the checks; else the grammar's, with a remark that says why.
Knows nothing about: how a model is asked, how a proposal is checked."""

import logging
from collections.abc import Callable, Sequence

import msgspec

from api.deps import Deps
from contracts.errors import PlainwatchError
from contracts.jobs import ask
from contracts.messages import Capabilities
from contracts.opinion import JOB, ROOM, WriteRequest, Written
from contracts.plan import Lint, RulePlan
from rules.plan.proposal import Names, Unusable, plan_from_proposal, prompt_for

log = logging.getLogger(__name__)

#: beside the engine's own deadline: live frames come first
_GRACE_S = 5.0
_CODE = "no_second_opinion"
_NO_MODEL = {
    "en": "No model that writes is online: this is the grammar's reading alone.",
    "zh": "没有会写的模型在线：这只是语法的理解。",
}
_NO_ANSWER = {
    "en": "The model gave no answer: this is the grammar's reading alone.",
    "zh": "模型没有回答：这只是语法的理解。",
}
_NOT_USABLE = {
    "en": "The model proposed no plan that holds: this is the grammar's reading alone.",
    "zh": "模型没有提出可用的方案：这只是语法的理解。",
}


def opinion_on(
    deps: Deps, text: str, capabilities: Sequence[Capabilities]
) -> Callable[[RulePlan, Names], RulePlan]:
    """Asks when it is called."""
    return lambda plan, names: second_opinion(deps, text, names, plan, capabilities)


def second_opinion(
    deps: Deps, text: str, names: Names, plan: RulePlan, capabilities: Sequence[Capabilities]
) -> RulePlan:
    """Never raises: an opinion is a help, and nothing waits for it."""
    if not any(each.writes for each in capabilities):
        return _without(plan, _NO_MODEL)
    try:
        written = _written(deps, prompt_for(text, names))
    except PlainwatchError as error:
        log.warning("no second opinion", extra={"problem": str(error)})
        return _without(plan, _NO_ANSWER)
    proposed = plan_from_proposal(text, names, written.text, capabilities)
    if isinstance(proposed, Unusable):
        log.info("proposal not used", extra={"model": written.model.name, "problem": proposed.problem})
        return _without(plan, _NOT_USABLE)
    # What may be watched for as the grammar reads it is not refused for what a model makes of it.
    return _without(plan, _NOT_USABLE) if plan.status == "ok" and proposed.status != "ok" else proposed


def _written(deps: Deps, prompt: str) -> Written:
    timeout_s = deps.settings.engine_deadline_s + _GRACE_S
    with deps.slow_request():
        raw = ask(
            deps.client,
            ROOM,
            JOB,
            msgspec.msgpack.encode(WriteRequest(prompt)),
            now=deps.clock(),
            timeout_s=timeout_s,
            bell=deps.bus.bell(),
        )
    return msgspec.msgpack.decode(raw, type=Written)


def _without(plan: RulePlan, said: dict[str, str]) -> RulePlan:
    return msgspec.structs.replace(plan, lint=(*plan.lint, Lint("info", _CODE, said[plan.lang])))
