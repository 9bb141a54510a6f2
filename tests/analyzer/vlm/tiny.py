"""Tiny models with random weights, one of each family, saved as a checkpoint of the real family is.

Takes: a family, a folder, sizes.
Gives: the folder with model, tokenizer, chat template and image processor, as AutoModelForImageTextToText,
AutoTokenizer and AutoImageProcessor load them.
Knows nothing about: our engine."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForImageTextToText,
    BaseImageProcessor,
    InternVLConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen3_5Config,
    Qwen3VLConfig,
    SmolVLMConfig,
)

from analyzer import prompt

#: those that can be packed
FAMILIES = ("qwen3_vl", "qwen2_5_vl", "smolvlm", "internvl")
#: three layers of linear attention to one of full attention: packing is wrong there
HYBRID = "qwen3_5"

_QWEN_SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>")
SPECIAL = {
    "qwen3_vl": (*_QWEN_SPECIAL, "<|image_pad|>", "<|video_pad|>"),
    "qwen2_5_vl": (*_QWEN_SPECIAL, "<|image_pad|>", "<|video_pad|>"),
    "qwen3_5": (*_QWEN_SPECIAL, "<|image_pad|>", "<|video_pad|>", "<think>", "</think>"),
    "smolvlm": (
        "<|im_start|>",
        "<end_of_utterance>",
        "<fake_token_around_image>",
        "<image>",
        "<global-img>",
        *(f"<row_{row}_col_{column}>" for row in range(1, 5) for column in range(1, 5)),
    ),
    "internvl": ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<IMG_CONTEXT>", "<video>"),
}
_END = {"smolvlm": "<end_of_utterance>"}

# The splitting rules of the real tokenizers: what may merge over the cut hangs on them.
_QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_QWEN_BODY = (
    "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' }}"
    "{% if message.content is string %}{{ message.content }}{% else %}"
    "{% for part in message.content %}"
    "{% if part.type == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
    "{% elif part.type == 'text' %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}"
)
TEMPLATE = {
    "qwen3_vl": _QWEN_BODY + "{% endif %}",
    "qwen2_5_vl": "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}" + _QWEN_BODY + "{% endif %}",
    "qwen3_5": _QWEN_BODY
    + "{% if enable_thinking is defined and enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}"
    + "{% else %}{{ '<think>\n' }}{% endif %}{% endif %}",
    "smolvlm": (
        "<|im_start|>{% for message in messages %}{{ message['role'] | capitalize }}"
        "{% if message['content'][0]['type'] == 'image' %}{{ ':' }}{% else %}{{ ': ' }}{% endif %}"
        "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{ line['text'] }}"
        "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n"
        "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
    ),
    "internvl": (
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
        "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
        "{% for content in message['content'] %}"
        "{% if content['type'] == 'image' %}{{ '<IMG_CONTEXT>\n' }}"
        "{% elif content['type'] == 'text' %}{{ content['text'] }}{% endif %}"
        "{% endfor %}{% endif %}{{ '<|im_end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    ),
}

#: what every tokenizer learns; tests that need other words give their own besides
CORPUS = (
    *("Yes", "yes", "YES", "No", "no", "NO", " Yes", " yes", " No", " no") * 20,
    *("Yes yes YES No no NO: Yes, No. yes, no. Is a person visible? Yes or No? Answer Yes. Answer No.",) * 20,
    *("是 否 问题 请回答 画面中有人吗 一辆红色的车 是 否",) * 20,
    *prompt.QUESTION.values(),
    *prompt.EXPLAIN.values(),
    prompt.instruction(1),
    prompt.instruction(2),
    "user assistant User: Assistant: system You are a helpful assistant.",
    "a red car a blue bus a green circle left of a yellow square near the gate, the fence, the loading bay",
    '[{"bbox_2d": [0, 12, 345, 678], "label": "a person"}, {"bbox_2d": [9, 100, 999, 1000], "label": "car"}]',
)


@dataclass(frozen=True, slots=True)
class Size:
    """Of the language model; the vision tower is half as deep. `patches`: rows and columns of a fixed-size tower."""

    hidden: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 2
    vocabulary: int = 640
    patches: int = 8


def save_tiny(
    family: str,
    folder: Path,
    *,
    size: Size = Size(),
    seed: int = 0,
    corpus: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    spread: float = 4.0,
) -> Path:
    """A checkpoint in the folder, in fp32. `corpus`: more text for the tokenizer; `without`: words that it never
    sees while it learns, so that it has no token for them; `spread`: by how much random weights are
    larger than usual, without which all pictures get nearly the same logits (1.0: ready to be trained)."""
    tokenizer = make_tokenizer(family, size.vocabulary, corpus, without)
    torch.manual_seed(seed)
    model = AutoModelForImageTextToText.from_config(make_config(family, tokenizer, size), dtype=torch.float32)
    _enlarge(model, spread)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    _image_processor(family, size).save_pretrained(folder)
    if family == "smolvlm":
        _write(folder / "processor_config.json", {"image_seq_len": (size.patches // 2) ** 2})
    if family == "internvl":
        _write(folder / "processor_config.json", {"image_seq_length": (size.patches // 2) ** 2})
    return folder


def make_tokenizer(
    family: str, vocabulary: int = 640, corpus: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> PreTrainedTokenizerFast:
    """Byte-level BPE with the family's splitting rules, special tokens and chat template."""
    raw = Tokenizer(models.BPE())
    split: list[Any] = (
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
        if family == "smolvlm"
        else [
            pre_tokenizers.Split(Regex(_QWEN_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.pre_tokenizer = pre_tokenizers.Sequence(split)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL[family]),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    lines = [line for line in (*CORPUS, *corpus) for _ in range(2)]
    for banned in without:
        lines = [line.replace(banned, " ") for line in lines]
    raw.train_from_iterator(lines, trainer)
    end = _END.get(family, "<|im_end|>")
    named = {"start_image_token": "<img>", "end_image_token": "</img>", "context_image_token": "<IMG_CONTEXT>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=end,
        pad_token=SPECIAL[family][0],
        additional_special_tokens=[token for token in SPECIAL[family] if token not in (end, SPECIAL[family][0])],
        chat_template=TEMPLATE[family],
        **({**named, "video_token": "<video>"} if family == "internvl" else {}),
    )


def make_config(family: str, tokenizer: PreTrainedTokenizerFast, size: Size) -> PreTrainedConfig:
    """In the real proportions where they matter: grouped heads, deep-stacked features, windowed vision."""
    text: dict[str, Any] = {
        "vocab_size": -(-len(tokenizer) // 64) * 64,
        "hidden_size": size.hidden,
        "intermediate_size": 2 * size.hidden,
        "num_hidden_layers": size.layers,
        "num_attention_heads": size.heads,
        "num_key_value_heads": size.kv_heads,
        "max_position_embeddings": 8192,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    of = _config_of_fixed_size if family in ("smolvlm", "internvl") else _config_of_qwen
    return of(family, tokenizer, size, text)


def _config_of_qwen(
    family: str, tokenizer: PreTrainedTokenizerFast, size: Size, text: dict[str, Any]
) -> PreTrainedConfig:
    ids = tokenizer.convert_tokens_to_ids
    tokens = {
        "image_token_id": ids("<|image_pad|>"),
        "video_token_id": ids("<|video_pad|>"),
        "vision_start_token_id": ids("<|vision_start|>"),
        "vision_end_token_id": ids("<|vision_end|>"),
    }
    depth = max(1, size.layers // 2)
    vision: dict[str, Any] = {"depth": depth, "hidden_size": size.hidden, "intermediate_size": 2 * size.hidden}
    vision |= {"num_heads": size.heads, "out_hidden_size": size.hidden}
    vision |= {"spatial_merge_size": 2, "temporal_patch_size": 2}
    pairs = size.hidden // size.heads // 2
    sections = [pairs - 2 * (pairs * 3 // 8), pairs * 3 // 8, pairs * 3 // 8]
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": sections}
    if family == "qwen2_5_vl":
        return Qwen2_5_VLConfig(
            text_config=text | {"rope_parameters": rope},
            vision_config=vision | {"patch_size": 14, "window_size": 56, "fullatt_block_indexes": [depth - 1]},
            **tokens,
        )
    text |= {"head_dim": size.hidden // size.heads, "rope_parameters": rope | {"mrope_interleaved": True}}
    vision |= {"patch_size": 16, "num_position_embeddings": 64}
    if family == "qwen3_vl":
        vision |= {"deepstack_visual_indexes": list(range(min(depth, size.layers)))}
        return Qwen3VLConfig(text_config=text, vision_config=vision, tie_word_embeddings=True, **tokens)
    text |= {
        "num_hidden_layers": 4,
        "linear_key_head_dim": 16,
        "linear_value_head_dim": 16,
        "linear_num_key_heads": 2,
        "linear_num_value_heads": 4,
        "rope_parameters": rope | {"mrope_interleaved": True, "partial_rotary_factor": 1.0},
    }
    return Qwen3_5Config(text_config=text, vision_config=vision, **tokens)


def _config_of_fixed_size(
    family: str, tokenizer: PreTrainedTokenizerFast, size: Size, text: dict[str, Any]
) -> PreTrainedConfig:
    ids = tokenizer.convert_tokens_to_ids
    vision: dict[str, Any] = {
        "hidden_size": size.hidden,
        "intermediate_size": 2 * size.hidden,
        "num_hidden_layers": max(1, size.layers // 2),
        "num_attention_heads": size.heads,
    }
    if family == "smolvlm":
        return SmolVLMConfig(
            text_config=text | {"model_type": "llama"},
            vision_config=vision | {"image_size": 16 * size.patches, "patch_size": 16},
            scale_factor=2,
            image_token_id=ids("<image>"),
        )
    return InternVLConfig(
        text_config=text | {"model_type": "qwen2"},
        vision_config=vision | {"image_size": [14 * size.patches] * 2, "patch_size": [14, 14]},
        image_seq_length=(size.patches // 2) ** 2,
        downsample_ratio=0.5,
        image_token_id=ids("<IMG_CONTEXT>"),
        tie_word_embeddings=False,
    )


def _image_processor(family: str, size: Size) -> BaseImageProcessor:
    """The real family's class, with its real defaults but for the sizes."""
    side = 16 * size.patches
    described: dict[str, Any] = {
        "qwen3_vl": {"image_processor_type": "Qwen2VLImageProcessor", "patch_size": 16}
        | {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"shortest_edge": 65536, "longest_edge": 16777216}},
        "qwen2_5_vl": {"image_processor_type": "Qwen2VLImageProcessor", "patch_size": 14}
        | {"size": {"shortest_edge": 3136, "longest_edge": 12845056}},
        "smolvlm": {"image_processor_type": "SmolVLMImageProcessor", "do_image_splitting": True}
        | {"max_image_size": {"longest_edge": side}, "size": {"longest_edge": 4 * side}},
        "internvl": {"image_processor_type": "GotOcr2ImageProcessor", "crop_to_patches": False}
        | {"size": {"height": 14 * size.patches, "width": 14 * size.patches}},
    }["qwen3_vl" if family == "qwen3_5" else family]
    return getattr(transformers, described.pop("image_processor_type") + "Pil")(**described)


def _enlarge(model: PreTrainedModel, factor: float) -> None:
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.mul_(factor)


def _write(path: Path, content: dict[str, int]) -> None:
    path.write_text(json.dumps(content))
