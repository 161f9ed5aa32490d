"""T2I-Adapters against diffusers' pipelines, from folders and from files of both layouts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nodes.diffusion.control import ControlNet, Hint
from nodes.diffusion.controlnet_files import load_controlnet
from nodes.diffusion.errors import LoadError, ShapeError
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.schedules import sigmas_for
from tests.nodes.diffusion.test_control import (
    CFG,
    NEGATIVE,
    PROMPT,
    SEED,
    STEPS,
    assert_same,
    drawn,
    prompts,
)
from tests.nodes.tiny import diffusers
from tests.nodes.tiny_control import edges

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def make_adapter(folder: Path, channels: list[int], **more: Any) -> Path:
    """Random weights; as made, they say little."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(8)
        given = {"channels": channels, "downscale_factor": 8, "adapter_type": "full_adapter"}
        adapter = diffusers.T2IAdapter(**given | more)
        with torch.no_grad():
            for weight in adapter.parameters():
                weight.mul_(2)
    adapter.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def channels(tiny: Checkpoint) -> list[int]:
    return list(tiny.denoiser.config.block_out_channels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, channels: list[int]) -> Path:
    return make_adapter(tmp_path_factory.mktemp("adapters") / "one", channels)


@pytest.fixture(scope="module")
def net(folder: Path) -> ControlNet:
    return load_controlnet(folder)


def original(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The layout of the paper's authors: the residual blocks of all levels in a row."""
    found = {}
    for name, tensor in tensors.items():
        words = name.removeprefix("adapter.").split(".")
        if words[0] == "body" and words[2] == "resnets":
            words = ["body", str(2 * int(words[1]) + int(words[3])), *words[4:]]
        elif words[0] == "body":
            words = ["body", str(2 * int(words[1])), *words[2:]]
        found[".".join(words)] = tensor
    return found


def expected(tiny: Checkpoint, tiny_folder: Path, folder: Path, scale: float) -> Tensor:
    """By diffusers' pipeline."""
    parts = diffusers.StableDiffusionPipeline.from_pretrained(tiny_folder, local_files_only=True)
    parts.scheduler = diffusers.EulerDiscreteScheduler.from_config(
        parts.scheduler.config, timestep_spacing="leading"
    )
    adapter = diffusers.T2IAdapter.from_pretrained(folder, local_files_only=True)
    components = {k: v for k, v in parts.components.items() if k != "image_encoder"}
    pipe = diffusers.StableDiffusionAdapterPipeline(
        **components | {"requires_safety_checker": False}, adapter=adapter
    )
    pipe.set_progress_bar_config(disable=True)
    made: Tensor = pipe(
        prompt=[PROMPT] * 2,
        negative_prompt=[NEGATIVE] * 2,
        image=edges().expand(2, -1, -1, -1),
        guidance_scale=CFG,
        latents=initial_noise((2, 4, 8, 6), SEED),
        sigmas=sigmas_for("simple", tiny.denoiser.schedule, STEPS).tolist(),
        height=64,
        width=48,
        adapter_conditioning_scale=scale,
        output_type="latent",
    ).images
    return made


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_as_the_pipeline(
    tiny: Checkpoint, tiny_folder: Path, folder: Path, net: ControlNet, strength: float
) -> None:
    plain = drawn(tiny, *prompts(tiny))
    found = drawn(tiny, *prompts(tiny, Hint(net, edges(), strength)))
    assert float((found - plain).abs().max()) > 0.1
    assert_same(found, expected(tiny, tiny_folder, folder, strength))


def test_files_of_both_layouts_say_the_same(folder: Path, net: ControlNet, tmp_path: Path) -> None:
    tensors = load_file(folder / "diffusion_pytorch_model.safetensors")
    for name, layout in (("new", tensors), ("original", original(tensors))):
        path = tmp_path / f"{name}.safetensors"
        save_file({key: tensor.contiguous() for key, tensor in layout.items()}, path)
        read = load_controlnet(path)
        for one, other in zip(read.prepared(edges()), net.prepared(edges()), strict=True):
            assert torch.equal(one, other)


def test_features_are_computed_once_for_a_run(tiny: Checkpoint, net: ControlNet) -> None:
    calls: list[int] = []
    handle = net.network.module.register_forward_hook(lambda *_: calls.append(1))
    try:
        drawn(tiny, *prompts(tiny, Hint(net, edges())))
    finally:
        handle.remove()
    assert 1 <= len(calls) <= 2  # one for each prompt at most


def test_strength_zero_and_a_range_that_is_empty_change_nothing(
    tiny: Checkpoint, net: ControlNet
) -> None:
    plain = drawn(tiny, *prompts(tiny))
    assert torch.equal(drawn(tiny, *prompts(tiny, Hint(net, edges(), 0.0))), plain)
    late = Hint(net, edges(), start=1.0, end=1.0)
    assert torch.equal(drawn(tiny, *prompts(tiny, late)), plain)


def test_sdxls_adapter_is_read(tmp_path: Path) -> None:
    made = make_adapter(
        tmp_path / "xl", [32, 64, 64, 64], downscale_factor=16, adapter_type="full_adapter_xl"
    )
    net = load_controlnet(made)
    hint = torch.rand(1, 3, 64, 64)
    theirs = diffusers.T2IAdapter.from_pretrained(made, local_files_only=True)
    with torch.no_grad():
        for one, other in zip(net.prepared(hint), theirs(hint), strict=True):
            assert torch.equal(one, other)
    single = made / "diffusion_pytorch_model.safetensors"
    assert load_controlnet(single).config.adapter_type == "full_adapter_xl"


def test_what_does_not_fit_is_told(
    tiny: Checkpoint, net: ControlNet, channels: list[int], tmp_path: Path
) -> None:
    other = load_controlnet(make_adapter(tmp_path / "other", [8 * width for width in channels]))
    with pytest.raises(ShapeError, match="made for another model: it has levels of"):
        drawn(tiny, *prompts(tiny, Hint(other, edges())))
    with pytest.raises(ShapeError, match="sides are multiples of"):
        net.prepared(torch.rand(1, 3, 40, 44))


def test_other_adapters_say_what_they_are(channels: list[int], tmp_path: Path) -> None:
    tensors = {"adapter.conv_in.weight": torch.zeros(4, 5, 3, 3)}
    save_file(tensors, tmp_path / "odd.safetensors")
    with pytest.raises(LoadError, match="structure that is not known here"):
        load_controlnet(tmp_path / "odd.safetensors")
    light = make_adapter(tmp_path / "light", channels, adapter_type="light_adapter")
    for path in (light, light / "diffusion_pytorch_model.safetensors"):
        with pytest.raises(LoadError, match="is a light T2I-Adapter, which is not supported"):
            load_controlnet(path)
