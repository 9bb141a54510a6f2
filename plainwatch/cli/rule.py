"""`plainwatch rule add | list | explain`.

Takes: sentences.
Gives: the plan that was understood, or why not.
Knows nothing about: compiling; `explain` asks the rules room, without a server."""

import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from contracts.errors import Invalid
from contracts.plan import Answerable, RulePlan, plan_to_json
from plainwatch.cli.sentences import Names, read_names, read_sentences
from plainwatch.cli.terminal import (
    DEFAULT_API,
    Api,
    AsJson,
    DataDir,
    connect,
    errors_as_exit_codes,
    print_json,
    print_table,
    results,
    words,
)
from rules.plan.answerable import EDGE, VLM, needs_detector
from rules.plan.compile import compile_rule

app = typer.Typer(help="Rules: create, list, explain.", no_args_is_help=True)

REFUSED = 3
Text = Annotated[str, typer.Argument(help="The rule in plain language, English or Chinese.")]


@app.command()
def add(
    text: Text,
    camera: Annotated[list[str] | None, typer.Option("--camera", help="Only for this camera; may be repeated.")] = None,
    json: AsJson = False,
    data_dir: DataDir = Path("data"),
    api: Api = DEFAULT_API,
) -> None:
    """Create a rule; it is refused where no picture can show it, and waits where no engine can answer it yet."""
    with errors_as_exit_codes():
        rule = connect(api, data_dir).post("/rules", {"text": text, **({"cameras": camera} if camera else {})})
    if json:
        print_json(rule)
        return
    results.print(f"{rule['id']}  {rule['state']['state']}  {rule['plan']['summary']}", markup=False)
    for lint in rule["plan"]["lint"]:
        words.print(f"{lint['level']}: {lint['message']}", markup=False)


@app.command("list")
def list_rules(json: AsJson = False, data_dir: DataDir = Path("data"), api: Api = DEFAULT_API) -> None:
    """All rules and whether they are being answered."""
    with errors_as_exit_codes():
        rules = list(connect(api, data_dir).items("/rules"))
    if json:
        print_json({"items": rules})
        return
    rows = [(rule["id"], str(rule["version"]), rule["state"]["state"], rule["text"]) for rule in rules]
    print_table(("id", "version", "state", "text"), rows, empty="no rules yet: plainwatch rule add TEXT")


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The rule; not needed with --file.")] = "",
    site: Annotated[Path | None, typer.Option("--site", help='{"cameras":[…],"zones":[…]}')] = None,
    file: Annotated[Path | None, typer.Option("--file", help="One JSON object with `text` a line.")] = None,
    engine: Annotated[str, typer.Option("--engine", help="Speak of this one only: edge, vlm or openai.")] = "",
    json: AsJson = False,
) -> None:
    """Show how a rule is understood; needs no server."""
    with errors_as_exit_codes():
        if engine and engine not in _ENGINES:
            raise Invalid(f"engine '{engine}' is unknown", f"choose {', '.join(_ENGINES[:-1])} or {_ENGINES[-1]}")
        known = read_names(site) if site else Names()
        if file:
            for line in read_sentences(file):
                plan = _explain(line.text, known if line.site is None else line.site, engine)
                print_json(({"id": line.id} if line.id is not msgspec.UNSET else {}) | plan_to_json(plan))
            return
        if not text:
            raise Invalid("no rule was given", "write it as an argument, or give --file")
        plan = _explain(text, known, engine)
    if json:
        print_json(plan_to_json(plan))
    else:
        _print_plan(plan)
    if plan.status != "ok":
        raise typer.Exit(REFUSED)


_OPENAI = "openai"
_ENGINES = (EDGE, VLM, _OPENAI)


def _explain(text: str, names: Names, engine: str) -> RulePlan:
    plan = compile_rule(text, cameras=names.cameras, zones=names.zones)
    spoken_of = tuple(_of(engine, one) for one in plan.answerable if engine in ("", _of(engine, one).engine))
    return msgspec.structs.replace(plan, answerable=spoken_of)


def _of(engine: str, one: Answerable) -> Answerable:
    """The engine openai reads what vlm reads."""
    return msgspec.structs.replace(one, engine=engine) if engine == _OPENAI and one.engine == VLM else one


#: what stands before a remark, its better wording, and an engine's verdict, in the language of the rule
_LABELS = {
    "en": {
        "error": "error: ",
        "warning": "warning: ",
        "info": "note: ",
        "better": "  better: ",
        "engine": "engine {} ",
        "aside": " ({})",
    },
    "zh": {
        "error": "错误：",
        "warning": "注意：",
        "info": "说明：",
        "better": "  建议：",
        "engine": "引擎 {} ",
        "aside": "（{}）",
    },
}
_VERDICTS = {
    "en": ("can answer it", "can answer it with a detector: set PLAINWATCH_DETECTOR, none is set", "cannot: "),
    "zh": ("可以回答", "有检测模型才能回答：现在没有，请设置 PLAINWATCH_DETECTOR", "不能回答："),
}


def _print_plan(plan: RulePlan) -> None:
    """For people: a sentence, what is missing, a better wording, and who can answer; all in the rule's language."""
    labels, (can, with_detector, cannot) = _LABELS[plan.lang], _VERDICTS[plan.lang]
    results.print(plan.summary, markup=False)
    if plan.status == "refused":
        # The sentence has said why, and what to write instead.
        return
    for lint in plan.lint:
        results.print(labels[lint.level] + lint.message, markup=False)
        if lint.suggestion:
            results.print(f"{labels['better']}{lint.suggestion}", markup=False)
    blind = needs_detector(plan.questions) and not os.environ.get("PLAINWATCH_DETECTOR")
    for answerable in plan.answerable:
        able = with_detector if blind and answerable.engine == EDGE else can
        verdict = able if answerable.ok else f"{cannot}{answerable.reason}"
        told = answerable.reason is None or answerable.reason in plan.summary
        noted = labels["aside"].format(answerable.reason) if answerable.ok and not told else ""
        results.print(labels["engine"].format(answerable.engine) + verdict + noted, markup=False)
