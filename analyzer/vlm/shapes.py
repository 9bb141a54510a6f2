"""Models by their shape alone: random weights, as fast and as slow as the trained ones.

Takes: a shape's name, or the folder of a checkpoint, of which only config.json is read.
Gives: the configuration, how long its prompts are, a model built where it will run.
Knows nothing about: weights, tokenizers, time; it imports torch and transformers only.

Speed does not depend on the values, so a machine can be measured without a download.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, Qwen3VLConfig, Qwen3VLForConditionalGeneration

from contracts.errors import ConfigError, Refused

FAMILY = "qwen3_vl"
#: of a published checkpoint: the system's words with our instruction, and a question with the template's ending
COMMON_TOKENS, RULE_TOKENS = 40, 24


@dataclass(frozen=True, slots=True)
class Shape:
    """`common_tokens`: text that all questions share; `rule_tokens`: a question with the template's ending, mean."""

    text: Mapping[str, int]
    vision: Mapping[str, Any]
    tied: bool
    common_tokens: int = COMMON_TOKENS
    rule_tokens: int = RULE_TOKENS


_VIT_300M = {
    "depth": 24, "hidden_size": 1024, "intermediate_size": 4096, "num_heads": 16,
    "deepstack_visual_indexes": (5, 11, 17),
}  # fmt: skip
_VIT_400M = {
    "depth": 27, "hidden_size": 1152, "intermediate_size": 4304, "num_heads": 16,
    "deepstack_visual_indexes": (8, 16, 24),
}  # fmt: skip

SHAPES: dict[str, Shape] = {
    "tiny": Shape(
        text={
            "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 3, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 16, "vocab_size": 512,
        },
        vision={
            "depth": 2, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2, "num_position_embeddings": 64,
            "deepstack_visual_indexes": (0, 1),
        },
        tied=True, common_tokens=9, rule_tokens=7,
    ),
    # 78 M parameters; vision takes about 1.9 times what the language model takes for one prompt.
    "cpu-mid": Shape(
        text={
            "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 8, "num_attention_heads": 8,
            "num_key_value_heads": 4, "head_dim": 64, "vocab_size": 42_624,
        },
        vision={
            "depth": 6, "hidden_size": 384, "intermediate_size": 1536, "num_heads": 6,
            "deepstack_visual_indexes": (1, 2, 3),
        },
        tied=True, common_tokens=31, rule_tokens=20,
    ),
    "qwen3-vl-2b": Shape(
        text={
            "hidden_size": 2048, "intermediate_size": 6144, "num_hidden_layers": 28, "num_attention_heads": 16,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936,
        },
        vision=_VIT_300M, tied=True,
    ),
    "qwen3-vl-4b": Shape(
        text={
            "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936,
        },
        vision=_VIT_300M, tied=True,
    ),
    "qwen3-vl-8b": Shape(
        text={
            "hidden_size": 4096, "intermediate_size": 12_288, "num_hidden_layers": 36, "num_attention_heads": 32,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151_936,
        },
        vision=_VIT_400M, tied=False,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """What is built, and with prompts of which length it is asked."""

    name: str
    config: Any
    common_tokens: int
    rule_tokens: int


def plan(name: str) -> Plan:
    """A name of SHAPES, else the folder of a Qwen3-VL checkpoint."""
    shape = SHAPES.get(name)
    if shape is not None:
        return Plan(name, _config(shape), shape.common_tokens, shape.rule_tokens)
    if not (Path(name) / "config.json").is_file():
        raise ConfigError(
            f"model '{name}' is neither a shape nor a folder with a config.json", f"name one of {', '.join(SHAPES)}"
        )
    config = AutoConfig.from_pretrained(name, local_files_only=True)
    if config.model_type != FAMILY:
        raise Refused(
            f"model '{name}' is of the family '{config.model_type}', and the bench knows prompts of '{FAMILY}' only",
            f"name one of {', '.join(SHAPES)}",
        )
    return Plan(Path(name).name, config, COMMON_TOKENS, RULE_TOKENS)


def build(config: Any, *, device: str, dtype: str) -> Any:
    """Made on the device itself: 8 B parameters in float32 on the host would not fit everywhere."""
    torch.manual_seed(0)
    with torch.device(device):
        model = Qwen3VLForConditionalGeneration._from_config(config, dtype=getattr(torch, dtype))
    return model.eval()


def parameters(model: Any) -> int:
    """Tied weights count once."""
    return sum(weights.numel() for weights in model.parameters())


def _config(shape: Shape) -> Any:
    half = shape.text["head_dim"] // 2
    side = 2 * (half * 5 // 32)  # height and width; 24, 20, 20 of 64 in the published models
    rope = {
        "rope_type": "default",
        "rope_theta": 5_000_000.0,
        "mrope_section": [half - 2 * side, side, side],
        "mrope_interleaved": True,
    }
    config = Qwen3VLConfig(
        text_config={**shape.text, "rope_parameters": rope, "max_position_embeddings": 262_144},
        vision_config={**shape.vision, "out_hidden_size": shape.text["hidden_size"]},
        tie_word_embeddings=shape.tied,
    )
    if shape.text["vocab_size"] < config.image_token_id:
        config.image_token_id, config.video_token_id = shape.text["vocab_size"] - 1, shape.text["vocab_size"] - 2
        config.vision_start_token_id = shape.text["vocab_size"] - 3
        config.vision_end_token_id = shape.text["vocab_size"] - 4
    return config
