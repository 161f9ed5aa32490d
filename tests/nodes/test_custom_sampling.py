from dataclasses import replace
from typing import Any

import pytest
import torch

from nodegraph import Context, node_type_of
from nodes import custom_sampling as pack
from nodes import guiders
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.samplers import SAMPLERS
from nodes.diffusion.schedules import SKIPS_PENULTIMATE
from nodes.sampling import ksampler, ksampler_advanced
from nodes.sigmas import basic_scheduler, flip_sigmas, manual_sigmas, split_sigmas
from nodes.types import Latent, Sigmas

SEED, STEPS, CFG = 7, 4, 3.0


@pytest.fixture
def prompts(tiny: Checkpoint) -> dict[str, Any]:
    clip = tiny.text_encoder
    return {"positive": clip.encode("a cat"), "negative": clip.encode("a dog")}


@pytest.fixture
def ladder(tiny: Checkpoint) -> Sigmas:
    return basic_scheduler(tiny.denoiser, "karras", STEPS)


@pytest.fixture
def custom(tiny: Checkpoint, prompts: dict[str, Any], ladder: Sigmas, context: Context) -> Any:
    def run(sampler: str = "euler", **changes: Any) -> pack.Sampled:
        usual: dict[str, Any] = {
            "model": tiny.denoiser,
            "noise_seed": SEED,
            "cfg": CFG,
            "sampler": pack.ksampler_select(sampler),
            "sigmas": ladder,
            "latent_image": empty(2),
            "ctx": context,
        }
        return pack.sampler_custom(**usual | prompts | changes)

    return run


@pytest.fixture
def plain(tiny: Checkpoint, prompts: dict[str, Any], context: Context) -> Any:
    def run(sampler: str, **changes: Any) -> Latent:
        usual: dict[str, Any] = {
            "model": tiny.denoiser,
            "seed": SEED,
            "cfg": CFG,
            "steps": STEPS,
            "sampler_name": sampler,
            "scheduler": "karras",
            "latent_image": empty(2),
            "ctx": context,
        }
        return ksampler(**usual | prompts | changes)

    return run


def empty(batch: int = 1) -> Latent:
    return Latent(torch.zeros(batch, 4, 1, 1), empty_size=(32, 48))


@pytest.mark.parametrize("sampler", ["euler", "dpmpp_2m_sde", "euler_cfg_pp", "lcm"])
def test_the_same_ingredients_give_the_same_bits(
    tiny: Checkpoint,
    prompts: dict[str, Any],
    custom: Any,
    plain: Any,
    ladder: Sigmas,
    context: Context,
    sampler: str,
) -> None:
    expected = plain(sampler).samples
    advanced = pack.sampler_custom_advanced(
        pack.random_noise(SEED),
        guiders.cfg_guider(tiny.denoiser, **prompts, cfg=CFG),
        pack.ksampler_select(sampler),
        ladder,
        empty(2),
        ctx=context,
    )
    assert torch.equal(custom(sampler).output.samples, expected)
    assert torch.equal(advanced.output.samples, expected)


def test_samplers_that_skip_a_level_do_it_in_ksampler_alone(custom: Any, plain: Any) -> None:
    for sampler in SKIPS_PENULTIMATE & {"dpm_2", "uni_pc"}:
        assert not torch.equal(custom(sampler).output.samples, plain(sampler).samples)


def test_masks_numbers_and_partial_ways(custom: Any, plain: Any, tiny: Checkpoint) -> None:
    mask = torch.zeros(1, 32, 32)
    mask[:, 16:] = 1.0
    latent = Latent(initial_noise((1, 4, 4, 4), 3), noise_mask=mask, batch_index=(5,))
    part = basic_scheduler(tiny.denoiser, "karras", STEPS, 0.5)
    result = custom(sigmas=part, latent_image=latent)
    assert torch.equal(
        result.output.samples, plain("euler", latent_image=latent, denoise=0.5).samples
    )
    assert torch.equal(result.denoised_output.samples[:, :, :2], latent.samples[:, :, :2])
    assert result.denoised_output.batch_index == result.output.batch_index == (5,)


def test_at_the_end_of_the_way_euler_is_what_was_denoised(custom: Any) -> None:
    result = custom()
    torch.testing.assert_close(result.output.samples, result.denoised_output.samples)


def test_what_was_denoised_on_the_way(
    custom: Any, ladder: Sigmas, tiny: Checkpoint, prompts: dict[str, Any]
) -> None:
    high, _ = split_sigmas(ladder, 2)
    half = custom(sigmas=high)
    before = custom(sigmas=split_sigmas(ladder, 1).high_sigmas).output.samples
    level, following = high.levels[1], high.levels[2]
    # Euler: x' = x + (x - D) / sigma * (sigma' - sigma), so D follows from both ends of a step.
    denoised = before - (half.output.samples - before) * level / (following - level)
    torch.testing.assert_close(half.denoised_output.samples, denoised, atol=1e-4, rtol=1e-4)
    assert not torch.allclose(half.output.samples, half.denoised_output.samples, atol=0.1)


def test_two_parts_make_the_whole(custom: Any, ladder: Sigmas) -> None:
    high, low = split_sigmas(ladder, 2)
    rest = custom(add_noise=False, latent_image=custom(sigmas=high).output, sigmas=low)
    assert torch.equal(rest.output.samples, custom().output.samples)


def test_without_noise_the_seed_does_not_matter(
    tiny: Checkpoint, custom: Any, prompts: dict[str, Any], ladder: Sigmas, context: Context
) -> None:
    latent = Latent(initial_noise((1, 4, 4, 4), 3) * float(ladder.levels[0]))
    first = custom(add_noise=False, latent_image=latent, noise_seed=1)
    second = pack.sampler_custom_advanced(
        pack.disable_noise(),
        guiders.cfg_guider(tiny.denoiser, **prompts, cfg=CFG),
        pack.ksampler_select("euler"),
        ladder,
        latent,
        ctx=context,
    )
    assert torch.equal(first.output.samples, second.output.samples)


@pytest.mark.parametrize("sampler", ["euler", "euler_cfg_pp"])
def test_the_basic_guider_is_guidance_of_one(
    tiny: Checkpoint,
    custom: Any,
    prompts: dict[str, Any],
    ladder: Sigmas,
    context: Context,
    sampler: str,
) -> None:
    result = pack.sampler_custom_advanced(
        pack.random_noise(SEED),
        guiders.basic_guider(tiny.denoiser, prompts["positive"]),
        pack.ksampler_select(sampler),
        ladder,
        empty(2),
        ctx=context,
    )
    expected = custom(sampler, cfg=1.0, negative=prompts["positive"]).output.samples
    torch.testing.assert_close(result.output.samples, expected, atol=1e-3, rtol=1e-4)


def test_a_ladder_without_a_step_changes_nothing(custom: Any) -> None:
    latent = replace(empty(), samples=initial_noise((1, 4, 4, 4), 3), empty_size=None)
    for text in ("", "3"):
        result = custom(sigmas=manual_sigmas(text), latent_image=latent)
        assert torch.equal(result.output.samples, latent.samples)
        assert torch.equal(result.denoised_output.samples, latent.samples)


def test_a_step_up_and_down_again(custom: Any) -> None:
    latent = Latent(initial_noise((1, 4, 4, 4), 3))
    down = manual_sigmas("1.001, 1")
    up = custom(add_noise=False, sigmas=flip_sigmas(down), latent_image=latent).output
    back = custom(add_noise=False, sigmas=down, latent_image=up).output
    moved, left = ((end.samples - latent.samples).norm() for end in (up, back))
    assert 0 < left < moved / 20


def test_every_sampler_is_to_be_had() -> None:
    assert [pack.ksampler_select(name).name for name in SAMPLERS] == list(SAMPLERS)


def inputs(function: object) -> list[str]:
    return [spec.name for spec in node_type_of(function).inputs]


def test_names_and_the_order_of_inputs() -> None:
    assert inputs(pack.sampler_custom) == [
        *["model", "add_noise", "noise_seed", "cfg", "positive", "negative", "sampler", "sigmas"],
        "latent_image",
    ]
    assert inputs(pack.sampler_custom_advanced) == [
        *["noise", "guider", "sampler", "sigmas", "latent_image"]
    ]
    assert inputs(guiders.cfg_guider) == ["model", "positive", "negative", "cfg"]
    assert [node_type_of(function).name for function in pack.NODES] == [
        *["SamplerCustom", "SamplerCustomAdvanced", "RandomNoise", "DisableNoise"],
        "KSamplerSelect",
    ]
    for function in (pack.sampler_custom, pack.sampler_custom_advanced):
        assert [out.name for out in node_type_of(function).outputs] == ["output", "denoised_output"]


def test_the_parts_of_the_advanced_ksampler(
    tiny: Checkpoint, custom: Any, prompts: dict[str, Any], context: Context, ladder: Sigmas
) -> None:
    expected = ksampler_advanced(
        tiny.denoiser,
        noise_seed=SEED,
        steps=STEPS,
        cfg=CFG,
        scheduler="karras",
        **prompts,
        latent_image=empty(2),
        end_at_step=2,
        return_with_leftover_noise="enable",
        ctx=context,
    )
    high, _ = split_sigmas(ladder, 2)
    assert torch.equal(custom(sigmas=high).output.samples, expected.samples)
