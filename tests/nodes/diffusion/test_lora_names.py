"""The original code's names for the modules of a UNet, against diffusers' own conversions."""

import importlib
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.lora import apply_lora, read_lora
from nodes.diffusion.lora_keys import Place, grouped
from nodes.diffusion.lora_names import text_names, unet_names
from tests.nodes.tiny import diffusers
from tests.nodes.tiny_families import make_family
from tests.nodes.tiny_lora import diffusers_names, factors, kohya_names, written

conversions: Any = importlib.import_module("diffusers.loaders.single_file_utils")

ATTENTION = ("attn1.to_q", "attn2.to_k", "attn2.to_out.0", "ff.net.0.proj", "proj_in")


def unet(kind: str) -> Any:
    """As deep as the real ones and a few channels wide."""
    cross, plain = "CrossAttnDownBlock2D", "DownBlock2D"
    downs = [plain, cross, cross] if kind == "sdxl" else [cross, cross, cross, plain]
    ups = [name.replace("Down", "Up") for name in reversed(downs)]
    sizes: dict[str, Any] = {
        "transformer_layers_per_block": [1, 2, 3],
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 64,
        "use_linear_projection": True,
    }
    return diffusers.UNet2DConditionModel(
        down_block_types=downs,
        up_block_types=ups,
        block_out_channels=[8] * len(downs),
        layers_per_block=2,
        cross_attention_dim=16,
        attention_head_dim=2,
        norm_num_groups=4,
        **(sizes if kind == "sdxl" else {}),
    )


@pytest.mark.parametrize("kind", ["sd1", "sdxl"])
def test_original_names_are_those_that_diffusers_converts(kind: str) -> None:
    module = unet(kind)
    modules = set(unet_names(module).values())
    original = {
        name: target
        for name, target in unet_names(module).items()
        if name.split("_")[0] in ("input", "middle", "output", "time", "label", "out")
        and not name.startswith(("time_embedding", "out_proj"))
    }
    assert set(original.values()) == modules
    points = {_pointed(name): target for name, target in original.items()}
    checkpoint = {
        f"model.diffusion_model.{name}.{leaf}": torch.tensor([float(at)])
        for at, name in enumerate(sorted(points))
        for leaf in ("weight", "bias")
    }
    config = dict(module.config) | {"class_embed_type": None}
    converted = conversions.convert_ldm_unet_checkpoint(checkpoint, config)
    expected = {f"{points[name]}.weight": at for at, name in enumerate(sorted(points))}
    got = {name: int(value) for name, value in converted.items() if name.endswith(".weight")}
    assert got == expected


def _pointed(name: str) -> str:
    """The name with the points of the original code, where a LoRA file has `_`."""
    for word in (
        *("input_blocks", "middle_block", "output_blocks", "time_embed", "label_emb"),
        *("in_layers", "emb_layers", "out_layers", "skip_connection", "transformer_blocks"),
        *("proj_in", "proj_out", "to_q", "to_k", "to_v", "to_out"),
    ):
        name = name.replace(word, word.replace("_", "-"))
    return name.replace("_", ".").replace("-", "_")


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return load_checkpoint(make_family(tmp_path_factory.mktemp("models") / "sdxl", "sdxl"))


def original_names(module: Any) -> dict[str, Tensor]:
    """A LoRA of kohya's scripts for SDXL: `lora_unet_input_blocks_...`."""
    named = {target: name for name, target in unet_names(module).items()}
    made = factors(module, *ATTENTION)
    return {
        f"lora_unet_{named[name]}.{part}.weight": factor
        for name, pair in made.items()
        for part, factor in zip(("lora_down", "lora_up"), pair, strict=True)
    }


def test_both_ways_to_name_blocks_are_one_lora(sdxl: Checkpoint, tmp_path: Path) -> None:
    module = sdxl.denoiser.network.module
    tensors = original_names(module)
    assert all(
        name.startswith(("lora_unet_input_", "lora_unet_mid", "lora_unet_output_"))
        for name in tensors
    ), list(tensors)[:4]
    others = kohya_names(factors(module, *ATTENTION)), diffusers_names(factors(module, *ATTENTION))
    files = [tensors, *others]
    changed = []
    for at, made in enumerate(files):
        lora = read_lora(written(tmp_path / f"{at}.safetensors", made))
        fitted = apply_lora(lora, sdxl.denoiser, sdxl.text_encoder)
        assert fitted.left == ()
        ready = fitted.model.network.ready(fitted.model.weights)
        changed.append({name: value.clone() for name, value in ready.named_parameters()})
    for other in changed[1:]:
        assert all(torch.equal(changed[0][name], value) for name, value in other.items())


def test_two_text_encoders_have_a_part_each(sdxl: Checkpoint, tmp_path: Path) -> None:
    towers = sdxl.text_encoder.towers
    parts = [
        factors(tower.network.module, "q_proj", "fc2", seed=at) for at, tower in enumerate(towers)
    ]
    for names in (("lora_te1", "lora_te2"), ("text_encoder", "text_encoder_2")):
        tensors: dict[str, Tensor] = {}
        for name, made in zip(names, parts, strict=True):
            tensors |= (kohya_names if "lora" in name else diffusers_names)(made, name)
        lora = read_lora(written(tmp_path / "text.safetensors", tensors))
        fitted = apply_lora(lora, sdxl.denoiser, sdxl.text_encoder)
        assert fitted.left == ()
        assert fitted.clip is not None
        for tower, made in zip(fitted.clip.towers, parts, strict=True):
            (patch,) = tower.weights
            assert set(patch.targets) == {f"{name}.weight" for name in made}


def test_a_lora_of_another_family_is_refused(
    sdxl: Checkpoint, tiny: Checkpoint, tmp_path: Path
) -> None:
    text = factors(sdxl.text_encoder.towers[1].network.module, "q_proj")
    path = written(tmp_path / "g.safetensors", kohya_names(text, "lora_te2"))
    with pytest.raises(LoadError, match=r"does not fit the .*text encoder"):
        apply_lora(read_lora(path), tiny.denoiser, tiny.text_encoder)


@pytest.mark.parametrize(
    ("key", "place", "part"),
    [
        ("lora_unet_mid_block_conv.alpha", Place("unet", "mid_block_conv"), "alpha"),
        ("lycoris_mid_block_conv.hada_w1_a", Place("unet", "mid_block_conv"), "hada_w1_a"),
        ("diffusion_model.out.2.lora_up.weight", Place("unet", "out_2"), "lora_up"),
        ("lora_te_text_model_encoder_x.lokr_w2", Place("te1", "encoder_x"), "lokr_w2"),
        ("text_encoder_2.text_model.a.lora_B.bias", Place("te2", "a"), "lora_bias"),
        ("unet.a.attn1.processor.to_q_lora.up.weight", Place("unet", "a_attn1_to_q"), "lora_up"),
        ("text_encoder.a.lora_linear_layer.down.weight", Place("te1", "a"), "lora_down"),
        ("base_model.model.a.lora_A.default.weight", Place("unet", "a"), "lora_down"),
        ("unet.a.lora_magnitude_vector.weight", Place("unet", "a"), "magnitude"),
    ],
)
def test_names_of_trainers(key: str, place: Place, part: str) -> None:
    found, strange = grouped({key: torch.zeros(1)})
    assert {where: list(parts) for where, parts in found.items()} == {place: [part]}
    assert not strange


def test_old_names_of_attention_in_text_models(tiny: Checkpoint) -> None:
    names = text_names(tiny.text_encoder.towers[0].network.module)
    assert names["encoder_layers_0_self_attn_to_out"] == "encoder.layers.0.self_attn.out_proj"
