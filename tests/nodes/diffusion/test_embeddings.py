"""Embeddings in prompts, against diffusers' own way to load them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from nodes.diffusion.embeddings import named_in, read_embedding, with_embeddings
from nodes.diffusion.errors import LoadError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.text import TextEncoder
from tests.nodes.tiny import WIDTH, diffusers
from tests.nodes.tiny_families import LARGE, SMALL, make_family


def vectors(count: int = 3, width: int = WIDTH, seed: int = 0) -> Tensor:
    return torch.randn(count, width, generator=torch.Generator().manual_seed(seed))


def saved(path: Path, content: Any) -> Path:
    if path.suffix == ".safetensors":
        save_file(content, path)
    else:
        torch.save(content, path)
    return path


def knowing(clip: TextEncoder, path: Path, word: str = "thing") -> TextEncoder:
    return with_embeddings(clip, {word: read_embedding(path)})


def encoded(clip: TextEncoder, prompt: str) -> Tensor:
    return clip.encode(prompt).entries[0].embedding


OLD = {"string_to_token": {"*": 265}, "name": "thing", "step": 7}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pt", OLD | {"string_to_param": {"*": vectors()}}),
        ("a.pt", OLD | {"string_to_param": nn.ParameterDict({"*": nn.Parameter(vectors())})}),
        ("a.bin", {"<thing>": vectors()}),
        ("a.safetensors", {"<thing>": vectors()}),
        ("a.safetensors", {"emb_params": vectors()}),
        ("a.safetensors", {"clip_l": vectors()}),
    ],
)
def test_every_format_says_what_diffusers_says(
    tiny: Checkpoint, tiny_folder: Path, name: str, content: Any, tmp_path: Path
) -> None:
    pipe = diffusers.StableDiffusionPipeline.from_pretrained(tiny_folder, local_files_only=True)
    pipe.load_textual_inversion({"thing": vectors()}, token="thing")
    prompt = pipe.maybe_convert_prompt("a thing on mat", pipe.tokenizer)
    ids = pipe.tokenizer(prompt, padding="max_length", max_length=77, return_tensors="pt")
    with torch.no_grad():
        expected = pipe.text_encoder(ids.input_ids)
    clip = knowing(tiny.text_encoder, saved(tmp_path / name, content))
    (entry,) = clip.encode("a embedding:thing on mat").entries
    torch.testing.assert_close(entry.embedding, expected.last_hidden_state)
    assert entry.pooled is not None
    torch.testing.assert_close(entry.pooled, expected.pooler_output)
    plain = tiny.text_encoder.encode("a thing on mat").entries[0].embedding
    assert not torch.allclose(entry.embedding, plain, atol=0.1)


def test_one_vector_may_lack_its_dimension(tiny: Checkpoint, tmp_path: Path) -> None:
    one = vectors(1)
    flat = saved(tmp_path / "flat.safetensors", {"<thing>": one[0]})
    whole = saved(tmp_path / "whole.safetensors", {"<thing>": one})
    said = [encoded(knowing(tiny.text_encoder, path), "embedding:thing") for path in (flat, whole)]
    assert torch.equal(*said)


def test_brackets_weigh_the_vectors(tiny: Checkpoint, tmp_path: Path) -> None:
    clip = knowing(tiny.text_encoder, saved(tmp_path / "a.safetensors", {"a": vectors()}), "7")
    plain, empty = encoded(clip, "a embedding:7, b"), encoded(clip, "")
    for weight, written in ((1.3, "(embedding:7:1.3)"), (1.1, "(embedding:7)")):
        factors = torch.ones(77)
        factors[2:5] = weight
        expected = empty + factors[:, None] * (plain - empty)
        torch.testing.assert_close(encoded(clip, f"a {written}, b"), expected)


def test_vectors_keep_together_and_text_goes_on_beside_them(
    tiny: Checkpoint, tmp_path: Path
) -> None:
    clip = knowing(tiny.text_encoder, saved(tmp_path / "a.safetensors", {"a": vectors()}))
    first, second = clip.tokenize(f"{'ab ' * 37}embedding:thing,x")
    beyond = clip.towers[0].config.vocab_size
    assert not any(token >= beyond for token, _ in first)
    assert [token for token, _ in second[1:4]] == [beyond, beyond + 1, beyond + 2]
    assert torch.equal(encoded(clip, "embedding:thing,x"), encoded(clip, " embedding:thing , x"))


def test_the_text_model_is_left_as_it_was(tiny: Checkpoint, tmp_path: Path) -> None:
    before = encoded(tiny.text_encoder, "a cat")
    clip = knowing(tiny.text_encoder, saved(tmp_path / "a.safetensors", {"a": vectors()}))
    encoded(clip, "embedding:thing")
    assert torch.equal(encoded(tiny.text_encoder, "a cat"), before)
    assert torch.equal(encoded(clip, "a cat"), before)
    assert not tiny.text_encoder.towers[0].vectors


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> TextEncoder:
    folder = make_family(tmp_path_factory.mktemp("models") / "sdxl", "sdxl")
    return load_checkpoint(folder).text_encoder


def test_sdxl_reads_a_part_for_each_text_model(sdxl: TextEncoder, tmp_path: Path) -> None:
    parts = {"clip_l": vectors(2, SMALL), "clip_g": vectors(2, LARGE, seed=1)}
    clip = knowing(sdxl, saved(tmp_path / "a.safetensors", parts))
    for tower, part in zip(clip.towers, parts.values(), strict=True):
        assert torch.equal(tower.vectors["thing"], part)
    both = encoded(clip, "a embedding:thing")
    alone = knowing(sdxl, saved(tmp_path / "l.safetensors", {"clip_l": parts["clip_l"]}))
    small = encoded(alone, "a embedding:thing")
    assert torch.equal(small[..., :SMALL], both[..., :SMALL])
    assert torch.equal(small[..., SMALL:], encoded(sdxl, "a")[..., SMALL:])


def test_another_familys_embedding_is_refused(
    tiny: Checkpoint, sdxl: TextEncoder, tmp_path: Path
) -> None:
    path = saved(tmp_path / "a.safetensors", {"emb_params": vectors(2, 768)})
    made_for = "it was made for Stable Diffusion 1"
    with pytest.raises(LoadError, match=f"is 768 wide and this model reads 16: {made_for}"):
        knowing(tiny.text_encoder, path)
    with pytest.raises(LoadError, match=f"reads {SMALL} and {LARGE}: {made_for}"):
        knowing(sdxl, path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.safetensors", {"a": vectors(), "b": vectors()}, "holds no embedding for prompts"),
        ("a.safetensors", {"a": torch.zeros(1, 2, 3)}, "holds no embedding for prompts"),
        ("a.pt", {"a": 1}, "holds no tensors"),
        (
            "a.pt",
            {"a": Path("x")},
            r"was refused: .*PosixPath\)",
        ),
        ("a.safetensors", {"a": vectors() / 0}, "holds NaN or infinity"),
    ],
)
def test_files_that_hold_no_embedding(
    name: str, content: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(LoadError, match=message):
        read_embedding(saved(tmp_path / name, content))


def test_a_pickle_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(LoadError, match="is damaged: PytorchStreamReader failed"):
        read_embedding(tmp_path / "a.pt")


def test_names_in_prompts() -> None:
    prompt = "a embedding:one, (embedding:sub/two.pt:1.2) embedding:one [embedding:3]"
    assert named_in(prompt) == ["one", "sub/two.pt", "3"]
    assert named_in("no embedding: here") == []
