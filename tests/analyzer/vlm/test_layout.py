from collections.abc import Callable
from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from transformers.models.internvl.processing_internvl import InternVLProcessor
from transformers.models.qwen3_vl.processing_qwen3_vl import Qwen3VLProcessor
from transformers.models.smolvlm.processing_smolvlm import get_image_prompt_string

from analyzer.prompt import asked, instruction
from analyzer.vlm.layout import PROBES, Layout
from analyzer.vlm.load import Loaded
from analyzer.vlm.reading import prepare
from contracts.errors import EngineError
from tests.analyzer.vlm.tiny import make_tokenizer

LoadTiny = Callable[..., Loaded]


@pytest.mark.parametrize(("question", "lang"), PROBES)
def test_both_halves_have_the_tokens_of_the_whole_prompt(loaded: Loaded, question: str, lang: str) -> None:
    content = [{"type": "image"}, {"type": "image"}, {"type": "text", "text": f"{instruction(2)}\n"}]
    content[-1]["text"] += asked(question, lang)  # type: ignore[arg-type]
    whole = loaded.tokenizer.apply_chat_template(
        [{"role": "user", "content": content}],
        add_generation_prompt=True,
        tokenize=False,
        enable_thinking=False,
    )

    halves = loaded.layout.before_ids([loaded.checkpoint.image_token] * 2) + loaded.layout.question_ids(
        question,
        lang,  # type: ignore[arg-type]
    )

    assert halves == loaded.tokenizer(whole)["input_ids"]


def test_all_that_questions_share_comes_before_the_cut(loaded: Loaded) -> None:
    before, after = loaded.layout.before([loaded.checkpoint.image_token]), loaded.layout.after("Question: x?")

    assert before.index(loaded.checkpoint.image_token) < before.index(instruction(1))
    assert before.endswith("\n")
    assert after.startswith("Question: x?")
    assert after.rstrip("\n").endswith(("assistant", "Assistant:"))


def test_a_rule_cannot_bring_a_picture_or_end_the_turn(loaded: Loaded) -> None:
    special = loaded.tokenizer.all_special_tokens
    rule = f"Is {loaded.checkpoint.image_token} or {loaded.tokenizer.eos_token} visible?"

    found = loaded.layout.question_ids(rule)

    assert found == loaded.layout.question_ids("Is or visible?")
    assert loaded.checkpoint.image_token in special
    assert loaded.model.config.image_token_id not in found


def test_thinking_is_switched_off_where_the_template_has_a_switch() -> None:
    tokenizer = make_tokenizer("qwen3_5")

    layout = Layout(tokenizer, image_token="<|image_pad|>", template={"enable_thinking": False})

    assert layout.after("x").endswith("</think>\n\n")
    with pytest.raises(EngineError, match="Instruct"):
        Layout(tokenizer, image_token="<|image_pad|>", template={})


def test_a_template_that_puts_the_question_first_is_refused() -> None:
    tokenizer = make_tokenizer("qwen3_vl")
    tokenizer.chat_template = "{{ messages[0].content[-1].text }}<|image_pad|>"

    with pytest.raises(EngineError, match="pictures before the text"):
        Layout(tokenizer, image_token="<|image_pad|>", template={})


def test_a_tokenizer_that_joins_the_halves_is_refused() -> None:
    tokenizer = make_tokenizer("qwen3_vl")
    tokenizer.add_tokens(["only.\nQuestion", "\nQuestion"])

    layout = Layout(tokenizer, image_token="<|image_pad|>", template={})

    with pytest.raises(EngineError, match="at the cut"):
        layout.prove()


@pytest.mark.parametrize("size", [(640, 360), (90, 240)])
def test_placeholders_are_those_of_the_familys_own_processor(loaded: Loaded, size: tuple[int, int]) -> None:
    family, processor = loaded.family, loaded.checkpoint.processor
    picture = Image.new("RGB", size, (90, 120, 30))
    settings = family.settings(loaded.checkpoint, loaded.visual_tokens)
    given = processor([[picture]] if family.nested else [picture], return_tensors="pt", **settings)

    text = family.shown(loaded.checkpoint, given)[0].text

    assert text == theirs(loaded, given)


@pytest.mark.parametrize("family", ["smolvlm", "internvl"])
@torch.inference_mode()
def test_a_larger_budget_means_tiles_for_families_of_fixed_size(family: str, load_tiny: LoadTiny) -> None:
    plain, tiled = load_tiny(family), load_tiny(family, visual_tokens=160)
    picture = Image.new("RGB", (640, 360), (90, 120, 30))

    few, many = prepare(plain, [picture]), prepare(tiled, [picture])

    assert many.length > 2 * few.length
    assert prepare(tiled, [picture, picture]).length > 1.5 * many.length
    assert tiled.model.model(**many.inputs).last_hidden_state.isfinite().all()


def test_the_budget_bounds_the_picture_and_keeps_its_shape(load_tiny: LoadTiny) -> None:
    loaded = load_tiny("qwen3_vl", visual_tokens=64)
    picture = Image.new("RGB", (1920, 1080))

    prepared = prepare(loaded, [picture])

    (width, height), tokens = prepared.sizes[0], int((prepared.inputs["mm_token_type_ids"] == 1).sum())
    assert tokens == width * height // 32**2
    assert 48 <= tokens <= 64
    assert width / height == pytest.approx(16 / 9, rel=0.2)


def theirs(loaded: Loaded, given: dict[str, torch.Tensor]) -> str:
    """What the processor of transformers writes; its class does not load without torchvision and num2words."""
    token, count = loaded.checkpoint.image_token, loaded.checkpoint.tokens_of_one
    if loaded.family.model_type == "smolvlm":
        rows, columns = given["rows"][0][0], given["cols"][0][0]
        return get_image_prompt_string(rows, columns, count, "<fake_token_around_image>", token, "<global-img>")
    if loaded.family.model_type == "internvl":
        own = SimpleNamespace(
            start_image_token="<img>", end_image_token="</img>", image_token=token, image_seq_length=count
        )
        return InternVLProcessor.replace_image_token(own, given, 0)
    own = SimpleNamespace(image_processor=loaded.checkpoint.processor, image_token=token)
    return Qwen3VLProcessor.replace_image_token(own, given, 0)
