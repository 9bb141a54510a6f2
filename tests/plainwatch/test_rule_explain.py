import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from plainwatch.cli.rule import REFUSED, app

SITE = '{"cameras":["Dock 2","大门口"],"zones":["yard"]}'


def explained(tmp_path: Path, text: str, *more: str) -> tuple[int, list[str]]:
    site = tmp_path / "site.json"
    site.write_text(SITE, encoding="utf-8")
    done = CliRunner().invoke(app, ["explain", text, "--site", str(site), *more])
    return done.exit_code, " ".join(done.output.split()).split(" engine ") if done.output else []


@pytest.fixture(autouse=True)
def a_detector_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAINWATCH_DETECTOR", "nano.onnx")


def said(*arguments: str, given: bytes = b"") -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = CliRunner().invoke(app, ["explain", *arguments], input=given)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, " ".join(done.stderr.split())


def test_a_rule_that_can_be_watched_is_told_back_in_one_sentence(tmp_path: Path) -> None:
    code, told = explained(tmp_path, "a person in the yard for 10 seconds")

    assert code == 0
    assert told[0] == "I will look for “a person in the yard” (zone 'yard'), and tell you when it lasts 10 seconds."
    assert told[1:] == ["edge can answer it", "vlm can answer it"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "siren or a flashing light on Dock 2, at night",
            (
                "I will look for “a flashing light” on camera 'Dock 2', every day between 22:00 and 06:00, and tell",
                "; I cannot hear. Better: “a flashing light on camera Dock 2, every day between 22:00 and 06:00”.",
                "error: A picture has no sound. It is about “siren”. better: Say what can be seen instead",
                "note: Some hours or a duration are my assumption. better: Name them if they differ",
            ),
        ),
        (
            "大门口狗叫或者有人翻墙,每小时最多报一次",
            (
                "我会留意“有人翻墙”，摄像头：大门口，一旦看到就通知您，每小时最多一次；我听不到声音。"
                "建议写成：“大门口有人翻墙，每小时最多报一次”。",
                "错误：画面里没有声音。指的是“狗叫”。 建议：请改成看得见的情况",
                "引擎 vlm 可以回答",
            ),
        ),
        ("anything weird on Dock 2", ("I cannot watch for this: There is nothing definite to look for.",)),
    ],
)
def test_what_is_missing_and_a_better_wording_are_said_in_the_language_of_the_rule(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    code, told = explained(tmp_path, text)

    assert code == REFUSED
    assert all(part in " engine ".join(told) for part in parts), told


def test_one_engine_may_be_spoken_of_alone(tmp_path: Path) -> None:
    _, told = explained(tmp_path, "someone climbs the fence", "--engine", "edge")

    assert told[1:] == ["edge cannot: 'climbs' needs a vision-language model"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a car is visible", "engine edge can answer it with a detector: set PLAINWATCH_DETECTOR"),
        ("a car is parked", "engine edge can answer it with a detector"),
        ("有车", "引擎 edge 有检测模型才能回答"),
        ("something moves", "engine edge can answer it\n"),
        ("an object is left behind", "engine edge can answer it\n"),
        ("a fox is visible", "engine edge cannot: 'fox' needs"),
    ],
)
def test_without_a_detector_it_is_said_that_one_is_needed(
    monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    monkeypatch.setenv("PLAINWATCH_DETECTOR", "")

    code, plain, _ = said(text)
    _, as_json, _ = said(text, "--json")

    assert code == 0
    assert told in plain
    assert {"engine", "ok"} <= set(json.loads(as_json)["answerable"][0]) <= {"engine", "ok", "reason"}


def test_the_engine_openai_answers_what_vlm_answers_and_says_nothing_else_of_the_plan() -> None:
    plans = [json.loads(said("a fox is visible", "--json", "--engine", each)[1]) for each in ("vlm", "openai")]

    assert [plan.pop("answerable") for plan in plans] == [
        [{"engine": "vlm", "ok": True}],
        [{"engine": "openai", "ok": True}],
    ]
    assert plans[0] == plans[1]


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_an_engine_that_is_none_is_refused_with_the_names_of_those_that_are(more: tuple[str, ...]) -> None:
    code, told, error = said("a car is visible", "--engine", "foo", *more)

    assert (code, told) == (2, "")
    assert error == "plainwatch: engine 'foo' is unknown; choose edge, vlm or openai"


@pytest.mark.parametrize(
    "site", ["[1]", '{"cameras":[{"name":"x"}]}', '{"zones":"yard"}', "{", "", '"yard"', '{"cameras":[5]}', "[" * 10**5]
)
def test_a_site_that_is_none_is_refused_with_its_form(tmp_path: Path, site: str) -> None:
    file = tmp_path / "site.json"
    file.write_text(site)

    code, told, error = said("a car is visible", "--site", str(file))

    assert (code, told) == (2, "")
    assert error.startswith("plainwatch: site file '") and 'write {"cameras":["front gate"]' in error


def test_a_site_or_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")

    assert said("a car is visible", "--site", missing)[0] == said("--file", missing)[0] == 2


@pytest.mark.parametrize(
    "line",
    [
        '{"text": 5}',
        '{"id": "x"}',
        "[1]",
        "{",
        '{"text": "a car", "site": {"cameras": [{"name": "x"}]}}',
        '{"text": "a car", "site": [1]}',
        '{"text": "a car", "site": "yard"}',
    ],
)
def test_a_line_that_is_no_sentence_is_refused_by_its_number_after_what_stood_before_it(line: str) -> None:
    given = f'\ufeff{{"id":1,"text":"a car"}}\n\n{{"id":2,"text":"有人"}}\r\n{line}\n{{"id":3,"text":"a dog"}}\n'

    code, told, error = said("--file", "-", given=given.encode())

    assert code == 2
    assert [json.loads(each)["id"] for each in told.splitlines()] == [1, 2]
    assert error.startswith("plainwatch: file '-', line 4: it is not understood")


def test_a_line_in_another_encoding_is_refused_by_its_number() -> None:
    code, told, error = said("--file", "-", given=b'{"text":"a car"}\n{"text":"caf\xe9"}\n')

    assert (code, len(told.splitlines())) == (2, 1)
    assert "line 2: it is no UTF-8" in error


def test_a_line_has_its_own_names_or_those_of_the_site(tmp_path: Path) -> None:
    site, file = tmp_path / "site.json", tmp_path / "rules.jsonl"
    site.write_text("\ufeff" + SITE, encoding="utf-8")
    own = {"text": "a car in the loading bay\u2028", "site": {"zones": ["loading bay"]}}
    file.write_text(json.dumps({"text": "a car in the yard"}) + "\n" + json.dumps(own, ensure_ascii=False))

    code, told, _ = said("--site", str(site), "--file", str(file))

    assert code == 0
    assert [json.loads(each)["zones"] for each in told.splitlines()] == [["yard"], ["loading bay"]]
    assert all("id" not in json.loads(each) for each in told.splitlines())
