"""The tiny Qwen3-VL that `trained` teaches, before its first lesson.

Takes: a folder.
Gives: model, tokenizer, chat template and image processor in it.
Knows nothing about: lessons; only the words in which they are given."""

import json
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForImageTextToText,
    PreTrainedTokenizerFast,
    Qwen2VLImageProcessorPil,
    Qwen3VLConfig,
)

from analyzer import prompt
from analyzer.vlm.constrain import BETWEEN, OPENING
from tests.analyzer.vlm.drawn import COLOURS, SHAPES, SIDES
from tests.analyzer.vlm.exercises import ROUNDED_TO
from tests.analyzer.vlm.tiny import SPECIAL, TEMPLATE

HIDDEN, HEADS, HEAD_DIM = 64, 4, 32
#: how long the last layer's queries and keys are: at 1, attention tells three words that match from two too late
SHARPNESS = 2.0


def save_untaught(folder: Path) -> None:
    """The weights are random: of the spread with which so small a model learns fast."""
    tokenizer = _tokenizer()
    ids = tokenizer.convert_tokens_to_ids
    rope = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [6, 5, 5], "mrope_interleaved": True}
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": -(-len(tokenizer) // 64) * 64,
            "hidden_size": HIDDEN,
            "intermediate_size": 2 * HIDDEN,
            "num_hidden_layers": 2,
            "num_attention_heads": HEADS,
            "num_key_value_heads": HEADS,
            "head_dim": HEAD_DIM,
            "max_position_embeddings": 4096,
            "initializer_range": 0.08,
            "rope_parameters": rope,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={
            "depth": 2,
            "hidden_size": HIDDEN,
            "intermediate_size": 2 * HIDDEN,
            "num_heads": HEADS,
            "out_hidden_size": HIDDEN,
            "patch_size": 16,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "num_position_embeddings": 64,
            "deepstack_visual_indexes": [0],
            "initializer_range": 0.08,
        },
        image_token_id=ids("<|image_pad|>"),
        video_token_id=ids("<|video_pad|>"),
        vision_start_token_id=ids("<|vision_start|>"),
        vision_end_token_id=ids("<|vision_end|>"),
        tie_word_embeddings=True,
    )
    model = AutoModelForImageTextToText.from_config(config, dtype=torch.float32)
    last = model.model.language_model.layers[-1].self_attn
    for norm in (last.q_norm, last.k_norm):
        torch.nn.init.constant_(norm.weight, SHARPNESS)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil(
        patch_size=16,
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
        size={"shortest_edge": 32 * 32, "longest_edge": 4096 * 32 * 32},
    ).save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level, so that it takes any text; what stands in every prompt is a token, so that lessons are short."""
    numbers = [str(number) for number in range(0, 1001, ROUNDED_TO)]
    phrases = sorted(set(_phrases()), key=len, reverse=True)
    raw = Tokenizer(models.BPE())
    words = "|".join([*map(_escaped, phrases), r"\p{N}+", r" ?\p{L}+", r"\n", r"[^\p{N}\p{L}\n]"])
    raw.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    raw.decoder = decoders.ByteLevel()
    spoken = [f" {word}" for word in (*COLOURS, *SHAPES, *SIDES, "something", "visible", "is", "on", "the", "a")]
    lines = [*phrases, *numbers, *spoken, "Is", "A", "Yes", "No"]
    trainer = trainers.BpeTrainer(
        vocab_size=4096, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    raw.train_from_iterator([line for line in lines for _ in range(2)], trainer)
    end, pad = "<|im_end|>", "<|endoftext|>"
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        eos_token=end,
        pad_token=pad,
        additional_special_tokens=[token for token in SPECIAL["qwen3_vl"] if token not in (end, pad)],
        chat_template=TEMPLATE["qwen3_vl"],
    )


def _phrases() -> Iterator[str]:
    yield prompt.instruction(1)
    yield from ("user\n", "assistant\n", BETWEEN, OPENING[1:], '], "label": "')
    mark = "\0"
    for text in (
        prompt.asked(mark),
        prompt.explain_asked([mark]),
        prompt.where_asked(mark, "relative_1000").replace(json.dumps(mark), f'"{mark}"'),
    ):
        yield from (part for part in text.split(mark) if part)


def _escaped(text: str) -> str:
    return "".join(f"\\{char}" if char in r"\.^$*+?()[]{}|-" else char.replace("\n", r"\n") for char in text)
