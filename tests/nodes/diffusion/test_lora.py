"""Every format gives the weights that its formula says, and comes off without a trace."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.lora import Fitted, apply_lora, read_lora
from tests.nodes.tiny_lora import (
    RANK,
    Factors,
    diffusers_names,
    factors,
    kohya_names,
    written,
)

ATTENTION = ("attn1.to_q", "attn2.to_k", "attn2.to_out.0", "ff.net.0.proj", "proj_in")
CONVOLUTIONS = ("conv1", "conv_shortcut", "downsamplers.0.conv", "upsamplers.0.conv", "conv_in")
TEXT = ("q_proj", "out_proj", "fc1")


def weights(fitted: Fitted, network: str = "unet") -> dict[str, Tensor]:
    """The weights that a network computes with."""
    user: Any = fitted.model
    if network != "unet":
        assert fitted.clip is not None
        user = fitted.clip.towers[0]
    module = user.network.ready(user.weights, user.hooks)
    return {name: value.detach().clone() for name, value in module.named_parameters()}


def put_on(tiny: Checkpoint, path: Path, strength: float = 1.0) -> Fitted:
    return apply_lora(read_lora(path), tiny.denoiser, tiny.text_encoder, strength, strength)


def assert_changed(before: dict[str, Tensor], after: dict[str, Tensor], by: Any) -> None:
    """The weights of modules have changed by what `by` has for their names, others not at all."""
    left = dict(by)
    for name, value in before.items():
        stem = name.removesuffix(".weight")
        if stem in by and stem != name:
            torch.testing.assert_close(after[name], value + left.pop(stem), atol=1e-6, rtol=1e-5)
        else:
            assert torch.equal(after[name], value), name
    assert not left


def products(made: Factors, scale: float = 1.0) -> dict[str, Tensor]:
    """What is added, by the formula of the paper, written out."""
    found = {}
    for name, (down, up) in made.items():
        flat = torch.einsum("or,ri->oi", up.flatten(1), down.flatten(1))
        found[name] = scale * flat.reshape(up.shape[0], *down.shape[1:])
    return found


@pytest.fixture
def plain(tiny: Checkpoint) -> dict[str, Tensor]:
    return weights(Fitted(tiny.denoiser, tiny.text_encoder, ()))


def processor_names(made: Factors) -> dict[str, Tensor]:
    tensors = {}
    for name, (down, up) in made.items():
        parent, part = name.removesuffix(".0").rsplit(".", 1)
        tensors[f"unet.{parent}.processor.{part}_lora.down.weight"] = down
        tensors[f"unet.{parent}.processor.{part}_lora.up.weight"] = up
    return tensors


def lora_points(made: Factors) -> dict[str, Tensor]:
    return {
        key.replace("lora_A", "lora.down").replace("lora_B", "lora.up"): value
        for key, value in diffusers_names(made).items()
    }


def peft_names(made: Factors) -> dict[str, Tensor]:
    return {
        key.replace("unet.", "base_model.model."): value
        for key, value in diffusers_names(made).items()
    }


@pytest.mark.parametrize(
    ("kinds", "named"),
    [
        (ATTENTION, kohya_names),
        (ATTENTION + CONVOLUTIONS, kohya_names),
        (ATTENTION + CONVOLUTIONS, diffusers_names),
        (ATTENTION, lora_points),
        (ATTENTION, peft_names),
        (ATTENTION[:3], processor_names),
    ],
)
def test_each_way_to_name_the_factors(
    tiny: Checkpoint,
    plain: dict[str, Tensor],
    kinds: tuple[str, ...],
    named: Callable[[Factors], dict[str, Tensor]],
    tmp_path: Path,
) -> None:
    made = factors(tiny.denoiser.network.module, *kinds)
    fitted = put_on(tiny, written(tmp_path / "a.safetensors", named(made)))
    assert fitted.left == ()
    assert_changed(plain, weights(fitted), products(made))


def test_alpha_and_strength_scale_it(
    tiny: Checkpoint, plain: dict[str, Tensor], tmp_path: Path
) -> None:
    made = factors(tiny.denoiser.network.module, *ATTENTION)
    path = written(tmp_path / "a.safetensors", kohya_names(made, alpha=1.5))
    fitted = put_on(tiny, path, -0.7)
    assert_changed(plain, weights(fitted), products(made, -0.7 * 1.5 / RANK))


@pytest.mark.parametrize(("stabilised", "scale"), [("false", 6 / RANK), ("true", 6 / RANK**0.5)])
def test_diffusers_notes_give_alphas(
    tiny: Checkpoint, plain: dict[str, Tensor], stabilised: str, scale: float, tmp_path: Path
) -> None:
    made = factors(tiny.denoiser.network.module, "attn1.to_q")
    first = next(iter(made))
    note = (
        f'{{"unet.lora_alpha": 6, "unet.use_rslora": {stabilised}, '
        f'"unet.alpha_pattern": {{"{first}": 12}}}}'
    )
    path = written(
        tmp_path / "a.safetensors", diffusers_names(made), {"lora_adapter_metadata": note}
    )
    expected = products(made, scale)
    expected[first] = 2 * expected[first]
    assert_changed(plain, weights(put_on(tiny, path)), expected)


def test_text_encoders_have_a_part_and_a_strength_of_their_own(
    tiny: Checkpoint, plain: dict[str, Tensor], tmp_path: Path
) -> None:
    made = factors(tiny.denoiser.network.module, "attn1.to_q")
    text = factors(tiny.text_encoder.towers[0].network.module, *TEXT, seed=1)
    before = weights(Fitted(tiny.denoiser, tiny.text_encoder, ()), "te1")
    path = written(tmp_path / "a.safetensors", kohya_names(made) | kohya_names(text, "lora_te"))
    fitted = apply_lora(read_lora(path), tiny.denoiser, tiny.text_encoder, 0.5, 2.0)
    assert_changed(plain, weights(fitted), products(made, 0.5))
    assert_changed(before, weights(fitted, "te1"), products(text, 2.0))
    alone = apply_lora(read_lora(path), tiny.denoiser, None, 1.0, 0.0)
    assert alone.left == ()
    assert_changed(plain, weights(alone), products(made))


def test_strength_0_is_no_lora(tiny: Checkpoint, tmp_path: Path) -> None:
    made = factors(tiny.denoiser.network.module, *ATTENTION)
    text = factors(tiny.text_encoder.towers[0].network.module, *TEXT, seed=1)
    path = written(tmp_path / "a.safetensors", kohya_names(made) | kohya_names(text, "lora_te"))
    fitted = put_on(tiny, path, 0.0)
    assert fitted.model.weights == ()
    assert fitted.clip is not None
    assert fitted.clip.towers[0].weights == ()


def test_several_add_up_and_all_come_off(
    tiny: Checkpoint, plain: dict[str, Tensor], tmp_path: Path
) -> None:
    one = factors(tiny.denoiser.network.module, "attn1.to_q", "attn2.to_k")
    two = factors(tiny.denoiser.network.module, "attn2.to_k", "conv1", seed=1)
    first = put_on(tiny, written(tmp_path / "1.safetensors", kohya_names(one)), 0.5)
    second = read_lora(written(tmp_path / "2.safetensors", diffusers_names(two)))
    both = apply_lora(second, first.model, first.clip, 2.0, 1.0)
    expected = products(one, 0.5)
    for name, change in products(two, 2.0).items():
        expected[name] = expected.get(name, 0) + change
    for _ in range(2):
        assert_changed(plain, weights(both), expected)
        assert_changed(plain, weights(first), products(one, 0.5))
        after = weights(Fitted(tiny.denoiser, None, ()))
        assert all(torch.equal(after[name], value) for name, value in plain.items())


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_is_rounded_once(tiny_folder: Path, dtype: str, tmp_path: Path) -> None:
    half = load_checkpoint(tiny_folder, dtype=dtype)
    made = factors(half.denoiser.network.module, *ATTENTION)
    stored = {key: value.half() for key, value in kohya_names(made).items()}
    before = weights(Fitted(half.denoiser, None, ()))
    fitted = put_on(half, written(tmp_path / "a.safetensors", stored))
    after = weights(fitted)
    for name, (down, up) in made.items():
        flat = up.half().float().flatten(1) @ down.half().float().flatten(1)
        old = before[f"{name}.weight"]
        expected = (old.float() + flat.reshape(old.shape)).to(old.dtype)
        assert torch.equal(after[f"{name}.weight"], expected)
    again = weights(Fitted(half.denoiser, None, ()))
    assert all(torch.equal(again[name], value) for name, value in before.items())


def test_what_has_no_place_is_told(tiny: Checkpoint, tmp_path: Path) -> None:
    made = factors(tiny.denoiser.network.module, "attn1.to_q")
    tensors = kohya_names(made)
    tensors["lora_unet_no_such_block.lora_down.weight"] = torch.zeros(1, 1)
    tensors["lora_unet_no_such_block.lora_up.weight"] = torch.zeros(1, 1)
    tensors["some.oft_blocks"] = torch.zeros(1)
    fitted = put_on(tiny, written(tmp_path / "a.safetensors", tensors))
    assert fitted.left == ("some.oft_blocks", "unet: no_such_block")
    assert "2 of its parts have no place in this model" in fitted.told("a")


def bad(**tensors: Tensor) -> dict[str, Tensor]:
    stem = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
    return {f"{stem}.{name.replace('__', '.')}": value for name, value in tensors.items()}


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        (
            bad(lora_down__weight=torch.ones(2, 2048), lora_up__weight=torch.ones(8, 2)),
            r"attn2_to_k is \[8, 2048\] there and \[8, 16\] here; it was made for SDXL, and this "
            "is a model that reads embeddings 16 wide",
        ),
        (
            bad(lora_down__weight=torch.ones(2, 16), lora_up__weight=torch.ones(8, 3)),
            "is damaged: the factors for .*attn2_to_k do not fit together",
        ),
        (bad(lora_down__weight=torch.ones(2, 16)), "is not whole: .* lacks lora_up"),
        (bad(hada_w1_a=torch.ones(2, 16)), "is not whole: .* lacks hada_w1_b"),
        (
            bad(
                lora_down__weight=torch.ones(2, 16),
                lora_up__weight=torch.ones(8, 2),
                dora_scale=torch.ones(7, 1),
            ),
            "the magnitudes for .*attn2_to_k are",
        ),
        (
            bad(lora_down__weight=torch.full((2, 16), float("nan"))),
            "holds NaN or infinity; the file is damaged",
        ),
        ({"conv_in.weight": torch.ones(1)}, "holds no LoRA that is known here"),
        (
            {f"lora_unet_far_away.lora_{at}.weight": torch.ones(1, 1) for at in ("up", "down")},
            "nothing in a.safetensors fits this model",
        ),
    ],
)
def test_files_that_do_not_fit(
    tiny: Checkpoint, tensors: dict[str, Tensor], message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.safetensors", tensors)
    with pytest.raises(LoadError, match=message):
        put_on(tiny, path)


def test_a_lora_for_text_encoders_needs_one(tiny: Checkpoint, tmp_path: Path) -> None:
    text = factors(tiny.text_encoder.towers[0].network.module, *TEXT)
    path = written(tmp_path / "a.safetensors", kohya_names(text, "lora_te"))
    with pytest.raises(LoadError, match="changes text encoders only: use LoraLoader"):
        apply_lora(read_lora(path), tiny.denoiser, None)
