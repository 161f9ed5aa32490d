import copy
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from nodes.diffusion.denoiser import Denoiser, Prediction, input_scale, to_denoised
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.network import Network
from nodes.diffusion.noise_schedule import FlowSchedule, NoiseSchedule
from nodes.diffusion.told import Told

LEVELS = [0.03, 0.5, 1.0, 14.6]


def target(prediction: Prediction, clean: Tensor, noise: Tensor, sigma: Tensor) -> Tensor:
    """What each kind of network is trained to say, in the papers' own words."""
    alpha, spread = 1 / (1 + sigma**2) ** 0.5, sigma / (1 + sigma**2) ** 0.5
    return {
        "epsilon": noise,
        "v_prediction": alpha * noise - spread * clean,
        "sample": clean,
        "flow_prediction": noise - clean,
    }[prediction]


def flow(denoiser: Denoiser) -> Denoiser:
    return denoiser.with_schedule(FlowSchedule(), "flow_prediction")


@pytest.mark.parametrize("sigma", LEVELS)
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
def test_a_perfect_network_denoises_perfectly(prediction: Prediction, sigma: float) -> None:
    level = torch.tensor(sigma, dtype=torch.float64)
    clean, noise = torch.randn(2, 3, 4, dtype=torch.float64).unbind(0)
    x = clean + level * noise
    said = target(prediction, clean, noise, level)
    torch.testing.assert_close(to_denoised(prediction, said, x, level), clean)


@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0])
def test_a_perfect_flow_network_denoises_perfectly(sigma: float) -> None:
    level = torch.tensor(sigma, dtype=torch.float64)
    clean, noise = torch.randn(2, 3, 4, dtype=torch.float64).unbind(0)
    x = (1 - level) * clean + level * noise
    said = target("flow_prediction", clean, noise, level)
    torch.testing.assert_close(to_denoised("flow_prediction", said, x, level), clean)


@pytest.mark.parametrize("sigma", LEVELS)
def test_the_network_sees_unit_variance(sigma: float) -> None:
    level = torch.tensor(sigma)
    clean, noise = torch.randn(2, 50_000, generator=torch.Generator().manual_seed(0)).unbind(0)
    seen = (clean + level * noise) * input_scale("v_prediction", level)
    assert float(seen.var()) == pytest.approx(1.0, abs=0.02)


def test_the_network_is_told_the_time_of_the_level(tiny: Checkpoint) -> None:
    denoiser = tiny.denoiser
    x = torch.randn(2, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    embedding = torch.randn(2, 5, 16, generator=torch.Generator().manual_seed(1))
    sigma = denoiser.schedule.sigmas[300]
    with torch.no_grad():
        (said,) = denoiser.network.module(
            x / (1 + sigma**2) ** 0.5,
            torch.tensor([300, 300]),
            encoder_hidden_states=embedding,
            return_dict=False,
        )
        got = denoiser(x, sigma, Told(embedding))
    torch.testing.assert_close(got, x - sigma * said)


def test_noise_is_added_at_a_level(tiny: Checkpoint) -> None:
    clean, noise = torch.full((2, 3), 2.0), torch.full((2, 3), 5.0)
    level = torch.tensor(0.25)
    assert tiny.denoiser.noised(clean, noise, level).tolist() == [[3.25] * 3] * 2
    assert flow(tiny.denoiser).noised(clean, noise, level).tolist() == [[2.75] * 3] * 2


def test_a_run_from_the_highest_level_starts_with_the_variance_of_training(
    tiny: Checkpoint,
) -> None:
    denoiser = tiny.denoiser
    top, below = denoiser.schedule.sigmas[-1], denoiser.schedule.sigmas[-2]
    zero, one = torch.zeros(1), torch.ones(1)
    assert denoiser.start(zero, one, top).item() == pytest.approx((1 + float(top) ** 2) ** 0.5)
    assert denoiser.start(zero, one, below).item() == pytest.approx(float(below))
    assert flow(denoiser).start(zero, one, torch.tensor(1.0)).item() == 1.0


def test_a_flow_that_ends_early_is_the_latent_of_a_later_start(tiny: Checkpoint) -> None:
    denoiser, level = flow(tiny.denoiser), torch.tensor(0.25)
    x, none = torch.randn(3, generator=torch.Generator().manual_seed(0)), torch.zeros(3)
    torch.testing.assert_close(denoiser.start(denoiser.finish(x, level), none, level), x)
    assert denoiser.finish(x, torch.tensor(0.0)) is x
    assert tiny.denoiser.finish(x, level) is x


def test_changed_copies_share_weights(tiny: Checkpoint) -> None:
    schedule = NoiseSchedule.stable_diffusion().zero_terminal_snr()
    changed = tiny.denoiser.with_schedule(schedule, "v_prediction")
    assert changed.network is tiny.denoiser.network
    assert (changed.schedule, changed.prediction) == (schedule, "v_prediction")
    assert tiny.denoiser.prediction == "epsilon"


def test_half_precision_stays_near(tiny: Checkpoint) -> None:
    x = torch.randn(1, 4, 4, 4, generator=torch.Generator().manual_seed(0))
    embedding = torch.randn(1, 5, 16, generator=torch.Generator().manual_seed(1))
    network = copy.deepcopy(tiny.denoiser.network.module)
    assert isinstance(network, torch.nn.Module)
    half = replace(tiny.denoiser, network=Network(network.to(torch.bfloat16)), dtype=torch.bfloat16)
    with torch.no_grad():
        full, near = (
            denoiser(x, torch.tensor(1.0), Told(embedding.to(denoiser.dtype)))
            for denoiser in (tiny.denoiser, half)
        )
    assert near.dtype == torch.float32
    torch.testing.assert_close(near, full, atol=0.1, rtol=0.1)


def test_embeddings_of_another_model(tiny: Checkpoint) -> None:
    with pytest.raises(ShapeError, match="is 768 wide and this model reads 16: use the text"):
        tiny.denoiser.check_embedding(torch.zeros(1, 77, 768))
