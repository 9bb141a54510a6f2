"""A tiny model that has learned to see: a Qwen3-VL of half a million weights, taught for three minutes.

Takes: a folder.
Gives: the checkpoint in it, as a user's own would lie there.
Knows nothing about: the engine; only its prompt, its packing and its reading of pictures, which it is taught by.

Two lessons. First the vision tower learns to name what lies in each field, with the language model's own words for
colour, shape and side. Then, the tower left as it is, the language model learns to answer: many questions packed
behind one picture, as the engine asks them. Where to look is taught too: one head of the last layer is shown the field
that the question is about, or the first token where there is none. Without this, to compare two things takes it many
times as long to discover."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import transformers
from PIL import Image
from torch.nn import functional
from transformers.modeling_outputs import ModelOutput

from analyzer import prompt
from analyzer.vlm.load import Loaded, load
from analyzer.vlm.pack import pack
from analyzer.vlm.reading import Prepared, prepare, together
from tests.analyzer.vlm.drawn import COLOURS, COLUMNS, PAIRS, ROWS, SHAPES, SIDES, Drawn, draw, draw_any
from tests.analyzer.vlm.exercises import KINDS, Exercise, Pupil, exercise
from tests.analyzer.vlm.untaught import save_untaught

#: the engine's smallest budget: a picture of 4:3 becomes 4 x 3 tokens, one a field
VISUAL_TOKENS = 16
FIELDS = COLUMNS * ROWS
BATCH = 16
#: the pictures for naming are crowded, so that each teaches much
NAMING_PICTURES, ASKING_PICTURES = 1000, 1600
THINGS_TO_NAME = 8
#: columns, then rows; numbers, since boxes are written in them
NAMES_OF_PLACES = ("100", "350", "600", "850", "150", "500", "800")
NAMING_STEPS, ASKING_STEPS = 375, 850
#: of the latter; sentences and boxes come easily, once it knows where to look
YES_OR_NO_STEPS = 400
NAMING_RATE, ASKING_RATE = 2e-3, 3e-3


def train(folder: Path, *, seed: int = 0) -> Path:
    """Under three minutes on one core; the same weights each time on the same machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # so small a model only waits for more
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            save_untaught(folder)
            loaded = load(str(folder), device="cpu", dtype="float32", visual_tokens=VISUAL_TOKENS)
            _teach(loaded, np.random.default_rng(seed))
    finally:
        torch.set_num_threads(threads)
    loaded.model.save_pretrained(folder)
    return folder


def lessons_hash() -> str:
    """Another one where anything changed that the weights come from."""
    taught_by = hashlib.sha256(f"{torch.__version__} {transformers.__version__}".encode())
    ours = [Path(__file__).with_name(f"{name}.py") for name in ("trained", "drawn", "exercises", "untaught", "tiny")]
    engine = [Path(prompt.__file__), *sorted(Path(prompt.__file__).parent.glob("vlm/*.py"))]
    for source in (*ours, *engine):
        taught_by.update(source.read_bytes())
    return taught_by.hexdigest()[:16]


def _teach(loaded: Loaded, rng: np.random.Generator) -> None:
    crowded = [
        draw(rng, [PAIRS[index] for index in rng.permutation(len(PAIRS))[:THINGS_TO_NAME]])
        for _ in range(NAMING_PICTURES)
    ]
    _learn_to_name(loaded, crowded, _prepared(loaded, crowded), rng)
    loaded.model.set_attn_implementation("eager")  # the others do not tell where they look
    drawn = [draw_any(rng) for _ in range(ASKING_PICTURES)]
    _learn_to_answer(loaded, drawn, _prepared(loaded, drawn), rng)


def _prepared(loaded: Loaded, drawn: Sequence[Drawn]) -> list[Prepared]:
    return [prepare(loaded, [Image.fromarray(np.ascontiguousarray(one.picture[..., ::-1]))]) for one in drawn]


def _learn_to_name(
    loaded: Loaded, drawn: Sequence[Drawn], prepared: Sequence[Prepared], rng: np.random.Generator
) -> None:
    """Each token of the picture becomes the words for what lies there: colour + shape + side."""
    places = [_one(loaded, number) for number in NAMES_OF_PLACES]
    groups = [
        _words(loaded, [*COLOURS, "the"]),
        _words(loaded, [*SHAPES, "the"]),
        _words(loaded, SIDES),
        places[:COLUMNS],
        places[COLUMNS:],
    ]
    labels = torch.tensor([_names(one) for one in drawn])  # (N, groups, fields)
    parameters = [*loaded.model.model.visual.parameters(), loaded.model.get_input_embeddings().weight]
    for chosen in _lessons(parameters, len(drawn), NAMING_STEPS, NAMING_RATE, rng):
        seen = torch.cat(_look(loaded, [prepared[index] for index in chosen]).pooler_output)
        loss = torch.zeros(())
        for index, words in enumerate(groups):
            likely = 3 * seen @ loaded.model.get_input_embeddings().weight[words].T
            loss = loss + functional.cross_entropy(likely, labels[chosen, index].reshape(-1))
        loss.backward()


def _names(drawn: Drawn) -> list[list[int]]:
    colours, shapes = [len(COLOURS)] * FIELDS, [len(SHAPES)] * FIELDS
    for thing in drawn.things:
        colours[thing.field] = list(COLOURS).index(thing.colour)
        shapes[thing.field] = SHAPES.index(thing.shape)
    columns, rows = [place % COLUMNS for place in range(FIELDS)], [place // COLUMNS for place in range(FIELDS)]
    return [colours, shapes, [int(column >= COLUMNS // 2) for column in columns], columns, rows]


def _look(loaded: Loaded, prepared: Sequence[Prepared]) -> ModelOutput:
    inputs = together(loaded, prepared)
    return loaded.model.model.get_image_features(inputs["pixel_values"], inputs["image_grid_thw"], return_dict=True)


def _words(loaded: Loaded, words: Sequence[str]) -> list[int]:
    return [_one(loaded, f" {word}") for word in words]


def _one(loaded: Loaded, text: str) -> int:
    (token,) = loaded.tokenizer.encode(text, add_special_tokens=False)
    return int(token)


def _lessons(
    parameters: Sequence[torch.nn.Parameter], pictures: int, steps: int, rate: float, rng: np.random.Generator
) -> Iterator[list[int]]:
    """Yields which of so many pictures a step is about, after which it expects the gradients."""
    optimizer = torch.optim.AdamW(parameters, lr=rate, betas=(0.9, 0.98), weight_decay=0.1)
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 30) * (0.05 + 0.95 * 0.5 * (1 + np.cos(np.pi * step / steps)))
        optimizer.zero_grad()
        yield rng.integers(0, pictures, BATCH).tolist()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()


def _learn_to_answer(
    loaded: Loaded, drawn: Sequence[Drawn], prepared: Sequence[Prepared], rng: np.random.Generator
) -> None:
    """Questions of the same kinds to each picture of a step, so that one mask serves all."""
    with torch.no_grad():
        seen = [_look(loaded, prepared[first : first + BATCH]) for first in range(0, len(drawn), BATCH)]
    model = loaded.model
    for parameter in model.model.visual.parameters():
        parameter.requires_grad_(False)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    watched: list[torch.Tensor] = []
    attention = model.model.language_model.layers[-1].self_attn
    hook = attention.register_forward_hook(lambda _module, _inputs, given: watched.append(given[1][:, 0]))
    pupil = Pupil(loaded)
    for step, chosen in enumerate(_lessons(parameters, len(drawn), ASKING_STEPS, ASKING_RATE, rng)):
        kinds = KINDS[step % len(KINDS) if step >= YES_OR_NO_STEPS else 0]
        rows = [[exercise(pupil, kind, drawn[index], rng) for kind in kinds] for index in chosen]
        watched.clear()
        hidden = _read(loaded, [prepared[index] for index in chosen], _seen(seen, chosen), rows)
        _loss(model.lm_head, hidden, watched[0], rows, prepared[0].length).backward()
    hook.remove()


def _seen(batches: Sequence[ModelOutput], chosen: Sequence[int]) -> ModelOutput:
    """Of the chosen pictures what the tower made of them, as if it had looked at these together."""
    at = [(batches[index // BATCH], index % BATCH) for index in chosen]
    return ModelOutput(
        pooler_output=[batch.pooler_output[place] for batch, place in at],
        deepstack_features=[[batch.deepstack_features[0][place] for batch, place in at]],
    )


def _read(
    loaded: Loaded, prepared: Sequence[Prepared], seen: ModelOutput, rows: Sequence[Sequence[Exercise]]
) -> torch.Tensor:
    """(B, P + T, D): prompt and pack in one pass, so that gradients reach both."""
    inputs = together(loaded, prepared)
    before = inputs["input_ids"]
    length = before.shape[1]
    asked = torch.tensor([[token for one in row for token in one.ids] for row in rows])
    packed = pack([one.ids for one in rows[0]], length, dtype=torch.float32, device=before.device)
    causal = torch.full((length, length + len(packed.ids)), torch.finfo(torch.float32).min).triu(1)
    mask = torch.cat([causal[None, None], packed.mask], 2)
    positions, delta = loaded.model.model.get_rope_index(
        before, mm_token_type_ids=inputs["mm_token_type_ids"], image_grid_thw=inputs["image_grid_thw"]
    )
    after = (length + delta.view(-1, 1) + packed.relative)[None].expand(3, -1, -1)
    return loaded.model.model(
        input_ids=torch.cat([before, asked], 1),
        position_ids=torch.cat([positions, after], 2),
        attention_mask=mask.expand(len(rows), -1, -1, -1),
        mm_encoder_outputs={"image": seen},
        use_cache=False,
    ).last_hidden_state


def _loss(
    head: torch.nn.Module, hidden: torch.Tensor, looked: torch.Tensor, rows: Sequence[Sequence[Exercise]], length: int
) -> torch.Tensor:
    """`looked`: (B, P + T, P + T)."""
    said, tokens, at, target = [], [], [], []
    for row, exercises in enumerate(rows):
        start = length
        for one in exercises:
            said += [(row, start + offset) for offset, _ in one.says]
            tokens += [token for _, token in one.says]
            at += [(row, start + offset) for offset, _ in one.looks]
            target += [fields for _, fields in one.looks]
            start += len(one.ids)
    picked = hidden[tuple(torch.tensor(said).T)]
    answering = functional.cross_entropy(head(picked), torch.tensor(tokens))
    onto = looked[tuple(torch.tensor(at).T)]  # (N, P + T)
    wanted = torch.zeros_like(onto)
    for index, columns in enumerate(target):
        wanted[index, list(columns)] = 1
    looking = -(onto * wanted).sum(-1).clamp_min(1e-6).log().mean()
    return answering + looking
