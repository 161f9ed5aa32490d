import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from nodegraph import MissingModel, NodeFailed, Session, Workflow, node_type_of
from nodegraph.engine.files import Files
from nodes.diffusion.loading import Checkpoint
from nodes.lora import lora_loader, lora_loader_model_only
from tests.nodes.tiny_lora import factors, kohya_names, written

LOADERS = ("LoraLoader", "LoraLoaderModelOnly")


@pytest.fixture
def session(tiny: Checkpoint, tiny_folder: Path, tmp_path: Path) -> Session:
    """A data directory with a checkpoint and a LoRA for it."""
    shutil.copytree(tiny_folder, tmp_path / "models/checkpoints/tiny")
    made = kohya_names(factors(tiny.denoiser.network.module, "attn1.to_q", "attn2.to_k"))
    text = factors(tiny.text_encoder.towers[0].network.module, "q_proj")
    written(tmp_path / "models/loras/style.safetensors", made | kohya_names(text, "lora_te"))
    return Session.open(tmp_path)


def link(node: str, output: str) -> dict[str, str]:
    return {"node": node, "output": output}


def graph(**loras: dict[str, Any]) -> Workflow:
    """One sampler with each of the LoRAs, and one without, on the same checkpoint."""
    nodes: dict[str, Any] = {
        "load": {"type": "LoadCheckpoint", "inputs": {"ckpt_name": "tiny"}},
        "empty": {"type": "EmptyLatent", "inputs": {"width": 32, "height": 32}},
    }
    ends = {"plain": (link("load", "model"), link("load", "clip"))}
    for name, inputs in loras.items():
        before = ends[inputs.pop("after", "plain")]
        nodes[name] = {
            "type": "LoraLoader",
            "inputs": {"model": before[0], "clip": before[1]} | inputs,
        }
        ends[name] = link(name, "model"), link(name, "clip")
    for name, (model, clip) in ends.items():
        nodes[f"{name} text"] = {"type": "CLIPEncode", "inputs": {"clip": clip, "text": "a cat"}}
        nodes[f"{name} latent"] = {
            "type": "KSampler",
            "inputs": {
                "model": model,
                "seed": 1,
                "steps": 2,
                "cfg": 2.0,
                "sampler_name": "euler",
                "scheduler": "normal",
                "denoise": 1.0,
                "positive": link(f"{name} text", "conditioning"),
                "negative": link(f"{name} text", "conditioning"),
                "latent_image": link("empty", "latent"),
            },
        }
    outputs = {name: {"node": f"{name} latent"} for name in ends}
    return Workflow.model_validate({"nodegraph": 1, "nodes": nodes, "outputs": outputs})


def latents(session: Session, workflow: Workflow) -> dict[str, torch.Tensor]:
    result = session.run(workflow).raise_for_errors()
    return {name: value.samples for name, value in result.values.items()}


STYLE = {"lora_name": "style.safetensors", "strength_model": 1.0, "strength_clip": 1.0}


def test_models_with_and_without_it_in_one_workflow(session: Session) -> None:
    workflow = graph(
        one=dict(STYLE),
        none=STYLE | {"strength_model": 0.0, "strength_clip": 0.0},
        undone=STYLE | {"strength_model": -1.0, "strength_clip": -1.0, "after": "one"},
    )
    found = latents(session, workflow)
    assert torch.equal(found["plain"], found["none"])
    assert not torch.allclose(found["plain"], found["one"], atol=0.01)
    torch.testing.assert_close(found["plain"], found["undone"], atol=1e-4, rtol=1e-4)
    alone = latents(session, graph(one=dict(STYLE)))
    assert torch.equal(found["one"], alone["one"])


def test_both_strengths_count(session: Session) -> None:
    workflow = graph(
        both=dict(STYLE),
        model=STYLE | {"strength_clip": 0.0},
        text=STYLE | {"strength_model": 0.0},
    )
    found = latents(session, workflow)
    for one, other in (("both", "model"), ("both", "text"), ("model", "text"), ("text", "plain")):
        assert not torch.allclose(found[one], found[other], atol=1e-3), (one, other)


def test_another_file_of_the_same_name_is_another_lora(session: Session, tmp_path: Path) -> None:
    workflow = graph(one=dict(STYLE))
    before = latents(session, workflow)["one"]
    path = tmp_path / "models/loras/style.safetensors"
    written(path, {name: value * 2 for name, value in load_file(path).items()})
    assert not torch.allclose(latents(session, workflow)["one"], before, atol=0.01)


def test_what_has_no_place_is_shown(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "models/loras/style.safetensors"
    written(path, load_file(path) | {"lora_unet_what.oft_blocks": torch.zeros(1)})
    result = session.run(graph(one=dict(STYLE))).raise_for_errors()
    notes = [output.text for output in result.outputs if output.node == "one"]
    assert notes == [
        "style.safetensors: 1 of its parts have no place in this model and are left out: "
        "lora_unet_what.oft_blocks"
    ]


def test_a_file_that_is_no_lora(session: Session, tmp_path: Path) -> None:
    (tmp_path / "models/loras/style.safetensors").write_bytes(b"<html>")
    with pytest.raises(NodeFailed, match="is no safetensors file but a web page"):
        session.run(graph(one=dict(STYLE))).raise_for_errors()


def test_a_lora_that_is_missing(tmp_path: Path) -> None:
    written(tmp_path / "models/loras/style.safetensors", {"a": torch.zeros(1)})
    fingerprint = node_type_of(lora_loader).fingerprint
    assert fingerprint is not None
    with pytest.raises(MissingModel, match=r"did you mean 'style\.safetensors'"):
        fingerprint(lora_name="stlye.safetensors", files=Files(tmp_path, tmp_path))


def test_names_and_the_order_of_inputs() -> None:
    both, model = node_type_of(lora_loader), node_type_of(lora_loader_model_only)
    assert (both.name, model.name) == LOADERS
    assert [spec.name for spec in both.inputs] == [
        *("model", "clip", "lora_name", "strength_model", "strength_clip"),
    ]
    assert [spec.name for spec in model.inputs] == ["model", "lora_name", "strength_model"]
    assert [output.name for output in both.outputs] == ["model", "clip"]
    assert [output.name for output in model.outputs] == ["model"]
    assert json.dumps(both.inputs[3].default) == "1.0"
