import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from contracts.errors import Invalid
from contracts.messages import Answer, Detection
from contracts.plan import Count, Predicate, Question, RulePlan, Temporal, question_key
from plainwatch.cli.app import app
from plainwatch.evaluate.bootstrap import interval
from plainwatch.evaluate.chance import frame_chance
from plainwatch.evaluate.frames import Example, Told, examples, figures
from plainwatch.evaluate.labels import Labelled, outside, read_labels
from plainwatch.evaluate.matching import Fired, matched
from plainwatch.evaluate.measure import Row
from plainwatch.evaluate.metrics import auc, average_precision, f1
from plainwatch.evaluate.published import Annotated, read_ucf_crime, read_xd_violence
from plainwatch.evaluate.report import Conditions, as_json, as_markdown
from plainwatch.evaluate.summary import groups, macro
from rules.asking.asked import asked_key
from rules.incidents.spec import spec_for
from tests.plainwatch.recorded import write_scene, write_video

CAR = Question("q1", "Is a car visible?", Predicate("objects", ("car",)))
RIDER = Question("q2", "Is a person visible?", Predicate("objects", ("person",)))
RUN = Conditions("edge", "yolox_nano.onnx", "cpu", 0.5, 12.0)


# ROC-AUC, AP and F1, by hand


def test_auc_is_the_part_of_pairs_in_the_right_order() -> None:
    # true: 0.8, 0.4; false: 0.6, 0.4, 0.1. Right: 3 of 3, and for 0.4 one pair lost, one tied, one won: 1.5 of 3.
    scores, truths = [0.8, 0.6, 0.4, 0.4, 0.1], [True, False, True, False, False]

    assert auc(scores, truths) == pytest.approx(4.5 / 6)


def test_auc_of_equal_scores_is_one_half() -> None:
    assert auc([0.3] * 5, [True, False, False, True, False]) == pytest.approx(0.5)


def test_auc_needs_both_kinds() -> None:
    assert auc([0.1, 0.9], [True, True]) is None
    assert auc([], []) is None


def test_ap_sums_precision_over_the_steps_of_recall() -> None:
    # yes at ranks 1, 3 and 4: (1/1 + 2/3 + 3/4) / 3
    scores, truths = [0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, True, False]

    assert average_precision(scores, truths) == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)


def test_ap_takes_ties_together_whatever_their_order() -> None:
    # both of 0.5 come at once: recall goes from 0 to 1 at a precision of 1/2
    assert average_precision([0.5, 0.5], [True, False]) == pytest.approx(0.5)
    assert average_precision([0.5, 0.5], [False, True]) == pytest.approx(0.5)


def test_ap_of_scores_that_say_nothing_is_the_part_that_is_true() -> None:
    assert average_precision([0.2] * 4, [True, False, False, False]) == pytest.approx(0.25)
    assert average_precision([0.2], [False]) is None


def test_f1_counts_what_was_told() -> None:
    # one hit, one false yes, one missed: 2 / (2 + 2)
    assert f1([True, True, False, False], [True, False, True, False]) == pytest.approx(0.5)
    assert f1([False, False], [False, False]) is None
    assert f1([True], [False]) == 0.0


# incidents against labels


def labelled(
    true: Sequence[tuple[float, float]], false: Sequence[tuple[float, float]] = (), tol: float = 0.5
) -> Labelled:
    return Labelled("clip.mp4", "a car is visible", tuple(true), tuple(false), tol)


def test_an_incident_within_the_widened_event_finds_it() -> None:
    for opened_s, delay_s in ((9.6, 0.0), (10.0, 0.0), (12.0, 2.0), (20.4, 10.4)):
        match = matched(labelled([(10, 20)], [(0, 9), (21, 30)]), [Fired(opened_s, opened_s + 1)])

        assert (match.found, match.delays_s, match.false_incidents) == (1, pytest.approx((delay_s,)), 0)


def test_an_incident_beyond_the_tolerance_does_not() -> None:
    for fired in (Fired(20.6, 25), Fired(9.2, 9.4)):
        match = matched(labelled([(10, 20)]), [fired])

        assert (match.events, match.found, match.elsewhere) == (1, 0, 1)


def test_an_early_incident_that_is_still_open_has_found_the_event_where_nothing_is_labelled() -> None:
    match = matched(labelled([(10, 20)], [(0, 6)]), [Fired(8, 15)])

    assert (match.found, match.delays_s, match.false_incidents, match.elsewhere) == (1, (0.0,), 0, 0)


def test_a_false_incident_finds_nothing_even_if_it_lasts_into_the_event() -> None:
    match = matched(labelled([(10, 20)], [(0, 9)]), [Fired(5, 15)])

    assert (match.found, match.false_incidents, match.elsewhere) == (0, 1, 0)
    assert match.labelled_false_s == pytest.approx(8.0)
    assert match.lingering_s == pytest.approx(3.5)


def test_an_incident_that_goes_on_finds_the_next_event_unless_it_should_have_ended_between() -> None:
    events, fired = [(10, 20), (30, 40)], [Fired(11, 35)]

    gap = matched(labelled(events), fired)
    empty_between = matched(labelled(events, [(22, 28)]), fired)
    own = matched(labelled(events, [(22, 28)]), [Fired(11, 21), Fired(28.5, None)])

    assert (gap.found, gap.delays_s) == (2, (1.0, 0.0))
    assert (empty_between.found, empty_between.lingering_s) == (1, pytest.approx(5.0))
    assert (own.found, own.delays_s, own.elsewhere) == (2, (1.0, 0.0), 0)


def test_the_border_of_a_false_stretch_is_nobody_s() -> None:
    match = matched(labelled([(10, 20)], [(20.4, 30)], tol=0.5), [Fired(11, 12), Fired(20.8, 22), Fired(29.7, 30)])

    assert (match.found, match.false_incidents, match.elsewhere) == (1, 0, 2)
    assert match.labelled_false_s == pytest.approx(8.6)


# frames


def test_frames_within_the_tolerance_of_a_border_are_no_examples() -> None:
    told = [Told(second / 2, 0.5, False) for second in range(24)]

    found, unanswered = examples(labelled([(4, 8)], [(0, 3)], tol=0.5), told)

    assert (sum(one.truth for one in found), len(found), unanswered) == (7, 12, 0)  # 4.5-7.5 and 0.5-2.5


def test_a_frame_of_which_nothing_is_known_is_counted_apart() -> None:
    told = [Told(1.0, None, False), Told(2.0, 0.9, True)]

    found, unanswered = examples(labelled([(0, 3)], tol=0.0), told)

    assert (len(found), unanswered) == (1, 1)


def test_calibration_error_is_the_gap_between_told_and_true() -> None:
    # ten frames told 0.75, six of them true
    told = [Example(0.75, True, number < 6) for number in range(10)]

    assert figures(told).calibration_error == pytest.approx(0.15)


def plan(logic: str, *, temporal: Temporal = Temporal(), count: Count | None = None) -> RulePlan:  # noqa: B008 - frozen
    return RulePlan("en", "ok", (CAR, RIDER), logic, False, temporal, (), (), (), (), (), "", count=count)


def answers(
    car: Sequence[float] = (), person: Sequence[float] = (), *, asked_by: RulePlan | None = None
) -> dict[str, Answer]:
    def answer(question: Question, label: str, scores: Sequence[float]) -> Answer:
        boxes = tuple(Detection(label, score, (0.1, 0.1, 0.2, 0.2)) for score in scores)
        key = asked_key(asked_by, question) if asked_by else question_key(question)
        return Answer(key, margin=-2.9444 if not boxes else 0.0, count=len(boxes), detections=boxes)

    return {one.question_key: one for one in (answer(CAR, "car", car), answer(RIDER, "person", person))}


def chance(given: RulePlan, seen: dict[str, Answer]) -> float | None:
    return frame_chance(spec_for(given, rule_id="rul_1", version=1), seen)


def test_a_frame_is_as_likely_as_its_weakest_part() -> None:
    assert chance(plan("q1 and q2"), answers([0.4], [0.9])) == pytest.approx(0.4)
    assert chance(plan("q1 and q2"), answers([], [0.9])) == pytest.approx(0.05, abs=0.001)
    assert chance(plan("q1 or q2"), answers([0.4], [0.9])) == pytest.approx(0.9)
    assert chance(plan("q2 and not q1"), answers([0.4], [0.9])) == pytest.approx(0.6)


def test_an_absence_is_likely_where_nothing_is_seen() -> None:
    assert chance(plan("q1", temporal=Temporal("absent", seconds=5)), answers([0.8])) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("count", "scores", "expected"),
    [
        (Count(">=", 3), [0.9, 0.7, 0.5], 0.5),
        (Count(">", 3), [0.9, 0.7, 0.5], 0.05),
        (Count("<", 3), [0.9, 0.7], 0.95),
        (Count("<=", 2), [0.9, 0.7, 0.6], 0.4),
        (Count("==", 2), [0.9, 0.7, 0.4], 0.6),
        (Count(">=", 0), [], 1.0),
    ],
)
def test_three_are_as_sure_as_the_third(count: Count, scores: list[float], expected: float) -> None:
    counted = plan("q1", count=count)

    assert chance(counted, answers(scores, asked_by=counted)) == pytest.approx(expected)


def test_what_is_unknown_has_no_chance() -> None:
    unknown = {key: Answer(key, unknown_reason="no detector") for key in answers()}

    assert chance(plan("q1 and q2"), unknown) is None
    assert chance(plan("q1 and q2", temporal=Temporal("sequence")), answers([0.9], [0.9])) is None


# summed up


def row(clip: str, statement: str, *, found: bool, false: int = 0, spread: float = 0.8) -> Row:
    labels = Labelled(clip, statement, ((10.0, 20.0),), ((30.0, 61.0),))
    fired = [Fired(12.0, 13.0)] if found else []
    told = [Example(spread, True, True), Example(1 - spread, False, False), Example(0.5, False, True)]
    return Row(labels, "", matched(labels, [*fired, *(Fired(40.0 + n, 41.0 + n) for n in range(false))]), tuple(told))


def test_the_macro_row_is_the_mean_of_the_statements_and_the_sum_of_false_incidents() -> None:
    total = macro([row("a", "x", found=True, false=2), row("b", "y", found=False), Row(labelled([(0, 1)]), "cannot")])

    assert (total.answered, total.unanswerable, total.events, total.found) == (2, 1, 2, 1)
    assert total.figures["event_recall"] == pytest.approx(0.5)
    assert (total.false_incidents, total.figures["false_per_hour"]) == (2, pytest.approx(2 / 60 * 3600))
    assert total.figures["time_to_detect_s"] == pytest.approx(2.0)


def test_silence_proves_a_bound_and_not_nothing() -> None:
    silent = macro([row("a", "x", found=True), row("b", "x", found=True)])

    assert silent.false_per_hour_below == pytest.approx(3 / 60 * 3600)
    assert "false_per_hour" not in silent.intervals
    assert macro([row("a", "x", found=True, false=1)]).false_per_hour_below is None


def test_an_interval_comes_from_clips_and_is_the_same_with_the_same_seed() -> None:
    rows = [row(f"clip {number}", "x", found=number % 3 > 0) for number in range(9)]

    low, high = macro(rows).intervals["event_recall"]

    assert 0.2 < low < 6 / 9 < high <= 1.0
    assert macro(rows).intervals == macro(rows).intervals
    assert macro(rows[:1]).intervals == {}


def test_the_interval_of_a_mean_of_parts_is_that_of_its_draws() -> None:
    ends = interval([0.0, 1.0], lambda drawn: sum(drawn) / len(drawn), rounds=500)

    assert ends == (0.0, 1.0)
    assert interval([1.0], lambda drawn: drawn[0]) is None


def test_a_statement_of_several_clips_is_summed_up_over_all_their_frames() -> None:
    (group,) = groups([row("a", "x", found=True), row("b", "x", found=False), row("b", "y", found=True)])

    assert (group.statement, group.clips, group.events, group.found, group.frames.frames) == ("x", 2, 2, 1, 6)


def test_the_report_lists_what_was_not_answered_and_holds_no_null() -> None:
    rows = [row("a", "a car | is visible", found=True), Row(labelled([(0, 1)]), "needs a model")]

    report, lines = as_json(rows, RUN), as_markdown(rows, RUN)

    assert "null" not in json.dumps(report)
    first, second = report["statements"]
    assert first["status"] == "answered" and first["event_recall"] == 1.0 and first["labelled_false_s"] == 30.0
    assert second["status"] == "unanswerable" and second["reason"] == "needs a model"
    assert report["macro"]["unanswerable"] == 1
    assert any("a car \\| is visible" in line for line in lines)
    assert any(line.endswith(": needs a model") for line in lines)


# label files

UCF = """Abuse028_x264.mp4  Abuse  165  240  -1  -1
Arson011_x264.mp4  Arson  150  420  680  1267
Normal_Videos_003_x264.mp4  Normal  -1  -1  -1  -1
"""
XD = """v=-fOWSLV6Esw__#1_label_B4-0-0 20 772
Bad.Boys.1995__#01-11-55_01-12-40_label_G-B2-B6.mp4 157 180 185 244
About.Time.2013__#00-23-50_00-24-31_label_A
"""


def test_ucf_crime_annotations_are_read() -> None:
    assert read_ucf_crime(UCF.splitlines()) == (
        Annotated("Abuse028_x264.mp4", "a person is being abused", ((165, 240),)),
        Annotated("Arson011_x264.mp4", "a person sets something on fire", ((150, 420), (680, 1267))),
        Annotated("Normal_Videos_003_x264.mp4", "", ()),
    )


def test_xd_violence_annotations_are_read() -> None:
    assert read_xd_violence(XD.splitlines()) == (
        Annotated("v=-fOWSLV6Esw__#1_label_B4-0-0.mp4", "a crowd is rioting", ((20, 772),)),
        Annotated(
            "Bad.Boys.1995__#01-11-55_01-12-40_label_G-B2-B6.mp4", "there is an explosion", ((157, 180), (185, 244))
        ),
        Annotated("About.Time.2013__#00-23-50_00-24-31_label_A.mp4", "", ()),
    )


@pytest.mark.parametrize(
    "line", ["", "hello", "a.mp4 Abuse 5", "a.mp4 Abuse 9 5", "x_label_B1-0-0.mp4 5", "a Dance 1 2"]
)
def test_another_form_is_no_annotation(line: str) -> None:
    assert read_ucf_crime([line] if line else []) == ()
    assert read_xd_violence([line] if line else []) == ()


def test_published_frames_become_seconds_and_normal_clips_say_no_to_every_statement(tmp_path: Path) -> None:
    file = tmp_path / "annotations.txt"
    file.write_text(UCF)

    labels = read_labels(file, lambda _clip: (30.0, 40.0))

    abuse, arson, *normal = labels
    assert (abuse.true, abuse.false) == (((5.5, 8.0),), ((0.0, 5.5), (8.0, 40.0)))
    assert arson.true == ((5.0, 14.0), (pytest.approx(680 / 30), 40.0))
    assert {one.statement for one in normal} == {abuse.statement, arson.statement}
    assert all(one.true == () and one.false == ((0.0, 40.0),) for one in normal)


def test_one_sentence_can_stand_for_all_classes(tmp_path: Path) -> None:
    file = tmp_path / "annotations.txt"
    file.write_text(XD)

    labels = read_labels(file, lambda _clip: (24.0, 60.0), statement="something violent happens")

    assert [one.statement for one in labels] == ["something violent happens"] * 3
    assert [len(one.true) for one in labels] == [1, 2, 0]


def test_what_is_not_true_is_false_also_where_events_overlap() -> None:
    assert outside(((2.0, 5.0), (4.0, 6.0), (8.0, 10.0)), 10.0) == ((0.0, 2.0), (6.0, 8.0))
    assert outside((), 3.0) == ((0.0, 3.0),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "not in the form"),
        ('{"clips": {}}', "label no statement"),
        ('{"clips": {"a": [{"statement": "x", "true": [[3, 1]]}]}}', r"\[3.0, 1.0\] is no interval"),
        ('{"clips": {"a": [{"statement": "x", "true": [[1]]}]}}', "not in the form"),
        ('{"clips": {"a": [{"statement": " "}]}}', "a statement is empty"),
        ('{"clips": {"a": [{"statement": "x", "tol": -1}]}}', "tol is -1"),
        ("hello", "no form that is known"),
    ],
)
def test_a_label_file_that_is_none_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "labels.json"
    file.write_text(text)

    with pytest.raises(Invalid, match=said):
        read_labels(file, lambda _clip: (25.0, 10.0))


# the command


def run(*arguments: str | Path, detector: str = "") -> Result:
    environment = {"PLAINWATCH_ASSETS": "", "PLAINWATCH_DETECTOR": detector, "PLAINWATCH_ENGINE": "edge"}
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)], env=environment)


def labels_of(folder: Path, clips: dict[str, list[dict[str, object]]]) -> Path:
    file = folder / "labels.json"
    file.write_text(json.dumps({"note": "by hand", "clips": clips}))
    return file


def test_statements_about_the_scene_are_measured_without_a_detector(tmp_path: Path) -> None:
    write_scene(tmp_path / "scene.mp4")
    moving = {"statement": "something moves", "true": [[4, 7], [13.4, 16.4], [17.4, 20.4]], "false": [[8.5, 13]]}
    fighting = {"statement": "people are fighting", "true": [], "false": [[0, 24]]}
    labels = labels_of(tmp_path, {"scene.mp4": [moving, fighting]})

    done = run(tmp_path, "--labels", labels, "--json")

    report = json.loads(done.stdout)
    first, second = report["statements"]
    assert done.exit_code == 0
    assert (first["events_found"], first["event_recall"], first["false_incidents"]) == (3, 1.0, 0)
    assert first["auc"] > 0.9 and first["unanswered_frames"] == 0
    assert second["status"] == "unanswerable" and "vision-language model" in second["reason"]
    assert report["macro"]["unanswerable"] == 1 and report["every_s"] == 0.5


def test_nothing_to_answer_with_is_exit_code_3_and_still_a_table(tmp_path: Path) -> None:
    write_video(tmp_path / "grey.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 10, fps=10)
    labels = labels_of(tmp_path, {"grey.mp4": [{"statement": "people are fighting", "false": [[0, 1]]}]})

    done = run(tmp_path, "--labels", labels)

    assert done.exit_code == 3
    assert "Not answered by this engine (1)" in done.stdout


@pytest.mark.parametrize(
    ("labels", "option", "code", "said"),
    [
        ({"gone.mp4": [{"statement": "a car is visible"}]}, (), 4, "the first is 'gone.mp4'"),
        ({"gone.mp4": [{"statement": "a car is visible"}]}, ("--statement", "a dog"), 2, "is not in the labels"),
    ],
)
def test_what_is_missing_is_said_with_its_exit_code(
    tmp_path: Path, labels: dict[str, list[dict[str, object]]], option: tuple[str, ...], code: int, said: str
) -> None:
    done = run(tmp_path, "--labels", labels_of(tmp_path, labels), *option)

    assert done.exit_code == code
    assert said in " ".join(done.stderr.split())


def test_a_label_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    done = run(tmp_path, "--labels", tmp_path / "nothing.json")

    assert done.exit_code == 2
    assert "cannot be read" in " ".join(done.stderr.split())


def test_real_footage_is_measured_as_its_labels_are(assets: Path) -> None:
    clip = assets / "clips" / "intel_person-bicycle-car-detection.mp4"
    labels, detector = assets / "clips" / "events.json", str(assets / "models" / "yolox_nano.onnx")

    done = run(clip, "--labels", labels, "--json", detector=detector)

    report = json.loads(done.stdout)
    by_statement = {one["statement"]: one for one in report["statements"]}
    assert done.exit_code == 0 and report["model"] == "yolox_nano.onnx"
    assert by_statement["a car is visible"]["event_recall"] == 1.0
    assert by_statement["a person is walking"]["event_recall"] == 1.0
    assert by_statement["a person is riding a bicycle"]["event_recall"] == 1.0
    assert report["macro"]["false_incidents"] == 0
    assert 0.0 < by_statement["a car is visible"]["ap"] < 1.0
