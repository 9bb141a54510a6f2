"""`plainwatch rule add | list | explain`.

Takes: sentences.
Gives: the plan that was understood, or why not.
Knows nothing about: compiling; `explain` asks the rules room, without a server."""

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import Invalid
from contracts.plan import RulePlan, plan_to_json
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
from plainwatch.client import Json
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
    engine: Annotated[str, typer.Option("--engine", help="Speak of this engine only.")] = "",
    json: AsJson = False,
) -> None:
    """Show how a rule is understood; needs no server."""
    with errors_as_exit_codes():
        known = _read_json(site) if site else {}
        if file:
            for line in _read_lines(file):
                plan = _explain(str(line.get("text", "")), line.get("site") or known)
                print_json(({"id": line["id"]} if "id" in line else {}) | _shown(plan, engine))
            return
        if not text:
            raise Invalid("no rule was given", "write it as an argument, or give --file")
        plan = _explain(text, known)
    if json:
        print_json(_shown(plan, engine))
    else:
        _print_plan(plan, engine)
    if plan.status != "ok":
        raise typer.Exit(REFUSED)


def _explain(text: str, site: Json) -> RulePlan:
    return compile_rule(text, cameras=tuple(site.get("cameras", ())), zones=tuple(site.get("zones", ())))


def _shown(plan: RulePlan, engine: str) -> Json:
    shown = plan_to_json(plan)
    if engine:
        shown["answerable"] = [one for one in shown["answerable"] if one["engine"] == engine]  # type: ignore[attr-defined]
    return shown


#: what stands before a remark, its better wording, and an engine's verdict, in the language of the rule
_LABELS = {
    "en": {
        "error": "error: ",
        "warning": "warning: ",
        "info": "note: ",
        "better": "  better: ",
        "engine": "engine {} ",
    },
    "zh": {"error": "错误：", "warning": "注意：", "info": "说明：", "better": "  建议：", "engine": "引擎 {} "},
}
_VERDICTS = {"en": ("can answer it", "cannot: "), "zh": ("可以回答", "不能回答：")}


def _print_plan(plan: RulePlan, engine: str) -> None:
    """For people: a sentence, what is missing, a better wording, and who can answer; all in the rule's language."""
    labels, (can, cannot) = _LABELS[plan.lang], _VERDICTS[plan.lang]
    results.print(plan.summary, markup=False)
    if plan.status == "refused":
        # The sentence has said why, and what to write instead.
        return
    for lint in plan.lint:
        results.print(labels[lint.level] + lint.message, markup=False)
        if lint.suggestion:
            results.print(f"{labels['better']}{lint.suggestion}", markup=False)
    for answerable in plan.answerable:
        if engine in ("", answerable.engine):
            verdict = can if answerable.ok else f"{cannot}{answerable.reason}"
            told = answerable.reason is None or answerable.reason in plan.summary
            noted = f" ({answerable.reason})" if answerable.ok and not told else ""
            results.print(labels["engine"].format(answerable.engine) + verdict + noted, markup=False)


def _read_json(path: Path) -> Json:
    try:
        return dict(json_module.loads(path.read_text()))
    except (OSError, ValueError) as error:
        raise Invalid(f"file '{path}' is not a JSON object: {error}", "see the README for its form") from error


def _read_lines(path: Path) -> list[Json]:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text()
        return [dict(json_module.loads(line)) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise Invalid(f"file '{path}' holds a line that is not a JSON object: {error}", "one object a line") from error
