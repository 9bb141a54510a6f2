"""The same questions through the engine itself, with JPEGs: what decoding, resizing and tokenising add to the model.

Takes: a model of random weights, a plan of its prompts, how many frames and rules.
Gives: the whole of `VlmEngine.answer`, and its preparation alone, to be timed.
Knows nothing about: stopwatches, rows. It needs all of the extra `vlm`, not torch and transformers alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import simplejpeg
import transformers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers
from transformers import PreTrainedConfig, PreTrainedTokenizerFast
from transformers.utils import is_torchvision_available

from analyzer.engine import Query
from analyzer.vlm.answers import find_words
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.families import FAMILIES, Checkpoint
from analyzer.vlm.layout import Layout
from analyzer.vlm.load import Loaded
from analyzer.vlm.looking import looks_at
from analyzer.vlm.shapes import FAMILY
from analyzer.vlm.speed import Model
from analyzer.yes_no import NO, YES
from contracts.messages import Keyframe, ModelRef, Scene
from contracts.site import AskedQuestion

#: of a camera's frame
WIDTH, HEIGHT = 1920, 1080
_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{% for part in message.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
)


@dataclass(frozen=True, slots=True)
class Driven:
    """An engine and the frames it is given, one a camera."""

    engine: VlmEngine
    loaded: Loaded
    jpegs: Sequence[bytes]

    def answer(self, rules: int) -> object:
        """All frames, each asked so many questions."""
        return self.engine.answer(self._queries(rules))

    def prepare(self) -> object:
        """All frames, up to the model."""
        return looks_at(self.loaded, self._queries(1), "off")

    def _queries(self, rules: int) -> list[Query]:
        questions = tuple(AskedQuestion(f"q{each}", f"Is thing {each} near the gate visible?") for each in range(rules))
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return [
            Query(Keyframe(f"cam_{index}", 1, 1, now, jpeg, WIDTH, HEIGHT, Scene()), questions)
            for index, jpeg in enumerate(self.jpegs)
        ]


def driven(model: Model, *, batch: int, visual_tokens: int) -> Driven:
    """Raises EngineError where random weights do not pass the engine's proof."""
    loaded = _loaded(model, visual_tokens)
    engine = VlmEngine(loaded, clock=lambda: 0.0, batch_frames=batch, least_mass=0.0, remembered=0)
    random = np.random.default_rng(1)
    return Driven(engine, loaded, [_jpeg(random) for _ in range(batch)])


def _jpeg(random: np.random.Generator) -> bytes:
    """Coarse patches under a sensor's noise: as many bytes as a street has, some 300 KB."""
    patches = random.integers(40, 215, (HEIGHT // 40, WIDTH // 40, 3)).repeat(40, 0).repeat(40, 1)
    noisy = np.clip(patches + random.normal(0, 6, patches.shape), 0, 255).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(noisy), quality=80, colorspace="BGR"))


def _loaded(model: Model, visual_tokens: int) -> Loaded:
    config, vit = model.config, model.config.vision_config
    on_gpu = model.device.type == "cuda" and is_torchvision_available()
    kind = getattr(transformers, "Qwen2VLImageProcessor" if on_gpu else "Qwen2VLImageProcessorPil")
    side = vit.patch_size * vit.spatial_merge_size
    processor = kind(
        patch_size=vit.patch_size,
        temporal_patch_size=vit.temporal_patch_size,
        merge_size=vit.spatial_merge_size,
        image_mean=[0.5] * 3,
        image_std=[0.5] * 3,
        size={"shortest_edge": side**2, "longest_edge": visual_tokens * side**2},
    )
    tokenizer = _tokenizer(config)
    family = FAMILIES[FAMILY]
    return Loaded(
        model=model,
        tokenizer=tokenizer,
        checkpoint=Checkpoint(processor, "<|image_pad|>", 0),
        family=family,
        layout=Layout(tokenizer, image_token="<|image_pad|>", template=family.template),
        words=find_words(tokenizer),
        visual_tokens=visual_tokens,
        device=model.device,
        dtype=model.dtype,
        ref=ModelRef("bench", "0", "vlm"),
        processor_device=str(model.device) if on_gpu else None,
    )


def _tokenizer(config: PreTrainedConfig) -> PreTrainedTokenizerFast:
    """A token a word, most of them the same one: speed does not depend on the values, but on how many there are."""
    ids = {
        "<|image_pad|>": config.image_token_id,
        "<|video_pad|>": config.video_token_id,
        "<|vision_start|>": config.vision_start_token_id,
        "<|vision_end|>": config.vision_end_token_id,
    }
    words = ("<unk>", "<|im_start|>", "<|im_end|>", *YES, *NO)
    raw = Tokenizer(models.WordLevel({word: index for index, word in enumerate(words)} | ids, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split(Regex(r" ?\p{L}+| ?\p{N}+|\n|[^\p{L}\p{N}\n]"), "isolated")
    return PreTrainedTokenizerFast(
        tokenizer_object=raw,
        unk_token="<unk>",
        eos_token="<|im_end|>",
        additional_special_tokens=["<|im_start|>", *ids],
        chat_template=_TEMPLATE,
    )
