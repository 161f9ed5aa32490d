import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from nodegraph import Context, NodeError, node_type_of
from nodes.latent_files import load_latent, save_latent
from nodes.latents import empty_latent
from nodes.types import Latent


def written(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_saved_and_loaded_again(tmp_path: Path) -> None:
    ctx = Context.local(output_dir=tmp_path, input_dir=tmp_path)
    whole = Latent(torch.randn(2, 4, 3, 5), noise_mask=torch.rand(1, 24, 40), batch_index=(4, 9))
    save_latent(whole, ctx=ctx)
    (path,) = written(tmp_path)
    assert path.parent.name == "latents"
    back = load_latent(str(path.relative_to(tmp_path)), ctx=ctx)
    assert torch.equal(back.samples, whole.samples)
    assert back.noise_mask is not None
    assert whole.noise_mask is not None
    assert torch.equal(back.noise_mask, whole.noise_mask)
    assert back.batch_index == (4, 9)
    assert back.empty_size is None


def test_an_empty_latent_stays_empty(tmp_path: Path) -> None:
    ctx = Context.local(output_dir=tmp_path, input_dir=tmp_path)
    save_latent(empty_latent(24, 16), "empty", ctx=ctx)
    back = load_latent(written(tmp_path)[0].name, ctx=ctx)
    assert back.empty_size == (16, 24)


def test_no_file_is_overwritten_and_the_workflow_is_in_it(tmp_path: Path) -> None:
    ctx = Context.local(output_dir=tmp_path)
    ctx.files.metadata = {"nodegraph": '{"nodegraph": 1}'}
    for value in (1.0, 2.0):
        save_latent(Latent(torch.full((1, 4, 2, 2), value)), "x", ctx=ctx)
    values = []
    for path in written(tmp_path):
        with safe_open(path, framework="pt") as file:
            assert json.loads(file.metadata()["nodegraph"]) == {"nodegraph": 1}
            values.append(file.get_tensor("latent_tensor").mean().item())
    assert values == [1, 2]


def test_files_of_the_field_hold_unscaled_latents(tmp_path: Path) -> None:
    samples = torch.randn(1, 4, 2, 2)
    tensors = {"latent_tensor": samples, "latent_format_version_0": torch.tensor([])}
    save_file(tensors, tmp_path / "theirs.latent")
    ctx = Context.local(input_dir=tmp_path, output_dir=tmp_path)
    torch.testing.assert_close(load_latent("theirs.latent", ctx=ctx).samples, samples * 0.18215)
    other = load_latent("theirs.latent", scaling_factor=0.5, ctx=ctx)
    torch.testing.assert_close(other.samples, samples * 0.5)


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    save_file({"latent_tensor": torch.ones(1, 4, 2, 2).half()}, tmp_path / "half.latent")
    ctx = Context.local(input_dir=tmp_path, output_dir=tmp_path)
    assert load_latent("half.latent", ctx=ctx).samples.dtype == torch.float32


@pytest.mark.parametrize(
    ("tensors", "said"),
    [
        ({"weight": torch.ones(2)}, r"needs a tensor 'latent_tensor'.*has none.*are weight"),
        ({"latent_tensor": torch.ones(2, 3)}, r"has \[2, 3\]"),
        ({"latent_tensor": torch.full((1, 4, 2, 2), torch.nan)}, "not finite"),
        ({"latent_tensor": torch.ones(1, 4, 2, 2), "noise_mask": torch.ones(3)}, "is damaged"),
    ],
)
def test_files_that_hold_no_latents(
    tmp_path: Path, tensors: dict[str, torch.Tensor], said: str
) -> None:
    save_file(tensors, tmp_path / "bad.latent")
    with pytest.raises(NodeError, match=rf"'bad\.latent'.*{said}"):
        load_latent("bad.latent", ctx=Context.local(input_dir=tmp_path, output_dir=tmp_path))


@pytest.mark.parametrize("content", [b"", b"no safetensors at all", b"\xff" * 100])
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.latent").write_bytes(content)
    with pytest.raises(NodeError, match=r"cannot read 'bad\.latent' as a safetensors file"):
        load_latent("bad.latent", ctx=Context.local(input_dir=tmp_path, output_dir=tmp_path))


@pytest.mark.parametrize(
    "metadata", [{"batch_index": "x"}, {"batch_index": "[1, 2, 3]"}, {"empty_size": "[1]"}]
)
def test_damaged_metadata(tmp_path: Path, metadata: dict[str, str]) -> None:
    save_file({"latent_tensor": torch.ones(1, 4, 2, 2)}, tmp_path / "bad.latent", metadata)
    with pytest.raises(NodeError, match=r"'bad\.latent' is damaged"):
        load_latent("bad.latent", ctx=Context.local(input_dir=tmp_path, output_dir=tmp_path))


def test_the_fingerprint_is_the_content(tmp_path: Path) -> None:
    ctx = Context.local(input_dir=tmp_path, output_dir=tmp_path)
    fingerprint = node_type_of(load_latent).fingerprint
    assert fingerprint is not None
    prints = []
    for value in (1.0, 2.0, 1.0):
        save_file({"latent_tensor": torch.full((1, 4, 2, 2), value)}, tmp_path / f"{value}.latent")
        prints.append(fingerprint(latent=f"{value}.latent", files=ctx.files))
    assert prints[0] == prints[2] != prints[1]
