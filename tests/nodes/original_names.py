"""From diffusers' layout to the original one: the other way round than the code under test.

Written from the original networks (latent-diffusion's `openaimodel.py` and `model.py`, OpenCLIP's
`transformer.py`): blocks are counted here, where the code computes their numbers.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

State = dict[str, Tensor]


def original_unet(state: State, levels: int, layers: int = 2) -> State:
    """The state of a UNet2DConditionModel under the original names, without prefix."""
    renamed: State = {}
    for modules, target in _unet_blocks(state, levels, layers):
        for old, new in (("norm1", "in_layers.0"), ("conv1", "in_layers.2"),
                         ("time_emb_proj", "emb_layers.1"), ("norm2", "out_layers.0"),
                         ("conv2", "out_layers.3"),
                         ("conv_shortcut", "skip_connection")):  # fmt: skip
            if "resnets" in modules:
                _move(state, renamed, f"{modules}.{old}", f"{target}.{new}")
        if "resnets" not in modules:
            _move(state, renamed, modules, target)
    for old, new in (("conv_in", "input_blocks.0.0"), ("time_embedding.linear_1", "time_embed.0"),
                     ("time_embedding.linear_2", "time_embed.2"), ("conv_norm_out", "out.0"),
                     ("conv_out", "out.2"), ("add_embedding.linear_1", "label_emb.0.0"),
                     ("add_embedding.linear_2", "label_emb.0.2"),
                     ("class_embedding", "label_emb")):  # fmt: skip
        _move(state, renamed, old, new)
    assert len(renamed) == len(state), sorted(set(map(id, state.values())))
    return renamed


def _unet_blocks(state: State, levels: int, layers: int) -> Iterator[tuple[str, str]]:
    number = 1
    for level in range(levels):
        for layer in range(layers):
            yield f"down_blocks.{level}.resnets.{layer}", f"input_blocks.{number}.0"
            yield f"down_blocks.{level}.attentions.{layer}", f"input_blocks.{number}.1"
            number += 1
        if level < levels - 1:
            yield f"down_blocks.{level}.downsamplers.0.conv", f"input_blocks.{number}.0.op"
            number += 1
    yield "mid_block.resnets.0", "middle_block.0"
    yield "mid_block.attentions.0", "middle_block.1"
    yield "mid_block.resnets.1", "middle_block.2"
    number = 0
    for level in range(levels):
        attended = f"up_blocks.{level}.attentions.0.norm.weight" in state
        for layer in range(layers + 1):
            yield f"up_blocks.{level}.resnets.{layer}", f"output_blocks.{number}.0"
            yield f"up_blocks.{level}.attentions.{layer}", f"output_blocks.{number}.1"
            if layer == layers and level < levels - 1:
                place = 2 if attended else 1
                yield f"up_blocks.{level}.upsamplers.0", f"output_blocks.{number}.{place}"
            number += 1


def original_vae(state: State, levels: int, layers: int = 2) -> State:
    """The state of an AutoencoderKL under the original names, without prefix."""
    renamed: State = {}
    pairs = [("quant_conv", "quant_conv"), ("post_quant_conv", "post_quant_conv")]
    for side in ("encoder", "decoder"):
        pairs += [
            (f"{side}.conv_in", f"{side}.conv_in"),
            (f"{side}.conv_out", f"{side}.conv_out"),
            (f"{side}.conv_norm_out", f"{side}.norm_out"),
            (f"{side}.mid_block.attentions.0.group_norm", f"{side}.mid.attn_1.norm"),
        ]
        for number in (0, 1):
            pairs += _vae_block(
                f"{side}.mid_block.resnets.{number}", f"{side}.mid.block_{number + 1}"
            )
    for level in range(levels):
        for layer in range(layers):
            pairs += _vae_block(
                f"encoder.down_blocks.{level}.resnets.{layer}",
                f"encoder.down.{level}.block.{layer}",
            )
        coarse = levels - 1 - level
        for layer in range(layers + 1):
            pairs += _vae_block(
                f"decoder.up_blocks.{coarse}.resnets.{layer}", f"decoder.up.{level}.block.{layer}"
            )
        pairs += [
            (f"encoder.down_blocks.{level}.downsamplers.0", f"encoder.down.{level}.downsample"),
            (f"decoder.up_blocks.{coarse}.upsamplers.0", f"decoder.up.{level}.upsample"),
        ]
    for old, new in pairs:
        _move(state, renamed, old, new)
    for side in ("encoder", "decoder"):
        for old, new in (("to_q", "q"), ("to_k", "k"), ("to_v", "v"), ("to_out.0", "proj_out")):
            source = f"{side}.mid_block.attentions.0.{old}"
            renamed[f"{side}.mid.attn_1.{new}.weight"] = state[f"{source}.weight"][:, :, None, None]
            renamed[f"{side}.mid.attn_1.{new}.bias"] = state[f"{source}.bias"]
    assert len(renamed) == len(state)
    return renamed


def _vae_block(old: str, new: str) -> list[tuple[str, str]]:
    same = [(f"{old}.{name}", f"{new}.{name}") for name in ("norm1", "conv1", "norm2", "conv2")]
    return [*same, (f"{old}.conv_shortcut", f"{new}.nin_shortcut")]


def open_clip(state: State) -> State:
    """The state of a CLIPTextModel (with projection) as OpenCLIP stores it."""
    state = {key.removeprefix("text_model."): value for key, value in state.items()}
    renamed = {
        "token_embedding.weight": state["embeddings.token_embedding.weight"],
        "positional_embedding": state["embeddings.position_embedding.weight"],
        "ln_final.weight": state["final_layer_norm.weight"],
        "ln_final.bias": state["final_layer_norm.bias"],
        "logit_scale": torch.tensor(4.6),
    }
    if "text_projection.weight" in state:
        renamed["text_projection"] = state["text_projection.weight"].T.contiguous()
    number = 0
    while f"encoder.layers.{number}.mlp.fc1.weight" in state:
        old, new = f"encoder.layers.{number}", f"transformer.resblocks.{number}"
        for leaf in ("weight", "bias"):
            parts = [state[f"{old}.self_attn.{name}_proj.{leaf}"] for name in "qkv"]
            renamed[f"{new}.attn.in_proj_{leaf}"] = torch.cat(parts)
        for a, b in (("self_attn.out_proj", "attn.out_proj"), ("layer_norm1", "ln_1"),
                     ("layer_norm2", "ln_2"), ("mlp.fc1", "mlp.c_fc"),
                     ("mlp.fc2", "mlp.c_proj")):  # fmt: skip
            _move(state, renamed, f"{old}.{a}", f"{new}.{b}")
        number += 1
    return renamed


def _move(state: State, renamed: State, old: str, new: str) -> None:
    for key, value in state.items():
        if key.startswith(f"{old}."):
            renamed[new + key.removeprefix(old)] = value
