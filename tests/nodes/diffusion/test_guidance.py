import pytest
import torch
from torch import Tensor

from nodes.diffusion.conditioning import Area, Conditioning, combine
from nodes.diffusion.denoiser import Denoiser
from nodes.diffusion.guidance import Guided
from nodes.diffusion.guidance_formula import ClassifierFree
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.regions import place
from tests.nodes.diffusion.prompt_values import prompt, prompt_denoiser

LEVEL = torch.tensor(2.0)


def nothing() -> None:
    """No cancelling here."""


def guided(
    denoiser: Denoiser,
    positive: Conditioning,
    negative: Conditioning,
    scale: float = 3.0,
    *,
    batched: bool = True,
    batch: int = 2,
    size: int = 8,
) -> Guided:
    return Guided(
        denoiser=denoiser,
        sides=tuple(place(side, denoiser, batch, size, size) for side in (positive, negative)),
        formula=ClassifierFree(scale),
        tick=nothing,
        batched=batched,
    )


def noisy(size: int = 8) -> Tensor:
    return torch.randn(2, 4, size, size, generator=torch.Generator().manual_seed(0))


def test_guidance_of_two_prompts_takes_one_call_of_twice_the_batch() -> None:
    denoiser, network = prompt_denoiser()
    denoised, uncond = guided(denoiser, prompt(5.0), prompt(1.0)).guided(noisy(), LEVEL)
    assert denoised.unique().tolist() == [13.0]  # type: ignore[no-untyped-call]
    assert uncond.unique().tolist() == [1.0]  # type: ignore[no-untyped-call]
    assert network.calls == [(4, 4, 8, 8)]


def test_at_scale_one_the_negative_prompt_costs_nothing() -> None:
    denoiser, network = prompt_denoiser()
    denoise = guided(denoiser, prompt(5.0), prompt(1.0), scale=1.0)
    assert denoise(noisy(), LEVEL).unique().tolist() == [5.0]  # type: ignore[no-untyped-call]
    assert network.calls == [(2, 4, 8, 8)]


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("prompts", [("a cat", ""), ("a cat " * 30, "dog"), ("a (cat:1.3)", "")])
def test_one_call_or_two_are_the_same(
    tiny: Checkpoint, tiny_v: Checkpoint, prediction: str, prompts: tuple[str, str]
) -> None:
    checkpoint = tiny if prediction == "epsilon" else tiny_v
    positive, negative = (checkpoint.text_encoder.encode(text) for text in prompts)
    positive = combine(
        positive,
        checkpoint.text_encoder.encode("mat").map(
            lambda entry: type(entry)(entry.embedding, area=Area(16, 0, 32, 64))
        ),
    )
    one, two = (
        guided(checkpoint.denoiser, positive, negative, batched=batched)
        for batched in (True, False)
    )
    with torch.no_grad():
        torch.testing.assert_close(one(noisy(), LEVEL), two(noisy(), LEVEL), atol=1e-4, rtol=1e-4)
        assert not torch.allclose(one(noisy(), LEVEL), one.guided(noisy(), LEVEL)[1], atol=0.01)


def test_lengths_that_go_badly_together_are_not_repeated_into_one_call() -> None:
    denoiser, network = prompt_denoiser()
    guided(denoiser, prompt(5.0, tokens=6), prompt(1.0, tokens=3)).guided(noisy(), LEVEL)
    assert len(network.calls) == 1
    guided(denoiser, prompt(5.0, tokens=7), prompt(1.0, tokens=3)).guided(noisy(), LEVEL)
    assert len(network.calls) == 3


def test_prompts_are_averaged_by_their_weights_where_they_overlap() -> None:
    mask = torch.zeros(1, 8, 8)
    mask[:, :, 4:] = 1.0
    denoiser, _ = prompt_denoiser()
    both = combine(prompt(4.0), prompt(10.0, mask=mask, mask_strength=0.5))
    denoised = guided(denoiser, both, prompt(0.0), scale=1.0)(noisy(), LEVEL)
    assert denoised[..., :4].unique().tolist() == [4.0]  # type: ignore[no-untyped-call]
    torch.testing.assert_close(denoised[..., 4:], torch.full((2, 4, 8, 4), 6.0))


def test_an_area_is_computed_on_its_crop() -> None:
    denoiser, network = prompt_denoiser()
    both = combine(prompt(4.0), prompt(10.0, area=Area(0, 0, 64, 32)))
    denoised = guided(denoiser, both, prompt(0.0), scale=1.0)(noisy(), LEVEL)
    assert network.calls == [(2, 4, 8, 8), (2, 4, 8, 4)]
    assert denoised[..., 0].unique().tolist() == [7.0]  # type: ignore[no-untyped-call]
    assert denoised[..., 4:].unique().tolist() == [4.0]  # type: ignore[no-untyped-call]


def test_crops_of_one_size_share_a_call() -> None:
    denoiser, network = prompt_denoiser()
    left, right = (prompt(1.0, area=Area(0, x, 64, 32)) for x in (0, 32))
    guided(denoiser, combine(left, right), prompt(0.0)).guided(noisy(), LEVEL)
    assert network.calls == [(4, 4, 8, 4), (2, 4, 8, 8)]


def test_prompts_count_only_in_their_time() -> None:
    denoiser, network = prompt_denoiser()
    early, late = prompt(4.0, end=0.5), prompt(10.0, start=0.5)
    denoise = guided(denoiser, combine(early, late), prompt(0.0), scale=1.0)
    assert denoise(noisy(), torch.tensor(10.0)).mean().item() == 4.0
    assert denoise(noisy(), torch.tensor(0.1)).mean().item() == 10.0
    assert len(network.calls) == 2


def test_each_picture_of_a_batch_may_have_its_own_prompt_and_mask() -> None:
    denoiser, _ = prompt_denoiser()
    entry = prompt(0.0).entries[0]
    values = torch.tensor([2.0, 6.0])[:, None, None].expand(2, 3, 2)
    own = prompt(0.0).map(lambda _: type(entry)(values))
    denoised = guided(denoiser, own, prompt(0.0), scale=1.0)(noisy(), LEVEL)
    assert denoised.mean(dim=(1, 2, 3)).tolist() == [2.0, 6.0]
    masks = torch.stack([torch.zeros(8, 8), torch.ones(8, 8)])
    both = combine(prompt(4.0), prompt(10.0, mask=masks))
    denoised = guided(denoiser, both, prompt(0.0), scale=1.0)(noisy(), LEVEL)
    assert denoised.mean(dim=(1, 2, 3)).tolist() == [4.0, 7.0]


def test_a_run_can_stop_before_every_call() -> None:
    denoiser, network = prompt_denoiser()

    def stop() -> None:
        raise KeyboardInterrupt

    regions = place(prompt(1.0), denoiser, 2, 8, 8)
    denoise = Guided(denoiser, (regions, regions), ClassifierFree(2.0), tick=stop)
    with pytest.raises(KeyboardInterrupt):
        denoise(noisy(), LEVEL)
    assert not network.calls
