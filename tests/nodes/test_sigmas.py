import re
from typing import Any

import pytest
import torch

from nodegraph import NodeError, node_type_of
from nodes import sigmas as pack
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.schedules import SCHEDULERS, sigmas_for
from nodes.types import Sigmas


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize("denoise", [1.0, 0.4])
def test_a_scheduler_by_name(tiny: Checkpoint, scheduler: str, denoise: float) -> None:
    model = tiny.denoiser
    expected = sigmas_for(scheduler, model.schedule, 6, denoise=denoise)
    assert torch.equal(pack.basic_scheduler(model, scheduler, 6, denoise).levels, expected)


def test_no_denoising_is_no_step(tiny: Checkpoint) -> None:
    assert pack.basic_scheduler(tiny.denoiser, "normal", 6, 0.0).steps == 0


def test_an_endless_ladder(tiny: Checkpoint) -> None:
    with pytest.raises(NodeError, match=r"nearest denoise: 6e-06"):
        pack.basic_scheduler(tiny.denoiser, "normal", 6, 1e-9)


@pytest.mark.parametrize("text", ["3, 1.5, 0", " 3\n1.5 ;0,", "3e0 1.5 0.0"])
def test_levels_as_written(text: str) -> None:
    assert pack.manual_sigmas(text).levels.tolist() == [3, 1.5, 0]


def test_no_levels_written() -> None:
    assert pack.manual_sigmas("").steps == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3, one, 0", "'sigmas': 'one' in place 2 is no number"),
        ("3, -1", "'sigmas': '-1' in place 2 must be between 0 and 1e30"),
        ("nan", "'sigmas': 'nan' in place 1 must be between"),
        ("inf 0", "'sigmas': 'inf' in place 1 must be between"),
        ("1e39 0", "'sigmas': '1e39' in place 1 must be between"),
    ],
)
def test_what_is_no_level(text: str, message: str) -> None:
    with pytest.raises(NodeError, match=re.escape(message)):
        pack.manual_sigmas(text)


def test_parts_of_a_ladder() -> None:
    whole = pack.manual_sigmas("4 3 2 1 0")
    for parts in (pack.split_sigmas(whole, 3), pack.split_sigmas_denoise(whole, 0.25)):
        assert parts.high_sigmas.levels.tolist() == [4, 3, 2, 1]
        assert parts.low_sigmas.levels.tolist() == [1, 0]


def test_changed_ladders() -> None:
    whole = pack.manual_sigmas("16 8 0")
    assert pack.set_first_sigma(whole, 20).levels.tolist() == [20, 8, 0]
    assert pack.extend_intermediate_sigmas(whole).levels.tolist() == [16, 12, 8, 0]
    turned = pack.flip_sigmas(whole).levels
    torch.testing.assert_close(turned, torch.tensor([1e-4, 8, 16]))


def test_the_level_at_a_share(tiny: Checkpoint) -> None:
    model, schedule = tiny.denoiser, tiny.denoiser.schedule

    def at(share: float, actual: bool = False) -> float:
        return pack.sampling_percent_to_sigma(model, share, actual)

    assert (at(0.0), at(1.0)) == (999999999.9, 0.0)
    assert (at(0.0, True), at(1.0, True)) == (schedule.sigma_max, schedule.sigma_min)
    assert at(0.25) == at(0.25, True) == schedule.sigma_at(0.25)


def outputs(function: Any) -> list[str]:
    return [output.name for output in node_type_of(function).outputs]


def test_ladders_go_out_as_sigmas() -> None:
    assert outputs(pack.basic_scheduler) == outputs(pack.manual_sigmas) == ["sigmas"]
    assert outputs(pack.split_sigmas) == ["high_sigmas", "low_sigmas"]
    assert isinstance(pack.manual_sigmas("1 0"), Sigmas)
