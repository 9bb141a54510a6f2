"""A tiny SigLIP with random weights, exported as a real one is."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, SiglipConfig, SiglipImageProcessor, SiglipModel

from analyzer.gate.towers import Towers, load_towers
from analyzer.vlm.export_towers import export_towers

WORDS = "is a person visible red circle car somebody climbing the fence ?".split()


@pytest.fixture(scope="session")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint folder."""
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("siglip")
    tower = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    ends = {"bos_token_id": 2, "eos_token_id": 2}
    config = SiglipConfig(
        text_config={**tower, **ends, "vocab_size": 32, "max_position_embeddings": 16, "projection_size": 32},
        vision_config={**tower, "image_size": 64, "patch_size": 16},
    )
    SiglipModel(config).save_pretrained(folder)
    SiglipImageProcessor(size={"height": 64, "width": 64}).save_pretrained(folder)
    words = {word: index for index, word in enumerate(["<pad>", "<unk>", "</s>", *WORDS])}
    backend = Tokenizer(models.WordLevel(words, "<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 2)])
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", unk_token="<unk>", eos_token="</s>"
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def exported(siglip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the gate loads."""
    folder = tmp_path_factory.mktemp("gate") / "towers"
    export_towers(str(siglip), folder)
    return folder


@pytest.fixture(scope="session")
def towers(exported: Path) -> Towers:
    """Loaded."""
    return load_towers(exported)
