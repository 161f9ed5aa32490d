"""Every sampler against the field's end points, and what holds for all of them."""

import pytest
import torch
from torch import Tensor

from nodes.diffusion.noise import NoiseSource, no_noise
from nodes.diffusion.samplers import SAMPLERS, StepInfo, sampler_named
from nodes.diffusion.samplers_euler import sample_ddim, sample_euler, sample_euler_ancestral
from tests.nodes.diffusion.analytic import (
    Draws,
    GaussianDenoiser,
    TanhDenoiser,
    geometric,
    reals,
    reference,
)

FIGURES = reference("sampler_trajectories.json")
LADDERS = reference("sigma_ladders.json")["ladders"]["sd15"]
ADAPTIVE = {"dpm_adaptive", "dpm_solver_12", "dpm_solver_23"}
OWN_STEPS = {"dpm_fast", *ADAPTIVE}
ONE_STEP = [
    "ddim",
    "ddpm",
    "dpm_2",
    "dpm_2_ancestral",
    "dpm_solver_1",
    "dpm_solver_2",
    "dpm_solver_3",
    "dpmpp_2s_ancestral",
    "dpmpp_sde",
    "euler",
    "euler_ancestral",
    "euler_ancestral_cfg_pp",
    "euler_maruyama_ve",
    "euler_maruyama_vp",
    "heun",
    "lcm",
    "pc_ve",
    "pc_vp",
    "seeds_2",
    "seeds_3",
]
CFG_PP = {
    "euler_cfg_pp": "euler",
    "euler_ancestral_cfg_pp": "euler_ancestral",
    "dpmpp_2m_cfg_pp": "dpmpp_2m",
    "res_multistep_cfg_pp": "res_multistep",
    "res_multistep_ancestral_cfg_pp": "res_multistep_ancestral",
    "gradient_estimation_cfg_pp": "gradient_estimation",
}


@pytest.mark.parametrize("ladder", ["karras", "normal"])
@pytest.mark.parametrize("name", FIGURES["samplers"])
def test_ends_where_the_field_ends(name: str, ladder: str) -> None:
    sigmas, denoise = reals(LADDERS[ladder]), TanhDenoiser()
    start = reals(FIGURES["start"]) * sigmas[0]

    x = SAMPLERS[name](denoise, start, sigmas, noise=Draws(reals(FIGURES["noise"])))

    figure = FIGURES["samplers"][name][ladder]
    assert denoise.calls == figure["nfe"]
    torch.testing.assert_close(x, reals(figure["x"]), rtol=1e-6, atol=0.0)


def test_registers_every_name_of_the_figures_first() -> None:
    names = list(FIGURES["samplers"])
    assert list(SAMPLERS)[: len(names)] == names


def test_names_the_nearest_for_an_unknown_sampler() -> None:
    assert sampler_named("heun") is SAMPLERS["heun"]
    message = r"unknown sampler 'dpm_2m'.*'dpmpp_2m'.*Known: annealed_langevin, "
    with pytest.raises(ValueError, match=message):
        sampler_named("dpm_2m")


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 2, 3, 6])
def test_keeps_shape_and_type_at_few_steps_and_leaves_the_start_alone(
    name: str, steps: int
) -> None:
    sigmas = torch.cat([geometric(steps - 1, 10.0, 1.0 if steps > 1 else 10.0), torch.zeros(1)])
    sigmas = sigmas.float()[-(steps + 1) :]
    start = torch.randn(2, 3, 4, 4, generator=torch.Generator().manual_seed(0)) * sigmas[0]
    kept = start.clone()

    x = SAMPLERS[name](TanhDenoiser(), start, sigmas, noise=NoiseSource(0, None, start.shape))

    assert x.shape == start.shape
    assert x.dtype == torch.float32
    assert x.isfinite().all()
    assert torch.equal(start, kept)


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - {"annealed_langevin"}))
def test_one_step_to_zero_is_the_denoised_sample(name: str) -> None:
    start = reals(FIGURES["start"]) * 10
    x = SAMPLERS[name](TanhDenoiser(), start, reals([10.0, 0.0]), noise=no_noise)
    # UniPC stops at 0.001, as its steps are in log sigma: 0.001 / 10 of the start is left.
    left = 2.1e-3 if name.startswith("uni_pc") else 1e-9
    torch.testing.assert_close(x, TanhDenoiser()(start, reals([10.0])[0]), rtol=0.0, atol=left)


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - ADAPTIVE))
def test_samples_pictures_of_a_batch_independently(name: str) -> None:
    sigmas = reals(LADDERS["karras"])[::4]
    shape = (3, 2, 2)
    start = torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)

    def run(order: list[int]) -> Tensor:
        noise = NoiseSource(5, order, (len(order), *shape[1:]), dtype=torch.float64)
        return SAMPLERS[name](TanhDenoiser(), start[order] * sigmas[0], sigmas, noise=noise)

    together = run([0, 1, 2])
    torch.testing.assert_close(run([2, 0]), together[[2, 0]])
    assert not torch.allclose(together[0], together[1])


@pytest.mark.parametrize("name", sorted(SAMPLERS.keys() - OWN_STEPS))
def test_tells_the_callback_once_a_step_what_it_saw(name: str) -> None:
    sigmas = reals(LADDERS["karras"])[::4]
    seen: list[StepInfo] = []
    start = reals(FIGURES["start"]) * sigmas[0]

    SAMPLERS[name](
        TanhDenoiser(), start, sigmas, noise=Draws(reals(FIGURES["noise"])), callback=seen.append
    )

    assert [info.index for info in seen] == list(range(len(sigmas) - 1))
    assert {info.total for info in seen} == {len(sigmas) - 1}
    assert [info.sigma for info in seen] == sigmas[:-1].tolist()
    assert torch.equal(seen[0].x, start)
    for info in seen:
        expected = TanhDenoiser()(info.x, torch.tensor(info.sigma, dtype=torch.float64))
        torch.testing.assert_close(info.denoised, expected)


@pytest.mark.parametrize("name", sorted(OWN_STEPS))
def test_samplers_with_steps_of_their_own_tell_progress_within_the_total(name: str) -> None:
    sigmas, seen = reals(LADDERS["karras"]), list[StepInfo]()
    start = reals(FIGURES["start"]) * sigmas[0]
    SAMPLERS[name](TanhDenoiser(), start, sigmas, noise=no_noise, callback=seen.append)
    indices = [info.index for info in seen]
    assert indices == sorted(indices)
    assert indices[0] == 0
    assert len(sigmas) / 2 < indices[-1] < len(sigmas) - 1


@pytest.mark.parametrize("name", ONE_STEP)
def test_two_runs_over_parts_of_the_ladder_are_one_run_over_it(name: str) -> None:
    sigmas = reals(LADDERS["normal"])
    start = reals(FIGURES["start"]) * sigmas[0]
    noise = Draws(reals(FIGURES["noise"]))
    half = SAMPLERS[name](TanhDenoiser(), start, sigmas[:10], noise=noise)
    parts = SAMPLERS[name](TanhDenoiser(), half, sigmas[9:], noise=noise)
    whole = SAMPLERS[name](TanhDenoiser(), start, sigmas, noise=Draws(noise.draws))
    torch.testing.assert_close(parts, whole)


@pytest.mark.parametrize("name", CFG_PP)
def test_cfg_pp_is_the_plain_sampler_where_guidance_changes_nothing(name: str) -> None:
    sigmas = reals(LADDERS["normal"])
    start = reals(FIGURES["start"]) * sigmas[0]
    same = GaussianDenoiser()
    draws = reals(FIGURES["noise"])
    guided = SAMPLERS[name](same, start, sigmas, noise=Draws(draws))
    plain = SAMPLERS[CFG_PP[name]](same, start, sigmas, noise=Draws(draws))
    torch.testing.assert_close(guided, plain)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name.endswith("_cfg_pp")])
def test_cfg_pp_refuses_a_denoiser_without_guidance(name: str) -> None:
    def denoise(x: Tensor, sigma: Tensor) -> Tensor:
        return x

    with pytest.raises(ValueError, match="classifier-free guidance"):
        SAMPLERS[name](denoise, torch.zeros(4), torch.tensor([1.0, 0.5, 0.0]), noise=no_noise)


def test_ddim_with_eta_lies_between_euler_and_ancestral() -> None:
    sigmas = reals(LADDERS["karras"])
    start, draws = reals(FIGURES["start"]) * sigmas[0], reals(FIGURES["noise"])

    def ddim(eta: float) -> Tensor:
        return sample_ddim(TanhDenoiser(), start, sigmas, noise=Draws(draws), eta=eta)

    euler = sample_euler(TanhDenoiser(), start, sigmas, noise=no_noise)
    ancestral = sample_euler_ancestral(TanhDenoiser(), start, sigmas, noise=Draws(draws))
    torch.testing.assert_close(ddim(0.0), euler)
    torch.testing.assert_close(ddim(1.0), ancestral)
    assert not torch.allclose(ddim(0.5), euler)
    assert not torch.allclose(ddim(0.5), ancestral)


@pytest.mark.parametrize("sigmas", [torch.tensor([1.0]), torch.ones(2, 2)])
def test_refuses_what_is_no_ladder(sigmas: Tensor) -> None:
    with pytest.raises(ValueError, match=r"sigmas must be \[n \+ 1\] with n >= 1"):
        sample_euler(TanhDenoiser(), torch.zeros(4), sigmas, noise=no_noise)
