from pathlib import Path
from typing import Any

import pytest
import torch

from nodegraph import Context, MissingModel, NodeFailed, Session, Workflow, node_type_of
from nodegraph.engine.codec import NotStorable, encode
from nodegraph.engine.files import Files, NodeFiles
from nodegraph.engine.keys import digest_value
from nodes.controlnet import control_net_apply, control_net_apply_advanced, control_net_loader
from nodes.diffusion.control import Hint
from nodes.diffusion.loading import Checkpoint
from nodes.types import Conditioning, Image
from tests.nodes.tiny import make_tiny
from tests.nodes.tiny_control import edges, make_controlnet


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a checkpoint and a ControlNet for it."""
    data = tmp_path_factory.mktemp("data")
    checkpoint = make_tiny(data / "models/checkpoints/tiny")
    make_controlnet(data / "models/controlnet/tiny-edges", checkpoint / "unet")
    return data


@pytest.fixture
def context(models: Path, tmp_path: Path) -> Context:
    return Context("node", NodeFiles(Files(models, tmp_path), "node"))


def picture() -> Image:
    return Image(edges().movedim(1, -1).contiguous())


def hints(conditioning: Conditioning) -> list[Hint]:
    return [c for entry in conditioning.entries for c in entry.controls if isinstance(c, Hint)]


def test_both_prompts_get_the_same_control(tiny: Checkpoint, context: Context) -> None:
    net = control_net_loader("tiny-edges", ctx=context)
    cat, dog = (tiny.text_encoder.encode(text) for text in ("cat", "dog"))
    once = control_net_apply_advanced(cat, dog, net, picture(), 0.5, 0.1, 0.9)
    positive, negative = control_net_apply_advanced(*once, net, picture(), 0.25)
    assert [(h.strength, h.start, h.end) for h in hints(positive)] == [
        (0.5, 0.1, 0.9),
        (0.25, 0, 1),
    ]
    assert all(a is b for a, b in zip(hints(positive), hints(negative), strict=True))
    assert not hints(cat)
    assert control_net_apply_advanced(cat, dog, net, picture(), 0.0) == (cat, dog)


def test_the_old_node_counts_for_both_prompts(tiny: Checkpoint, context: Context) -> None:
    net = control_net_loader("tiny-edges", ctx=context)
    transparent = Image(torch.cat([picture().pixels, torch.ones(1, 64, 48, 1)], dim=-1))
    (hint,) = hints(control_net_apply(tiny.text_encoder.encode("cat"), net, transparent))
    assert hint.both
    assert torch.equal(hint.pixels, edges())


def test_a_prompt_with_a_control_is_known_by_its_maker_and_never_stored(
    tiny: Checkpoint, context: Context
) -> None:
    cat = tiny.text_encoder.encode("cat")
    with_control = control_net_apply(cat, control_net_loader("tiny-edges", ctx=context), picture())
    assert digest_value(cat) is not None
    assert digest_value(with_control) is None
    with pytest.raises(NotStorable):
        encode((with_control,))


def test_one_that_is_not_there_is_missed(context: Context) -> None:
    with pytest.raises(MissingModel, match=r"present: tiny-edges; did you mean 'tiny-edges'"):
        control_net_loader("tiny-edge", ctx=context)


def test_names_and_outputs() -> None:
    advanced = node_type_of(control_net_apply_advanced)
    assert [spec.name for spec in advanced.inputs] == [
        "positive", "negative", "control_net", "image", "strength", "start_percent", "end_percent",
        "vae",
    ]  # fmt: skip
    assert [output.name for output in advanced.outputs] == ["positive", "negative"]


def link(node: str, output: str) -> dict[str, str]:
    return {"node": node, "output": output}


def workflow(**control: Any) -> Workflow:
    """Text to image with a control."""
    nodes: dict[str, tuple[str, dict[str, Any]]] = {
        "model": ("LoadCheckpoint", {"ckpt_name": "tiny"}),
        "cat": ("CLIPEncode", {"clip": link("model", "clip"), "text": "cat"}),
        "net": ("ControlNetLoader", {"control_net_name": "tiny-edges"}),
        "mask": ("SolidMask", {"width": 64, "height": 64}),
        "hint": ("MaskToImage", {"mask": link("mask", "mask")}),
        "control": (
            "ControlNetApplyAdvanced",
            {
                "positive": link("cat", "conditioning"),
                "negative": link("cat", "conditioning"),
                "control_net": link("net", "controlnet"),
                "image": link("hint", "image"),
                **control,
            },
        ),
        "empty": ("EmptyLatent", {"width": 64, "height": 64, "batch_size": 1}),
        "sample": (
            "KSampler",
            {
                "model": link("model", "model"),
                "seed": 1,
                "steps": 2,
                "positive": link("control", "positive"),
                "negative": link("control", "negative"),
                "latent_image": link("empty", "latent"),
            },
        ),
    }
    written = {name: {"type": kind, "inputs": given} for name, (kind, given) in nodes.items()}
    outputs = {"latent": {"node": "sample"}}
    return Workflow.model_validate({"nodegraph": 1, "nodes": written, "outputs": outputs})


def test_in_a_workflow_only_what_changed_runs_anew(models: Path) -> None:
    session = Session.open(models)
    first = session.run(workflow(strength=0.5)).raise_for_errors()
    second = session.run(workflow(strength=1.0)).raise_for_errors()
    again = session.run(workflow(strength=1.0)).raise_for_errors()
    assert not torch.equal(first.values["latent"].samples, second.values["latent"].samples)
    assert torch.equal(second.values["latent"].samples, again.values["latent"].samples)
    ran = [name for name, state in second.nodes.items() if state.status == "ran"]
    assert ran == ["control", "sample"]
    assert not [name for name, state in again.nodes.items() if state.status == "ran"]


def test_a_range_that_ends_before_it_starts_is_said_of_its_node(models: Path) -> None:
    result = Session.open(models).run(workflow(start_percent=0.9, end_percent=0.1))
    with pytest.raises(NodeFailed, match=r"control.*end 0\.1 comes before its start 0\.9"):
        result.raise_for_errors()
