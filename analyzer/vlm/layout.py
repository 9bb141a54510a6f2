"""Where the prompt is cut: what all questions share, and what each adds.

Takes: a tokenizer with its chat template, the words of analyzer/prompt.py.
Gives: the text before the cut for k pictures (or one in tiles), token ids of both sides; EngineError where the cut
does not hold.
Knows nothing about: models, pixels.

Both halves are tokenised apart. That is right only where no token would span the cut, so it is proved at load."""

from collections.abc import Mapping, Sequence
from typing import Any

from analyzer import prompt
from analyzer.prompt import Lang
from contracts.errors import EngineError
from contracts.plan import MOST_FRAMES

_MARK = "PLAINWATCH-CUT"
#: four quarters and the whole
TILES = 5
#: what the proof asks; letters, digits, signs and Chinese at the cut and at the end
PROBES: tuple[tuple[str, Lang], ...] = (
    ("Is a person climbing over the fence?", "en"),
    ("2 cars or more, side by side, at the gate", "en"),
    ("'STOP' sign: is it hidden?!", "en"),
    ("画面中有人吗?", "zh"),
    ("3辆红色的车停在门口。", "zh"),
)


class Layout:
    """Of one checkpoint; cheap to call."""

    def __init__(self, tokenizer: Any, *, image_token: str, template: Mapping[str, Any]) -> None:
        if not tokenizer.chat_template:
            raise EngineError("model: it has no chat template", "choose an Instruct checkpoint")
        self._tokenizer = tokenizer
        self._image_token = image_token
        self._special = sorted({*tokenizer.get_added_vocab(), *tokenizer.all_special_tokens}, key=len, reverse=True)
        heads = [(count, self._render(count, False, template)) for count in range(1, MOST_FRAMES + 1)]
        self._tail = heads[0][1][1]
        self._heads = {(count, False): head for count, (head, _) in heads}
        self._heads[(TILES, True)] = self._render(TILES, True, template)[0]
        if "<think>" in self._tail and "</think>" not in self._tail:
            raise EngineError(
                "model: its chat template makes it think before it answers", "choose the Instruct checkpoint"
            )

    def before(self, pictures: Sequence[str], *, tiled: bool = False) -> str:
        """The text up to and with the cut; `pictures`: what stands for each of them."""
        parts = self._heads[(len(pictures), tiled)].split(self._image_token)
        return "".join(part + picture for part, picture in zip(parts, [*pictures, ""], strict=True))

    def after(self, request: str) -> str:
        """The text behind the cut: what is asked, and the template's ending up to where the model begins to speak.

        What the tokenizer would take for a picture or the end of a turn is taken out: a rule is only words."""
        return self._words(request) + self._tail

    def before_ids(self, pictures: Sequence[str], *, tiled: bool = False) -> list[int]:
        """With whatever the tokenizer puts before every text."""
        return list(self._tokenizer(self.before(pictures, tiled=tiled))["input_ids"])

    def ids(self, request: str) -> list[int]:
        """Of any request behind the cut, with the template's ending."""
        return list(self._tokenizer(self.after(request), add_special_tokens=False)["input_ids"])

    def question_ids(self, question: str, lang: Lang = "en") -> list[int]:
        """Of a yes/no question in our words."""
        return self.ids(prompt.asked(self._words(question), lang))

    def prove(self) -> None:
        """Raises EngineError where the halves' tokens are not those of the whole."""
        for count, tiled in self._heads:
            pictures = [self._image_token] * count
            for question, lang in PROBES:
                request = prompt.asked(question, lang)
                whole = self._tokenizer(self.before(pictures, tiled=tiled) + self.after(request))["input_ids"]
                if self.before_ids(pictures, tiled=tiled) + self.ids(request) != list(whole):
                    raise EngineError(
                        f"model: its tokenizer joins the prompt's halves at the cut ('{question}')",
                        "choose another checkpoint and report this one",
                    )

    def _words(self, text: str) -> str:
        for token in self._special:
            text = text.replace(token, " ")
        return text

    def _render(self, pictures: int, tiled: bool, template: Mapping[str, Any]) -> tuple[str, str]:
        text = prompt.instruction(pictures, tiled=tiled) + prompt.CUT + _MARK
        content = [*({"type": "image"} for _ in range(pictures)), {"type": "text", "text": text}]
        rendered = self._tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False, **template
        )
        head, mark, tail = rendered.partition(_MARK)
        if not mark or head.count(self._image_token) != pictures:
            raise EngineError(
                "model: its chat template does not put the pictures before the text",
                "choose a checkpoint with its family's own chat template",
            )
        return head, tail
