import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import load_file, save_file

from analyzer.prompt import prompt_hash
from analyzer.vlm.engine import VlmEngine
from analyzer.vlm.load import Loaded, load, ref_of
from analyzer.vlm.no_memory import out_of_memory
from analyzer.vlm.proof import prove
from contracts.errors import EngineError
from contracts.explain import ExplainRequest
from tests.analyzer.vlm.tiny import FAMILIES, HYBRID, save_tiny

Checkpoint = Callable[[str], Path]
LoadTiny = Callable[..., Loaded]


def test_the_best_path_that_holds_is_packed_where_all_attention_is_full(loaded: Loaded) -> None:
    proof = prove(loaded)

    assert (proof.path, proof.freezes, proof.explains, proof.reason) == ("packed", True, True, "")
    assert proof.error < 1e-4
    assert proof.margin_error < 1e-4


@contextmanager
def positions_off(loaded: Loaded, where: Callable[[dict[str, Any]], bool]) -> Iterator[None]:
    """A model that is wrong in one of its ways of reading, without an error."""

    def shift(_: object, args: tuple[object, ...], given: dict[str, Any]) -> tuple[tuple[object, ...], dict[str, Any]]:
        wrong = given.get("past_key_values") is not None and where(given)
        return args, given | {"position_ids": given["position_ids"] * 3} if wrong else given

    hook = loaded.model.model.register_forward_pre_hook(shift, with_kwargs=True)
    try:
        yield
    finally:
        hook.remove()


def is_packed(given: dict[str, Any]) -> bool:
    return given.get("attention_mask") is not None


def is_batched(given: dict[str, Any]) -> bool:
    return not is_packed(given) and given["input_ids"].shape[0] > 1


def is_decoded(given: dict[str, Any]) -> bool:
    return not is_packed(given) and given["input_ids"].shape[0] == 1


def test_a_path_that_is_not_taken_is_checked_too_and_named_where_it_fails(loaded: Loaded) -> None:
    with positions_off(loaded, is_batched):
        proof = prove(loaded)
    with positions_off(loaded, is_packed):
        other = prove(loaded)

    assert (proof.path, proof.explains) == ("packed", True)
    assert proof.reason.startswith("batched: off by")
    assert (other.path, other.freezes, other.explains) == ("batched", True, True)
    assert other.reason.startswith("packed: off by")


@pytest.mark.parametrize("step", ["a word", "a block"])
def test_a_model_that_decodes_otherwise_than_it_reads_answers_and_does_not_explain(
    loaded: Loaded, step: str, caplog: pytest.LogCaptureFixture
) -> None:
    def is_step(given: dict[str, Any]) -> bool:
        decoded = given["past_key_values"].get_seq_length() > 0 and given["position_ids"].min() > 0
        length = given["input_ids"].shape[1]
        return bool(is_decoded(given) and decoded and (length == 1) == (step == "a word"))

    with positions_off(loaded, is_step), caplog.at_level("WARNING"):
        engine = VlmEngine(loaded, clock=lambda: 0.0)

    assert engine.path == "packed"
    assert engine.proof.reason.startswith("explain: off by")
    assert not engine.capabilities("analyzer-1").explains
    assert [record.message for record in caplog.records] == ["explanations are off"]
    with pytest.raises(EngineError, match="does not explain: explain: off by"):
        engine.explain(ExplainRequest("cam_1", ("sha",), ("Is a car visible?",)), [b"jpeg"])


@pytest.mark.parametrize("family", FAMILIES)
def test_rounding_alone_takes_nothing_away(family: str, load_tiny: LoadTiny) -> None:
    proof = prove(load_tiny(family, dtype="bfloat16"))

    assert (proof.path, proof.explains, proof.reason) == ("packed", True, "")


def test_a_hybrid_takes_the_batched_path_and_says_why(load_tiny: LoadTiny) -> None:
    engine = VlmEngine(load_tiny(HYBRID), clock=lambda: 0.0)

    assert engine.path == "batched"
    assert "LinearAttention" in engine.proof.reason
    assert engine.proof.explains


def test_a_sliding_window_takes_another_path_than_packing(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = changed(
        checkpoint("qwen2_5_vl"),
        tmp_path,
        text_config={
            "use_sliding_window": True,
            "sliding_window": 48,
            "max_window_layers": 1,
            "layer_types": ["full_attention", "sliding_attention"],
        },
    )

    proof = prove(load(str(folder), visual_tokens=64))

    assert proof.path in ("batched", "vision_shared")
    assert "packed: its cache holds DynamicSlidingWindowLayer" in proof.reason


def test_a_model_that_does_not_see_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint("internvl"), tmp_path / "blind")
    weights = load_file(folder / "model.safetensors")
    blind = {name: tensor * 0 if "projector" in name else tensor for name, tensor in weights.items()}
    save_file(blind, folder / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(EngineError, match="two different pictures make no difference"):
        prove(load(str(folder), visual_tokens=64))


def test_a_model_that_gives_no_numbers_is_refused(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint("internvl"), tmp_path / "nan")
    weights = load_file(folder / "model.safetensors")
    save_file({name: tensor * float("nan") for name, tensor in weights.items()}, folder / "model.safetensors")

    with pytest.raises(EngineError, match="gives no numbers"):
        prove(load(str(folder), visual_tokens=64))


def test_a_tokenizer_without_yes_or_no_is_refused(tmp_path: Path) -> None:
    folder = save_tiny("internvl", tmp_path, without=("Yes", "yes", "YES", "是"))

    with pytest.raises(EngineError, match="no single token for 'yes' and 'no'"):
        load(str(folder))


def test_what_is_not_there_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(EngineError, match="there is no such folder") as folder:
        load(str(tmp_path / "nowhere"))
    with pytest.raises(EngineError, match="cannot be fetched from the hub") as hub:
        load("nobody/nothing")
    with pytest.raises(EngineError, match="holds no checkpoint") as empty:
        load(str(tmp_path))

    assert all("\n" not in str(error.value) for error in (folder, hub, empty))


def test_a_checkpoint_without_its_weights_is_not_whole(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = shutil.copytree(checkpoint("smolvlm"), tmp_path / "half")
    (folder / "model.safetensors").unlink()

    with pytest.raises(EngineError, match="no whole checkpoint"):
        load(str(folder))


def test_a_checkpoint_whose_weights_are_torn_or_not_all_there_is_refused(
    checkpoint: Checkpoint, tmp_path: Path
) -> None:
    torn, fewer = (shutil.copytree(checkpoint("smolvlm"), tmp_path / name) for name in ("torn", "fewer"))
    whole = (torn / "model.safetensors").read_bytes()
    (torn / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    weights = load_file(fewer / "model.safetensors")
    some = {name: tensor for name, tensor in weights.items() if "connector" not in name}
    save_file(some, fewer / "model.safetensors", metadata={"format": "pt"})

    with pytest.raises(EngineError, match="its weights are broken"):
        load(str(torn))
    with pytest.raises(EngineError, match="1 of its weights are missing"):
        load(str(fewer))


def test_a_model_of_the_hub_is_taken_from_this_machines_cache_and_named_by_its_commit(
    checkpoint: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "models--someone--tiny"
    shutil.copytree(checkpoint("internvl"), cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs" / "main").write_text(commit)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)

    loaded = load("someone/tiny")
    pinned = load("someone/tiny", revision=commit)

    assert loaded.ref.name == "someone/tiny"
    assert loaded.ref.revision == pinned.ref.revision == f"{commit[:12]}+{prompt_hash()}"
    with pytest.raises(EngineError, match="cannot be fetched"):
        load("someone/tiny", revision="another")


def test_what_made_the_pictures_is_part_of_the_name_that_margins_are_calibrated_under(tmp_path: Path) -> None:
    by_pil, by_torchvision = (ref_of("x", tmp_path, None, backend) for backend in ("pil", "torchvision"))

    assert by_torchvision.revision == f"{by_pil.revision}+tv"


def test_a_chat_template_is_found_where_older_checkpoints_keep_it(checkpoint: Checkpoint, tmp_path: Path) -> None:
    older, none = (shutil.copytree(checkpoint("smolvlm"), tmp_path / name) for name in ("older", "none"))
    (none / "chat_template.jinja").unlink()
    template = (older / "chat_template.jinja").read_text()
    (older / "chat_template.jinja").unlink()
    (older / "chat_template.json").write_text(json.dumps({"chat_template": template}))

    loaded = load(str(older))

    assert loaded.layout.after("x") == load(str(checkpoint("smolvlm"))).layout.after("x")
    with pytest.raises(EngineError, match="no chat template"):
        load(str(none))


def test_an_unknown_family_is_refused_and_the_known_ones_are_named(checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = changed(checkpoint("internvl"), tmp_path, model_type="gemma3")
    stranger = changed(checkpoint("internvl"), tmp_path / "more", model_type="never_heard_of")

    with pytest.raises(EngineError, match=r"its family 'gemma3' is not known; choose one of: .*qwen3_vl"):
        load(str(folder))
    with pytest.raises(EngineError, match="never_heard_of"):
        load(str(stranger))


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_wanted_and_not_there_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(EngineError, match="'cuda' is wanted and torch sees none"):
        load(str(checkpoint("internvl")), device="cuda")


def test_a_local_models_revision_names_its_weights_and_our_wording(checkpoint: Checkpoint, tmp_path: Path) -> None:
    one, same = load(str(checkpoint("internvl"))), load(str(checkpoint("internvl")))
    other = load(str(save_tiny("internvl", tmp_path, seed=1)))

    weights, wording = one.ref.revision.split("+")
    assert (one.ref.engine, wording, len(weights)) == ("vlm", prompt_hash(), 12)
    assert one.ref == same.ref
    assert other.ref.revision != one.ref.revision


def test_memory_that_ran_out_is_told_from_other_failures() -> None:
    with pytest.raises(RuntimeError) as too_large:
        torch.empty(1 << 60)
    with pytest.raises(RuntimeError) as wrong:
        torch.ones(2) @ torch.ones(3)

    assert out_of_memory(too_large.value)
    assert not out_of_memory(wrong.value)


def test_memory_that_the_driver_refuses_is_memory_too() -> None:
    """As pinning raises it: no allocator of torch's is asked, so it is no OutOfMemoryError."""
    refused = torch.AcceleratorError("CUDA error: out of memory\nCUDA kernel errors might be reported later")
    by_number = torch.AcceleratorError("CUDA error: 内存不足")
    by_number.error_code = 2
    broken = torch.AcceleratorError("CUDA error: device-side assert triggered")
    broken.error_code = 710

    assert out_of_memory(refused) and out_of_memory(by_number)
    assert out_of_memory(RuntimeError("CUDA error: out of memory"))
    assert not out_of_memory(broken)


def changed(folder: Path, into: Path, *, text_config: dict[str, object] | None = None, **fields: object) -> Path:
    """A copy whose config says something else."""
    copy = shutil.copytree(folder, into / "changed")
    config = json.loads((copy / "config.json").read_text())
    config |= fields
    config["text_config"] |= text_config or {}
    (copy / "config.json").write_text(json.dumps(config))
    return copy
