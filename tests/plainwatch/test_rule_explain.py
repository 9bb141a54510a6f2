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
