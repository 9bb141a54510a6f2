"""What was seen, in one sentence, and where: from the same frozen prefix that answered yes.

Takes: a Loaded model, the prefix of one prompt, the questions that were answered with yes.
Gives: a sentence in their language, detections, and whether each claim was found in the picture.
Knows nothing about: rules, incidents, JPEG.

A sentence is easily made up; a place is not. So a claim counts as grounded only where the model, asked for it anew,
points at it: with boxes, where its family writes them, else by a yes to one part of the picture and a no to another."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from PIL import Image

from analyzer.boxes import MOST_BOXES, THOUSANDTHS, to_boxes
from analyzer.engine import probability
from analyzer.prompt import Lang, claim_of, explain_asked, where_asked
from analyzer.sentence import first_sentence, is_whole
from analyzer.vlm.constrain import write_boxes
from analyzer.vlm.decode import Decoder, InTime, always, greedy
from analyzer.vlm.detail import QUARTERS, cut
from analyzer.vlm.load import Loaded
from analyzer.vlm.no_memory import out_of_memory
from analyzer.vlm.reading import Prefixed, open_prefixes
from analyzer.yes_no import LEAST_MASS
from contracts.errors import EngineError, Invalid
from contracts.explain import Explained
from contracts.messages import Box, Detection

#: a sentence of a surveillance picture takes 15 to 30
MOST_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Said:
    """One yes/no question, asked alone."""

    margin: float
    mass: float


def explained(
    loaded: Loaded,
    prefixed: Prefixed,
    frames: Sequence[Image.Image],
    questions: Sequence[str],
    lang: Lang = "en",
    *,
    in_time: InTime = always,
) -> Explained:
    """`frames`: oldest first; the boxes lie in the last, whole, as the last picture of the prompt is. Raises
    EngineError, MemoryError, Invalid.

    `in_time` is asked before each pass, of which a sentence takes some thirty and each question as many again. When
    the time is up, what was said and found till then is given, and what was not found is not grounded."""
    if not questions:
        raise Invalid("explanation: no question is named that was answered with yes", "name at least one")
    text = explain(loaded, prefixed, questions, lang, in_time=in_time)
    found = _found(loaded, prefixed, frames, questions, lang, in_time)
    # one of each claim before the second of any
    boxes = [group[turn] for turn in range(MOST_BOXES) for group in found if turn < len(group)]
    return Explained(text, loaded.ref, tuple(boxes[:MOST_BOXES]), grounded=all(found))


def explain(
    loaded: Loaded,
    prefixed: Prefixed,
    questions: Sequence[str],
    lang: Lang = "en",
    *,
    most_tokens: int = MOST_TOKENS,
    in_time: InTime = always,
) -> str:
    """One sentence, or its words till the time was up; empty where the model has nothing to say. Raises EngineError,
    MemoryError."""
    asked = loaded.layout.ids(explain_asked(questions, lang, pictures=len(prefixed.input_sizes)))

    def enough(said: Sequence[int]) -> bool:
        return is_whole(_text(loaded, said))

    with _guarded(loaded):
        decoder = Decoder(loaded.model, prefixed.prefix)
        said = greedy(decoder, asked, most=most_tokens, ends=ends_of(loaded), enough=enough, in_time=in_time)
    return first_sentence(_text(loaded, said.tokens), cut_off=not said.ended)


def locate(
    loaded: Loaded,
    prefixed: Prefixed,
    claim: str,
    *,
    score: float,
    most: int = MOST_BOXES,
    in_time: InTime = always,
) -> tuple[Detection, ...]:
    """Boxes in the last picture, labelled with the claim; none where the model sees none, or its family writes none."""
    convention = loaded.family.boxes
    if convention == "none":
        return ()
    size = prefixed.input_sizes[-1]
    largest = (THOUSANDTHS, THOUSANDTHS) if convention == "relative_1000" else size
    asked = loaded.layout.ids(where_asked(claim, convention, pictures=len(prefixed.input_sizes)))
    with _guarded(loaded):
        decoder = Decoder(loaded.model, prefixed.prefix)
        text = write_boxes(
            decoder, loaded.tokenizer, asked, largest=largest, label=claim, most=most, in_time=in_time
        )
    # These families stretch a picture into their input and never pad it.
    return to_boxes(text, convention=convention, input_size=size, label=claim, score=score, most=most)


def locate_by_quarters(
    loaded: Loaded,
    picture: Image.Image,
    questions: Sequence[str],
    lang: Lang = "en",
    *,
    in_time: InTime = always,
) -> list[tuple[Detection, ...]]:
    """For each question the quarters in which the answer is yes; none where it is the same in all that there was time
    to look at: that says nothing about where."""
    said: list[dict[Box, Said]] = [{} for _ in questions]
    for region in QUARTERS:
        if not in_time():
            break
        view = cut(picture, region)
        with _guarded(loaded):
            (opened,) = open_prefixes(loaded, [[view.picture]])
        for answers, question in zip(said, questions, strict=True):
            if in_time():
                answers[view.region] = ask_again(loaded, opened, question, lang)
    return [_where_yes(claim_of(question, lang), answers) for question, answers in zip(questions, said, strict=True)]


def ask_again(loaded: Loaded, prefixed: Prefixed, question: str, lang: Lang = "en") -> Said:
    """The same margin as when it was asked among others: each is blind to the rest."""
    with _guarded(loaded):
        likely = Decoder(loaded.model, prefixed.prefix).feed(loaded.layout.question_ids(question, lang))
        yes, no = (likely[list(ids)].logsumexp(-1) for ids in (loaded.words.yes, loaded.words.no))
        return Said(float(yes - no), float(yes.exp() + no.exp()))


def ends_of(loaded: Loaded) -> frozenset[int]:
    """Tokens after which the model is silent."""
    known = (getattr(loaded.model.generation_config, "eos_token_id", None), loaded.tokenizer.eos_token_id)
    return frozenset(int(token) for ids in known for token in _listed(ids))


def _found(
    loaded: Loaded,
    prefixed: Prefixed,
    frames: Sequence[Image.Image],
    questions: Sequence[str],
    lang: Lang,
    in_time: InTime,
) -> list[tuple[Detection, ...]]:
    """For each question; nothing where the time was up before."""
    if loaded.family.boxes == "none":
        if len(frames) > 1:
            # What shows only over time cannot be found in a part of one picture.
            return [()] * len(questions)
        return locate_by_quarters(loaded, frames[-1], questions, lang, in_time=in_time)
    found: list[tuple[Detection, ...]] = []
    for question in questions:
        if not in_time():
            found.append(())
            continue
        score = probability(ask_again(loaded, prefixed, question, lang).margin)
        found.append(locate(loaded, prefixed, claim_of(question, lang), score=score, in_time=in_time))
    return found


def _where_yes(claim: str, answers: Mapping[Box, Said]) -> tuple[Detection, ...]:
    yes = {region: said for region, said in answers.items() if said.margin > 0 and said.mass >= LEAST_MASS}
    if len(yes) == len(answers):
        return ()
    return tuple(Detection(claim, probability(said.margin), region) for region, said in yes.items())


def _text(loaded: Loaded, tokens: Sequence[int]) -> str:
    return str(loaded.tokenizer.decode(list(tokens), skip_special_tokens=True))


def _listed(ids: Any) -> list[Any]:
    return ids if isinstance(ids, list) else [] if ids is None else [ids]


@contextmanager
def _guarded(loaded: Loaded) -> Iterator[None]:
    """torch's failures as ours: memory that ran out is the caller's to free, all else is the model's."""
    try:
        with torch.inference_mode():
            yield
    except RuntimeError as error:
        if out_of_memory(error):
            raise MemoryError(f"model '{loaded.ref.name}': no memory left to explain with") from error
        problem = (str(error).strip() or "no reason given").splitlines()[0][:200]
        raise EngineError(f"model '{loaded.ref.name}': it failed to explain: {problem}", "report this") from error
