import shutil
from pathlib import Path

import pytest
import torch

from nodegraph import Context, MissingModel, node_type_of
from nodegraph.engine.files import Files, NodeFiles
from nodes.checkpoints import load_checkpoint, vae_loader


@pytest.fixture
def models(tiny_folder: Path, tmp_path: Path) -> Path:
    """A data directory with one checkpoint and one VAE."""
    shutil.copytree(tiny_folder, tmp_path / "models/checkpoints/tiny")
    shutil.copytree(tiny_folder / "vae", tmp_path / "models/vae/tiny-vae")
    return tmp_path


@pytest.fixture
def files(models: Path) -> NodeFiles:
    return NodeFiles(Files(models, models / "out"), "node")


def test_a_checkpoint_is_three_things(files: NodeFiles) -> None:
    loaded = load_checkpoint("tiny", ctx=Context("node", files))
    assert loaded.model.latent_channels == loaded.vae.latent_channels == 4
    assert loaded.model.dtype == torch.float32
    assert loaded.clip.context == 77


def test_the_run_says_where_and_how_finely(files: NodeFiles) -> None:
    loaded = load_checkpoint("tiny", ctx=Context("node", files, device="cpu", dtype="bfloat16"))
    assert loaded.model.dtype == loaded.vae.dtype == torch.bfloat16
    with pytest.raises(ValueError, match="unknown device 'warp'"):
        load_checkpoint("tiny", ctx=Context("node", files, device="warp"))


def test_a_vae_alone(files: NodeFiles) -> None:
    assert vae_loader("tiny-vae", ctx=Context("node", files)).factor == 8


def test_unknown_models_are_missed_with_those_that_are_there(files: NodeFiles) -> None:
    context = Context("node", files)
    with pytest.raises(MissingModel, match=r"no model 'tinny'.*present: tiny; did you mean 'tiny'"):
        load_checkpoint("tinny", ctx=context)
    with pytest.raises(MissingModel, match="present: tiny-vae"):
        vae_loader("other", ctx=context)


def test_a_changed_file_is_another_model(files: NodeFiles, models: Path) -> None:
    fingerprint = node_type_of(load_checkpoint).fingerprint
    assert fingerprint is not None
    before = fingerprint(ckpt_name="tiny", files=files)
    assert before == fingerprint(ckpt_name="tiny", files=files)
    with (models / "models/checkpoints/tiny/model_index.json").open("a") as file:
        file.write("\n")
    assert before != fingerprint(ckpt_name="tiny", files=files)
    vae = node_type_of(vae_loader).fingerprint
    assert vae is not None
    assert vae(vae_name="tiny-vae", files=files) != before


def test_names_and_outputs() -> None:
    checkpoint, vae = node_type_of(load_checkpoint), node_type_of(vae_loader)
    assert (checkpoint.name, checkpoint.aliases) == ("LoadCheckpoint", ("CheckpointLoaderSimple",))
    assert [output.name for output in checkpoint.outputs] == ["model", "clip", "vae"]
    assert [spec.name for spec in checkpoint.inputs] == ["ckpt_name"]
    assert (vae.name, [output.name for output in vae.outputs]) == ("VAELoader", ["vae"])
