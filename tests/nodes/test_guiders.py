"""Guiders as nodes: their inputs, and the pictures they are known for."""

from typing import Any

import pytest
import torch
from torch import Tensor

from nodegraph import Context, NodeError, node_type_of
from nodes import guiders as pack
from nodes.custom_sampling import ksampler_select, random_noise, sampler_custom_advanced
from nodes.diffusion.loading import Checkpoint
from nodes.sampling import ksampler_advanced
from nodes.sigmas import basic_scheduler
from nodes.types import Guider, Latent

SEED, STEPS, CFG = 7, 5, 3.0


@pytest.fixture
def prompts(tiny: Checkpoint) -> dict[str, Any]:
    clip = tiny.text_encoder
    return {"positive": clip.encode("a cat"), "negative": clip.encode("a dog")}


def empty() -> Latent:
    return Latent(torch.zeros(2, 4, 1, 1), empty_size=(32, 48))


def drawn(guider: Guider, ctx: Context, sampler: str = "euler", **changes: Any) -> Tensor:
    given: dict[str, Any] = {
        "noise": random_noise(SEED),
        "sampler": ksampler_select(sampler),
        "sigmas": basic_scheduler(guider.model, "karras", STEPS),
        "latent_image": empty(),
        "ctx": ctx,
    }
    return sampler_custom_advanced(guider=guider, **given | changes).output.samples


@pytest.mark.parametrize("part", [1, 3])
@pytest.mark.parametrize("sampler", ["euler", "ddim"])
def test_a_switch_of_experts_is_two_samplers_in_a_row(
    tiny: Checkpoint,
    tiny_v: Checkpoint,
    prompts: dict[str, Any],
    context: Context,
    part: int,
    sampler: str,
) -> None:
    def sampled(model: Any, cfg: float, **changes: Any) -> Latent:
        return ksampler_advanced(
            model,
            noise_seed=SEED,
            steps=STEPS,
            cfg=cfg,
            sampler_name=sampler,
            scheduler="karras",
            ctx=context,
            **prompts,
            **changes,
        )

    half = sampled(
        tiny.denoiser,
        CFG,
        latent_image=empty(),
        end_at_step=part,
        return_with_leftover_noise="enable",
    )
    expected = sampled(
        tiny_v.denoiser, 2.0, latent_image=half, start_at_step=part, add_noise="disable"
    )
    levels = basic_scheduler(tiny.denoiser, "karras", STEPS).levels
    high = pack.cfg_guider(tiny.denoiser, **prompts, cfg=CFG)
    low = pack.cfg_guider(tiny_v.denoiser, **prompts, cfg=2.0)
    switch = pack.expert_switch(high, low, float(levels[part - 1]), "sigma")
    assert torch.equal(drawn(switch, context, sampler), expected.samples)


@pytest.mark.parametrize(("switch_at", "first"), [(0.0, False), (1.0, True)])
def test_one_expert_may_have_the_whole_way(
    tiny: Checkpoint,
    tiny_v: Checkpoint,
    prompts: dict[str, Any],
    context: Context,
    switch_at: float,
    first: bool,
) -> None:
    high = pack.cfg_guider(tiny.denoiser, **prompts, cfg=CFG)
    low = pack.cfg_guider(tiny_v.denoiser, **prompts, cfg=CFG)
    found = drawn(pack.expert_switch(high, low, switch_at), context)
    assert torch.equal(found, drawn(high if first else low, context))


def test_a_switch_keeps_what_is_not_masked(
    tiny: Checkpoint, tiny_v: Checkpoint, prompts: dict[str, Any], context: Context
) -> None:
    high = pack.cfg_guider(tiny.denoiser, **prompts, cfg=CFG)
    low = pack.cfg_guider(tiny_v.denoiser, **prompts, cfg=CFG)
    mask = torch.zeros(1, 32, 48)
    mask[..., 24:] = 1.0
    latent = Latent(torch.ones(1, 4, 4, 6), noise_mask=mask)
    found = drawn(pack.expert_switch(high, low, 0.5), context, latent_image=latent)
    assert torch.equal(found[..., :3], latent.samples[..., :3])
    assert not torch.allclose(found[..., 3:], latent.samples[..., 3:], atol=0.1)


def test_a_part_of_the_way_is_at_most_all_of_it(tiny: Checkpoint, prompts: dict[str, Any]) -> None:
    guider = pack.cfg_guider(tiny.denoiser, **prompts)
    with pytest.raises(NodeError, match=r"must be in 0..1; got 2.5; nearest: 1"):
        pack.expert_switch(guider, guider, 2.5)


@pytest.mark.parametrize("style", ["regular", "nested"])
def test_dual_guidance_towards_one_thing_twice_is_plain_guidance(
    tiny: Checkpoint, prompts: dict[str, Any], context: Context, style: Any
) -> None:
    """Where both things wanted are the same, the inner direction is nothing."""
    wanted, unwanted = prompts["positive"], prompts["negative"]
    guider = pack.dual_cfg_guider(tiny.denoiser, wanted, wanted, unwanted, 5.0, CFG, style)
    expected = drawn(pack.cfg_guider(tiny.denoiser, wanted, unwanted, CFG), context)
    torch.testing.assert_close(drawn(guider, context), expected, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize("sampler", ["euler", "euler_cfg_pp"])
def test_perp_neg_without_weight_is_plain_guidance(
    tiny: Checkpoint, prompts: dict[str, Any], context: Context, sampler: str
) -> None:
    nothing = tiny.text_encoder.encode("")
    plain = drawn(
        pack.cfg_guider(tiny.denoiser, prompts["positive"], nothing, CFG), context, sampler
    )
    off, on = (
        drawn(
            pack.perp_neg_guider(
                tiny.denoiser, **prompts, empty_conditioning=nothing, cfg=CFG, neg_scale=weight
            ),
            context,
            sampler,
        )
        for weight in (0.0, 1.0)
    )
    torch.testing.assert_close(off, plain, atol=1e-3, rtol=1e-4)
    assert not torch.allclose(on, plain, atol=0.1)


def inputs(function: object) -> list[str]:
    return [spec.name for spec in node_type_of(function).inputs]


def test_names_and_the_order_of_inputs() -> None:
    assert [node_type_of(function).name for function in pack.NODES] == [
        *["BasicGuider", "CFGGuider", "DualCFGGuider", "PerpNegGuider", "ExpertSwitch"]
    ]
    assert inputs(pack.basic_guider) == ["model", "conditioning"]
    assert inputs(pack.cfg_guider) == ["model", "positive", "negative", "cfg"]
    assert inputs(pack.dual_cfg_guider) == [
        *["model", "cond1", "cond2", "negative", "cfg_conds", "cfg_cond2_negative", "style"]
    ]
    assert inputs(pack.perp_neg_guider) == [
        *["model", "positive", "negative", "empty_conditioning", "cfg", "neg_scale"]
    ]
