"""SD2 and SDXL give the latents of diffusers' own pipelines, given the same noise and levels."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nodes.diffusion.conditioning import Conditioning, PictureSizes
from nodes.diffusion.expert_switch import ExpertSwitch
from nodes.diffusion.guider import PromptGuider
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.noise import initial_noise
from tests.nodes.diffusion import family_cases as case
from tests.nodes.tiny_families import Family, make_family

# Within diffusers' schedulers, with numpy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Model = tuple[Checkpoint, Path]


def _model(factory: pytest.TempPathFactory, family: Family) -> Model:
    folder = make_family(factory.mktemp("models") / family, family)
    return load_checkpoint(folder), folder


@pytest.fixture(scope="module")
def sd2(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _model(tmp_path_factory, "sd2")


@pytest.fixture(scope="module")
def sdxl(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _model(tmp_path_factory, "sdxl")


@pytest.fixture(scope="module")
def refiner(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return _model(tmp_path_factory, "refiner")


def test_sd2_with_v_prediction(sd2: Model) -> None:
    checkpoint, folder = sd2
    pipe = case.pipeline(
        "StableDiffusionPipeline",
        folder,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    latents = case.begun(checkpoint, pipe, noise, sigmas)
    expected = pipe(**case.asked(), latents=latents, height=64, width=48).images
    prompts = case.both_prompts(checkpoint)
    got = case.drawn(checkpoint, sigmas, *prompts, latent=torch.zeros_like(noise), noise=noise)
    assert checkpoint.denoiser.prediction == "v_prediction"
    case.assert_same(got, expected)


def test_sdxl_with_the_sizes_of_its_latents(sdxl: Model) -> None:
    checkpoint, folder = sdxl
    pipe = case.pipeline("StableDiffusionXLPipeline", folder)
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    latents = case.begun(checkpoint, pipe, noise, sigmas)
    expected = pipe(**case.asked(), latents=latents, height=64, width=48).images
    prompts = case.both_prompts(checkpoint)
    got = case.drawn(checkpoint, sigmas, *prompts, latent=torch.zeros_like(noise), noise=noise)
    case.assert_same(got, expected)


def test_sdxl_with_sizes_of_its_own(sdxl: Model) -> None:
    checkpoint, folder = sdxl
    pipe = case.pipeline("StableDiffusionXLPipeline", folder)
    noise, sigmas = case.noise_of(), case.ladder(pipe)
    latents = case.begun(checkpoint, pipe, noise, sigmas)
    expected = pipe(
        **case.asked() | {"prompt_2": ["fog", "fog"]},
        latents=latents,
        height=64,
        width=48,
        original_size=(300, 200),
        crops_coords_top_left=(5, 7),
        target_size=(90, 80),
    ).images
    sizes = PictureSizes(200, 300, crop_left=7, crop_top=5, target_width=80, target_height=90)
    encoded = [checkpoint.text_encoder.encode(prompt, "fog").entries[0] for prompt in case.PROMPTS]
    rows = torch.cat([entry.embedding for entry in encoded])
    positive = Conditioning((replace(encoded[0], embedding=rows, sizes=sizes),))
    negative = checkpoint.text_encoder.encode(case.NEGATIVE).map(
        lambda entry: replace(entry, sizes=sizes)
    )
    empty = torch.zeros_like(noise)
    got = case.drawn(checkpoint, sigmas, positive, negative, latent=empty, noise=noise)
    case.assert_same(got, expected)
    usual = positive.map(lambda entry: replace(entry, sizes=None))
    plain = case.drawn(checkpoint, sigmas, usual, negative, latent=empty, noise=noise)
    case.assert_other(plain, expected)


def test_the_refiner_on_a_picture(refiner: Model) -> None:
    checkpoint, folder = refiner
    pipe = case.pipeline(
        "StableDiffusionXLImg2ImgPipeline",
        folder,
        text_encoder=None,
        tokenizer=None,
        requires_aesthetics_score=True,
    )
    picture = initial_noise((2, 4, 8, 6), seed=99)
    expected = pipe(
        **case.asked(),
        image=picture,
        strength=0.6,
        generator=[torch.Generator().manual_seed(case.SEED + index) for index in range(2)],
    ).images
    sigmas = case.ladder(pipe)[-4:]
    prompts = case.both_prompts(checkpoint)
    got = case.drawn(checkpoint, sigmas, *prompts, latent=picture, noise=case.noise_of())
    case.assert_same(got, expected)
    loved = checkpoint.text_encoder.encode(case.NEGATIVE).map(
        lambda entry: replace(entry, sizes=PictureSizes(48, 64, aesthetic=6.0))
    )
    other = case.drawn(checkpoint, sigmas, prompts[0], loved, latent=picture, noise=case.noise_of())
    case.assert_other(other, expected)


def test_from_the_base_to_the_refiner(sdxl: Model, refiner: Model) -> None:
    base, base_folder = sdxl
    second, folder = refiner
    first_pipe = case.pipeline("StableDiffusionXLPipeline", base_folder)
    pipe = case.pipeline(
        "StableDiffusionXLImg2ImgPipeline",
        folder,
        text_encoder=None,
        tokenizer=None,
        requires_aesthetics_score=True,
    )
    noise, sigmas = case.noise_of(), case.ladder(first_pipe)
    latents = case.begun(base, first_pipe, noise, sigmas)
    half = first_pipe(
        **case.asked(), latents=latents, height=64, width=48, denoising_end=0.6
    ).images
    expected = pipe(**case.asked(), image=half, denoising_start=0.6).images

    ours = case.drawn(
        base, sigmas[:4], *case.both_prompts(base), latent=torch.zeros_like(noise), noise=noise
    )
    case.assert_same(ours, half)
    got = case.drawn(
        second,
        sigmas[3:],
        *case.both_prompts(second),
        latent=ours,
        noise=torch.zeros_like(noise),
    )
    case.assert_same(got, expected)

    high, low = (
        PromptGuider.cfg(each.denoiser, *case.both_prompts(each), case.CFG)
        for each in (base, second)
    )
    switch = ExpertSwitch.between(high, low, base.denoiser.schedule.sigma_at(0.6))
    whole = case.drawn_by(switch, sigmas, latent=torch.zeros_like(noise), noise=noise)
    assert torch.equal(whole, got)
