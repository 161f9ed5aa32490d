"""ControlNets of each family, from folders and from files in both key layouts."""

import importlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nodes.diffusion.control import Hint, with_hint
from nodes.diffusion.controlnet_files import load_controlnet
from nodes.diffusion.errors import LoadError, ShapeError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from tests.nodes.diffusion import family_cases as case
from tests.nodes.tiny import diffusers
from tests.nodes.tiny_control import edges, make_controlnet, original_name, read_controlnet
from tests.nodes.tiny_families import Family, make_family

convert_controlnet_checkpoint: Any = importlib.import_module(
    "diffusers.loaders.single_file_utils"
).convert_controlnet_checkpoint

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

WEIGHTS = "diffusion_pytorch_model.safetensors"


@pytest.fixture(scope="module", params=["sd2", "sdxl"])
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name: Family = request.param
    folder = make_family(tmp_path_factory.mktemp("models") / name, name)
    make_controlnet(folder / "controlnet", folder / "unet")
    return folder


def test_each_family_as_its_pipeline(family: Path) -> None:
    checkpoint = load_checkpoint(family)
    xl = family.name == "sdxl"
    options = {} if xl else {"safety_checker": None, "feature_extractor": None}
    pipe = case.pipeline(
        f"StableDiffusion{'XL' if xl else ''}ControlNetPipeline",
        family,
        controlnet=read_controlnet(family / "controlnet"),
        **options if xl else options | {"requires_safety_checker": False},
    )
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    latents = case.begun(checkpoint, pipe, noise, sigmas)
    expected = pipe(
        **case.asked(),
        image=edges(),
        latents=latents,
        height=64,
        width=48,
        controlnet_conditioning_scale=0.6,
    ).images
    hint = Hint(load_controlnet(family / "controlnet"), edges(), strength=0.6)
    plain = case.both_prompts(checkpoint)
    positive, negative = (with_hint(prompt, hint) for prompt in plain)
    cells = torch.zeros_like(noise)
    got = case.drawn(checkpoint, sigmas, positive, negative, latent=cells, noise=noise)
    case.assert_same(got, expected)
    case.assert_other(got, case.drawn(checkpoint, sigmas, *plain, latent=cells, noise=noise))


LAYOUTS: dict[str, dict[str, Any]] = {
    "sd1": {"cross_attention_dim": 24, "attention_head_dim": 8},
    "sd2": {
        "cross_attention_dim": 32,
        "attention_head_dim": [1, 1, 2],
        "use_linear_projection": True,
    },
    "sdxl": {
        "cross_attention_dim": 40,
        "attention_head_dim": [1, 1, 2],
        "use_linear_projection": True,
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "transformer_layers_per_block": [1, 1, 2],
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 6 * 256 + 20,
    },
}


@pytest.fixture(params=[*LAYOUTS])
def layout(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A folder with a ControlNet of a family's structure, two residual blocks per level."""
    options = {
        "block_out_channels": [32, 64, 128],
        "down_block_types": ["CrossAttnDownBlock2D"] * 2 + ["DownBlock2D"],
        "conditioning_embedding_out_channels": [4, 4, 8, 8],
        **LAYOUTS[request.param],
    }
    torch.manual_seed(0)
    net = diffusers.ControlNetModel(**options)
    with torch.no_grad():
        for weight in net.parameters():
            weight.normal_(std=0.1)
    net.save_pretrained(tmp_path / "net")
    return tmp_path / "net"


def test_a_model_of_another_family_is_named(layout: Path, tiny: Checkpoint) -> None:
    prompt = with_hint(tiny.text_encoder.encode("cat"), Hint(load_controlnet(layout), edges()))
    noise = case.noise_of()
    with pytest.raises(ShapeError, match=r"it reads embeddings .. wide and .* 16 wide"):
        case.drawn(tiny, torch.tensor([1.0, 0.0]), prompt, prompt, latent=noise, noise=noise)


def test_a_file_says_what_its_folder_said(layout: Path, tmp_path: Path) -> None:
    file = tmp_path / "some.safetensors"
    shutil.copy(layout / WEIGHTS, file)
    of_folder, of_file = load_controlnet(layout), load_controlnet(file)
    assert torch.equal(said(of_folder.network.ready()), said(of_file.network.ready()))


@pytest.mark.parametrize("prefix", ["control_model.", ""])
def test_the_original_layout_is_read(layout: Path, tmp_path: Path, prefix: str) -> None:
    """diffusers' converter, which knows nothing of SDXL's vector, agrees that it is that layout."""
    state = load_file(layout / WEIGHTS)
    original = {prefix + original_name(name, layers=2): state[name] for name in state}
    config = json.loads((layout / "config.json").read_text())
    converted = convert_controlnet_checkpoint(original, config)
    assert converted.keys() == {name for name in state if "add_embedding" not in name}
    assert all(torch.equal(tensor, state[name]) for name, tensor in converted.items())
    file = tmp_path / "original.safetensors"
    save_file(original, file)
    read = load_controlnet(file)
    for name, tensor in read.network.module.state_dict().items():
        assert torch.equal(tensor, state[name])
    assert torch.equal(said(load_controlnet(layout).network.ready()), said(read.network.ready()))


def said(net: Any) -> Tensor:
    """What a net answers to one question, all in one row."""
    config = net.config
    generator = torch.Generator().manual_seed(1)
    vector = config.projection_class_embeddings_input_dim
    pooled = torch.ones(1, vector - 6 * 256) if vector else None
    sizes = {"time_ids": torch.ones(1, 6), "text_embeds": pooled}
    words = torch.randn(1, 5, config.cross_attention_dim, generator=generator)
    with torch.no_grad():
        down, mid = net(
            torch.randn(1, 4, 8, 8, generator=generator),
            torch.tensor([7.0]),
            encoder_hidden_states=words,
            controlnet_cond=torch.rand(1, 3, 64, 64, generator=generator),
            added_cond_kwargs=sizes if vector else None,
            return_dict=False,
        )
    return torch.cat([part.flatten() for part in (*down, mid)])


def test_what_is_no_controlnet_says_so(layout: Path, tiny_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="describes a UNet2DConditionModel, expected ControlNet"):
        load_controlnet(tiny_folder / "unet")
    with pytest.raises(LoadError, match="holds no ControlNet: its tensors are"):
        load_controlnet(tiny_folder / "unet" / WEIGHTS)
    file = tmp_path / "control-lora.safetensors"
    save_file({"lora_controlnet": torch.zeros(1), "input_blocks.0.0.weight": torch.ones(1)}, file)
    with pytest.raises(LoadError, match="a Control-LoRA, which changes the model itself"):
        load_controlnet(file)
    state = load_file(layout / WEIGHTS)
    damages: dict[str, dict[str, Tensor | None]] = {
        "lacks 1 tensors: conv_in.bias": {"conv_in.bias": None},
        "has 1 tensors .*: extra": {"extra": torch.ones(1)},
        "conv_in.bias holds NaN": {"conv_in.bias": torch.full((32,), torch.nan)},
        "mid_block.resnets.0.norm1.bias is .3. and": {
            "mid_block.resnets.0.norm1.bias": torch.ones(3)
        },
    }
    for message, change in damages.items():
        whole = {key: tensor for key, tensor in {**state, **change}.items() if tensor is not None}
        save_file(whole, file)
        with pytest.raises(LoadError, match=message):
            load_controlnet(file)
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(LoadError, match="is truncated: 9 of"):
        load_controlnet(file)
    with pytest.raises(LoadError, match=r"gone\.safetensors cannot be read"):
        load_controlnet(tmp_path / "gone.safetensors")
