"""ControlNets against diffusers' own pipelines, and what is ours about them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from nodes.diffusion.box import Box
from nodes.diffusion.conditioning import Area, Conditioning, combine, with_area
from nodes.diffusion.control import ControlNet, Hint, fit_hint, with_hint
from nodes.diffusion.controlnet_files import load_controlnet
from nodes.diffusion.errors import ShapeError
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint
from nodes.diffusion.noise import initial_noise
from nodes.diffusion.samplers import SamplerChoice
from nodes.diffusion.sampling import sample
from nodes.diffusion.schedules import sigmas_for
from tests.nodes.tiny import diffusers
from tests.nodes.tiny_control import edges, make_controlnet, read_controlnet

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

PROMPT, NEGATIVE, CFG, SEED, STEPS = "a cat on a mat", "dog", 3.0, 11, 5


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, tiny_folder: Path) -> list[Path]:
    base = tmp_path_factory.mktemp("controlnets")
    return [
        make_controlnet(base / name, tiny_folder / "unet", seed=seed)
        for name, seed in (("one", 5), ("two", 6))
    ]


@pytest.fixture(scope="module")
def nets(folders: list[Path]) -> list[ControlNet]:
    return [load_controlnet(folder) for folder in folders]


def prompts(tiny: Checkpoint, *hints: Hint) -> tuple[Conditioning, Conditioning]:
    both = [tiny.text_encoder.encode(text) for text in (PROMPT, NEGATIVE)]
    for hint in hints:
        both = [with_hint(prompt, hint) for prompt in both]
    return both[0], both[1]


def drawn(
    tiny: Checkpoint,
    positive: Conditioning,
    negative: Conditioning,
    *,
    batch: int = 2,
    batched: bool = True,
) -> Tensor:
    sigmas = sigmas_for("simple", tiny.denoiser.schedule, STEPS)
    sampler = SamplerChoice("euler")
    shape = (batch, 4, 8, 6)
    return sample(
        PromptGuider.cfg(tiny.denoiser, positive, negative, CFG),
        torch.zeros(shape),
        initial_noise(shape, SEED),
        sampler=sampler,
        sigmas=sigmas,
        step_noise=sampler.step_noise(SEED, None, torch.Size(shape), sigmas),
        batched=batched,
    )


def expected(tiny: Checkpoint, folder: Path, nets: Any, images: Any, **options: Any) -> Tensor:
    """By diffusers' pipeline."""
    parts = diffusers.StableDiffusionPipeline.from_pretrained(folder, local_files_only=True)
    parts.scheduler = diffusers.EulerDiscreteScheduler.from_config(
        parts.scheduler.config, timestep_spacing="leading"
    )
    pipe = diffusers.StableDiffusionControlNetPipeline(
        **parts.components | {"requires_safety_checker": False}, controlnet=nets
    )
    pipe.set_progress_bar_config(disable=True)
    made: Tensor = pipe(
        prompt=[PROMPT] * 2,
        negative_prompt=[NEGATIVE] * 2,
        image=images,
        guidance_scale=CFG,
        latents=initial_noise((2, 4, 8, 6), SEED),
        sigmas=sigmas_for("simple", tiny.denoiser.schedule, STEPS).tolist(),
        height=64,
        width=48,
        output_type="latent",
        **options,
    ).images
    return made


def assert_same(got: Tensor, expected: Tensor) -> None:
    spread = max(1.0, float(expected.std()))
    torch.testing.assert_close(got, expected, atol=1e-4 * spread, rtol=0)


def test_as_the_pipeline(
    tiny: Checkpoint, tiny_folder: Path, folders: list[Path], nets: list[ControlNet]
) -> None:
    want = expected(
        tiny,
        tiny_folder,
        read_controlnet(folders[0]),
        edges(),
        controlnet_conditioning_scale=0.7,
    )
    got = drawn(tiny, *prompts(tiny, Hint(nets[0], edges(), strength=0.7)))
    assert_same(got, want)
    assert (got - drawn(tiny, *prompts(tiny))).abs().max() > 0.01


def test_a_picture_for_each_of_the_batch(
    tiny: Checkpoint, tiny_folder: Path, folders: list[Path], nets: list[ControlNet]
) -> None:
    pictures = edges(batch=2)
    want = expected(tiny, tiny_folder, read_controlnet(folders[0]), pictures)
    assert_same(drawn(tiny, *prompts(tiny, Hint(nets[0], pictures))), want)


def test_two_together_as_the_pipeline(
    tiny: Checkpoint, tiny_folder: Path, folders: list[Path], nets: list[ControlNet]
) -> None:
    first, second = edges(), edges(seed=1)
    want = expected(
        tiny,
        tiny_folder,
        [read_controlnet(folder) for folder in folders],
        [first, second],
        controlnet_conditioning_scale=[0.7, 0.4],
    )
    hints = Hint(nets[0], first, strength=0.7), Hint(nets[1], second, strength=0.4)
    assert_same(drawn(tiny, *prompts(tiny, *hints)), want)


@pytest.mark.parametrize(("start", "end"), [(0.0, 0.5), (0.4, 1.0)])
def test_for_a_part_of_the_way_as_the_pipeline(
    tiny: Checkpoint,
    tiny_folder: Path,
    folders: list[Path],
    nets: list[ControlNet],
    start: float,
    end: float,
) -> None:
    """The pipeline counts steps and we levels: a range between steps means the same to both."""
    ladder = sigmas_for("simple", tiny.denoiser.schedule, STEPS)[:-1]
    lit = [start <= step / STEPS and (step + 1) / STEPS <= end for step in range(STEPS)]
    want = expected(
        tiny,
        tiny_folder,
        read_controlnet(folders[0]),
        edges(),
        control_guidance_start=start,
        control_guidance_end=end,
    )
    times = tiny.denoiser.schedule.timestep(ladder) / 999
    inside = [float(time) for time, on in zip(times, lit, strict=True) if on]
    hint = Hint(nets[0], edges(), start=1 - max(inside) - 0.01, end=1 - min(inside) + 0.01)
    hint = replace(hint, start=max(hint.start, 0.0), end=min(hint.end, 1.0))
    placed = hint.place(tiny.denoiser, (2, 8, 6), Box(0, 0, 8, 6))
    assert [placed.active(float(sigma)) for sigma in ladder] == lit
    assert any(lit)
    assert not all(lit)
    assert_same(drawn(tiny, *prompts(tiny, hint)), want)


def test_without_strength_it_is_as_if_it_were_not_there(
    tiny: Checkpoint, nets: list[ControlNet]
) -> None:
    plain = prompts(tiny)
    hint = Hint(nets[0], edges(), strength=0.0)
    assert with_hint(plain[0], hint) is plain[0]
    carried = [p.map(lambda e: replace(e, controls=(hint,))) for p in plain]
    assert torch.equal(drawn(tiny, *carried), drawn(tiny, *plain))


def test_both_prompts_share_a_call_and_alone_it_is_the_same(
    tiny: Checkpoint, nets: list[ControlNet], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = []
    network = nets[0].network.module
    forward = network.forward

    def counted(sample: Tensor, *args: Any, **options: Any) -> Any:
        rows.append(len(sample))
        return forward(sample, *args, **options)

    monkeypatch.setattr(network, "forward", counted)
    both = prompts(tiny, Hint(nets[0], edges()))
    together = drawn(tiny, *both)
    assert rows == [4] * STEPS
    rows.clear()
    apart = drawn(tiny, *both, batched=False)
    assert rows == [2] * (2 * STEPS)
    torch.testing.assert_close(together, apart, atol=1e-4 * float(apart.std()), rtol=0)


def test_the_negative_prompt_gets_the_control_if_it_counts_for_both(
    tiny: Checkpoint, nets: list[ControlNet]
) -> None:
    hint = Hint(nets[0], edges())
    positive, negative = prompts(tiny)
    got = drawn(tiny, with_hint(positive, replace(hint, both=True)), negative)
    assert torch.equal(got, drawn(tiny, *prompts(tiny, hint)))
    assert not torch.equal(got, drawn(tiny, with_hint(positive, hint), negative))


def test_an_area_sees_its_part_of_the_hint(tiny: Checkpoint, nets: list[ControlNet]) -> None:
    """What the hint shows elsewhere makes no difference."""
    area = Area(y=0, x=0, height=32, width=48)
    here, other = edges(), edges()
    other = torch.cat([here[:, :, :32], 1 - here[:, :, 32:]], dim=2)

    def got(pixels: Tensor) -> Tensor:
        positive, negative = prompts(tiny)
        part = with_hint(with_area(positive, area, 1.0), Hint(nets[0], pixels))
        return drawn(tiny, combine(positive, part), negative)

    assert torch.equal(got(here), got(other))
    assert not torch.equal(got(here), got(1 - here))


def test_areas_of_one_size_have_each_their_own_part(
    tiny: Checkpoint, nets: list[ControlNet]
) -> None:
    hint = Hint(nets[0], edges())
    positive, negative = prompts(tiny)
    upper, lower = (
        with_hint(with_area(positive, Area(y=y, x=0, height=32, width=48), 1.0), hint)
        for y in (0, 32)
    )
    both = combine(upper, lower)
    together, apart = (drawn(tiny, both, negative, batched=b) for b in (True, False))
    torch.testing.assert_close(together, apart, atol=1e-4 * float(apart.std()), rtol=0)


def test_hints_are_fitted_by_their_middle() -> None:
    picture = torch.arange(12.0).reshape(1, 1, 2, 6)
    assert fit_hint(picture, 2, 6) is picture
    assert fit_hint(picture, 2, 2).tolist() == [[[[2.0, 3.0], [8.0, 9.0]]]]
    assert fit_hint(picture, 4, 4)[0, 0, 0].tolist() == [2.0, 2.0, 3.0, 3.0]


def test_what_does_not_fit_says_so(tiny: Checkpoint, nets: list[ControlNet]) -> None:
    with pytest.raises(ShapeError, match="3 pictures for a batch of 2 latents; it may hold 1 or 2"):
        drawn(tiny, *prompts(tiny, Hint(nets[0], edges(batch=3))))
    with pytest.raises(ShapeError, match=r"end 0\.2 comes before its start 0\.5"):
        Hint(nets[0], edges(), start=0.5, end=0.2)
