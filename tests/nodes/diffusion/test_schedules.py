"""Noise schedules and ladders: the field's figures, and what holds for all of them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from nodes.diffusion.schedules import (
    BETA_SCHEDULES,
    SCHEDULERS,
    SKIPS_PENULTIMATE,
    FlowSchedule,
    NoiseSchedule,
    beta_schedule,
    sigmas_for,
)
from tests.nodes.diffusion.analytic import reference

FIGURES = reference("sigma_ladders.json")
SD = NoiseSchedule.stable_diffusion()
SCHEDULES = {
    "sd15": SD,
    "sd15_zero_snr": SD.zero_terminal_snr(),
    "sd3_shift3": FlowSchedule(3.0),
}


@pytest.mark.parametrize("model", FIGURES["ladders"])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_ladders_are_the_fields(model: str, scheduler: str) -> None:
    figure = torch.tensor(FIGURES["ladders"][model][scheduler])
    ladder = sigmas_for(scheduler, SCHEDULES[model], FIGURES["steps"])
    assert ladder.dtype == torch.float32
    torch.testing.assert_close(ladder, figure, rtol=5e-7, atol=0.0)


def test_every_ladder_of_the_figures_is_registered() -> None:
    assert set(SCHEDULERS) == set(FIGURES["ladders"]["sd15"])


def test_stable_diffusions_ends_and_times_are_the_fields() -> None:
    assert SD.sigma_min == FIGURES["sd15_sigma_min"]
    assert SD.sigma_max == FIGURES["sd15_sigma_max"]
    ladder = sigmas_for("normal", SD, 20)
    assert SD.timestep(ladder[:-1]).tolist() == FIGURES["timesteps_sd15_normal"]


@given(
    scheduler=st.sampled_from(sorted(SCHEDULERS)),
    model=st.sampled_from(sorted(SCHEDULES)),
    sampler=st.sampled_from(["euler", *sorted(SKIPS_PENULTIMATE)]),
    steps=st.integers(1, 1200),
    denoise=st.floats(0.01, 1.0),
)
def test_ladders_fall_strictly_to_zero(
    scheduler: str, model: str, sampler: str, steps: int, denoise: float
) -> None:
    schedule = SCHEDULES[model]
    ladder = sigmas_for(scheduler, schedule, steps, denoise=denoise, sampler=sampler)
    assert len(ladder) >= 2
    assert ladder[-1] == 0
    assert (ladder.diff() < 0).all()
    assert ladder[0] <= schedule.sigma_max * (1 + 1e-6)


@pytest.mark.parametrize("scheduler", sorted(SCHEDULERS.keys() - {"ddim_uniform"}))
@pytest.mark.parametrize("sampler", ["euler", "dpm_2"])
@pytest.mark.parametrize("denoise", [1.0, 0.5, 0.3])
@pytest.mark.parametrize("steps", [1, 2, 7, 30])
def test_a_ladder_has_as_many_steps_as_asked_for(
    scheduler: str, sampler: str, denoise: float, steps: int
) -> None:
    assert len(sigmas_for(scheduler, SD, steps, denoise=denoise, sampler=sampler)) == steps + 1


@pytest.mark.parametrize(("steps", "levels"), [(20, 21), (30, 32), (7, 9), (1, 2)])
def test_ddim_uniform_goes_by_whole_strides(steps: int, levels: int) -> None:
    ladder = sigmas_for("ddim_uniform", SD, steps)
    assert len(ladder) == levels
    assert set(SD.timestep(ladder[:-1]).diff().tolist()) <= {-(1000 // steps)}


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_denoise_keeps_the_end_of_a_longer_ladder(scheduler: str) -> None:
    part = sigmas_for(scheduler, SD, 12, denoise=0.3)
    assert torch.equal(part, sigmas_for(scheduler, SD, 40)[-13:])
    assert torch.equal(
        sigmas_for(scheduler, SD, 12, denoise=0.99995), sigmas_for(scheduler, SD, 12)
    )


@pytest.mark.parametrize("sampler", sorted(SKIPS_PENULTIMATE))
@pytest.mark.parametrize("denoise", [1.0, 0.5])
def test_some_samplers_skip_the_penultimate_level(sampler: str, denoise: float) -> None:
    count = round(12 / denoise) + 1
    longer = sigmas_for("karras", SD, count)[-14:]
    ladder = sigmas_for("karras", SD, 12, denoise=denoise, sampler=sampler)
    assert ladder.tolist() == [*longer[:-2].tolist(), 0.0]


def test_more_steps_than_levels_visit_each_level_once() -> None:
    assert torch.equal(sigmas_for("simple", SD, 3000)[:-1], SD.sigmas.flip(0))


def test_a_lowest_level_of_all_but_zero_is_taken_for_the_final_zero() -> None:
    schedule = NoiseSchedule(torch.tensor([1e-6, 0.1, 1.0, 10.0]))
    torch.testing.assert_close(sigmas_for("normal", schedule, 3)[1:], torch.tensor([1, 0.1, 0]))


@pytest.mark.parametrize("steps", [0, -3])
def test_refuses_no_steps(steps: int) -> None:
    with pytest.raises(ValueError, match=f"steps must be at least 1, got {steps}"):
        sigmas_for("normal", SD, steps)


@pytest.mark.parametrize("denoise", [0.0, -0.5, 1.5, math.nan])
def test_refuses_denoise_outside_its_range(denoise: float) -> None:
    with pytest.raises(ValueError, match=f"above 0 and at most 1, got {denoise}"):
        sigmas_for("normal", SD, 20, denoise=denoise)


def test_names_the_nearest_for_an_unknown_scheduler() -> None:
    with pytest.raises(ValueError, match=r"unknown scheduler 'karas'; did you mean 'karras'\?"):
        sigmas_for("karas", SD, 20)
    with pytest.raises(ValueError, match=r"unknown scheduler 'xyz'; Known: beta, "):
        sigmas_for("xyz", SD, 20)


@pytest.mark.parametrize("name", BETA_SCHEDULES)
def test_beta_schedules_make_noise_schedules(name: str) -> None:
    betas = beta_schedule(name, 100, 0.0001, 0.02)
    assert betas.shape == (100,)
    assert betas.dtype == torch.float64
    assert ((betas > 0) & (betas < 1)).all()
    schedule = NoiseSchedule.from_betas(betas)
    torch.testing.assert_close(schedule.alphas_cumprod, (1 - betas).cumprod(0), rtol=1e-6, atol=0)


def test_beta_schedules_have_their_shapes() -> None:
    def middle(name: str) -> float:
        return float(beta_schedule(name, 101, 0.01, 0.04)[50])

    assert middle("linear") == pytest.approx(0.025)
    assert middle("scaled_linear") == pytest.approx(0.15**2)
    assert middle("quadratic") == pytest.approx(0.01 + 0.03 / 4)
    assert middle("exponential") == pytest.approx(0.02)
    assert middle("sigmoid") == pytest.approx(0.025)
    assert middle("constant") == 0.04
    # Half of the time: cos²((0.5 + s) / (1 + s) π / 2) of Nichol and Dhariwal.
    alphas = (1 - beta_schedule("cosine", 1000)).cumprod(0)
    start = math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    expected = math.cos(0.508 / 1.008 * math.pi / 2) ** 2 / start
    assert float(alphas[499]) == pytest.approx(expected)


def test_refuses_impossible_betas() -> None:
    with pytest.raises(ValueError, match=r"unknown beta schedule 'liner'; did you mean 'linear'"):
        beta_schedule("liner")
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        beta_schedule(count=0)
    with pytest.raises(ValueError, match=r"0 < start <= end < 1, got start=0.5, end=0.1"):
        beta_schedule("linear", 10, 0.5, 0.1)


@pytest.mark.parametrize(
    ("sigmas", "message"),
    [
        (torch.tensor([1.0]), r"T >= 2, got \[1\]"),
        (torch.tensor([1.0, 2.0], dtype=torch.float64), "must be float32"),
        (torch.tensor([0.0, 2.0]), "finite, positive and strictly rising"),
        (torch.tensor([2.0, 1.0]), "finite, positive and strictly rising"),
        (torch.tensor([1.0, math.inf]), "finite, positive and strictly rising"),
    ],
)
def test_refuses_impossible_levels(sigmas: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NoiseSchedule(sigmas)


@pytest.mark.parametrize("schedule", [SD, SD.zero_terminal_snr()])
def test_times_and_levels_are_inverse(schedule: NoiseSchedule) -> None:
    times = torch.arange(1000.0)
    assert torch.equal(schedule.timestep(schedule.sigmas), times)
    torch.testing.assert_close(schedule.sigma(times), schedule.sigmas)
    between = float(schedule.sigma(torch.tensor(10.5)))
    assert between == pytest.approx(math.sqrt(float(schedule.sigmas[10] * schedule.sigmas[11])))
    assert schedule.timestep(torch.tensor(1e9)).item() == 999
    assert schedule.sigma(torch.tensor(-5.0)).item() == pytest.approx(schedule.sigma_min)


@pytest.mark.parametrize("schedule", SCHEDULES.values())
def test_a_fraction_of_the_schedule_is_a_level(schedule: NoiseSchedule) -> None:
    fractions = [step / 20 for step in range(1, 20)]
    levels = [schedule.sigma_at(fraction) for fraction in fractions]
    assert levels == sorted(levels, reverse=True)
    assert schedule.sigma_min < levels[-1] < levels[0] < schedule.sigma_max
    assert schedule.sigma_at(0.0) == math.inf
    assert schedule.sigma_at(1.0) == 0.0
    ladder = sigmas_for("sgm_uniform", schedule, 20)
    assert schedule.sigma_at(0.5) == pytest.approx(float(ladder[10]), rel=1e-2)


def test_noise_has_unit_variance_at_the_top_only() -> None:
    assert SD.noise_scale(SD.sigma_max) == pytest.approx(math.hypot(1, SD.sigma_max))
    assert SD.noise_scale(5.0) == 5.0
    assert FlowSchedule(3.0).noise_scale(1.0) == 1.0


def test_zero_terminal_snr_keeps_the_first_level_and_ends_in_noise() -> None:
    rescaled = SD.zero_terminal_snr()
    assert rescaled.sigma_min == pytest.approx(SD.sigma_min, rel=1e-6)
    assert rescaled.sigma_max == pytest.approx(4518.76, rel=1e-5)
    flow = FlowSchedule(3.0)
    assert flow.zero_terminal_snr() is flow


@pytest.mark.parametrize("shift", [0.0, -1.0, math.nan])
def test_refuses_an_impossible_shift(shift: float) -> None:
    with pytest.raises(ValueError, match=f"shift must be positive, got {shift}"):
        FlowSchedule(shift)
