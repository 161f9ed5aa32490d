"""The shipped folder: small, whole, loadable by stock diffusers, and it draws what is asked."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline
from safetensors import safe_open

from nodes.diffusion.loading import Checkpoint
from shapes.draw import draw
from shapes.edits import inpaint, recolour
from shapes.evaluate import score, unseen_prompts
from shapes.export import preview_fit
from shapes.measure import measure
from shapes.sample import Settings, load_model, sample
from shapes.scenes import Scene, names_of, unseen_scenes
from shapes.train_vae import encode_mean, psnr, to_tensor

MODEL = Path(__file__).parents[3] / "nodes" / "models" / "shapes-64"
MEGABYTE = 1_000_000
ASKED = {
    "a large red circle on a blue background": Scene("circle", "red", "blue", None, "large"),
    "a small green triangle at the top on a white background": Scene(
        "triangle", "green", "white", "top", "small"
    ),
    "blue star, bottom left, black background": Scene("star", "blue", "black", "bottom left", None),
    "a medium yellow ring in the center, purple background": Scene(
        "ring", "yellow", "purple", "center", "medium"
    ),
    "a red square": Scene("square", "red", None, None, None),
    "A BIG WHITE CROSS ON GREEN": Scene("cross", "white", "green", None, "large"),
}


@pytest.fixture(scope="module")
def pipeline() -> StableDiffusionPipeline:
    return StableDiffusionPipeline.from_pretrained(
        MODEL, local_files_only=True, dtype=torch.float32
    )


@pytest.fixture(scope="module")
def model() -> Checkpoint:
    return load_model(MODEL)


def test_the_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in MODEL.rglob("*")) <= 16 * MEGABYTE


def test_every_weight_is_fp16_and_finite() -> None:
    files = list(MODEL.rglob("*.safetensors"))
    assert len(files) == 3
    for path in files:
        with safe_open(path, framework="pt") as weights:
            for key in weights.keys():  # noqa: SIM118
                tensor = weights.get_tensor(key)
                assert not tensor.is_floating_point() or tensor.dtype == torch.float16, key
                assert torch.isfinite(tensor).all(), key


def test_the_folder_is_a_stable_diffusion_pipeline(pipeline: StableDiffusionPipeline) -> None:
    index = json.loads((MODEL / "model_index.json").read_text("utf-8"))
    assert index["_class_name"] == "StableDiffusionPipeline"
    assert pipeline.safety_checker is None
    assert pipeline.scheduler.config.prediction_type == "v_prediction"
    assert pipeline.tokenizer.model_max_length == 77


def test_pictures_survive_the_autoencoder(pipeline: StableDiffusionPipeline) -> None:
    scenes = unseen_scenes()[::18]
    assert psnr(pipeline.vae, draw(scenes)) > 30


def test_scaled_latents_have_unit_deviation(pipeline: StableDiffusionPipeline) -> None:
    latents = encode_mean(pipeline.vae, draw(unseen_scenes()[::9]))
    assert (latents * pipeline.vae.config.scaling_factor).std().item() == pytest.approx(1, abs=0.05)


def test_the_preview_fit_is_that_of_the_autoencoder(pipeline: StableDiffusionPipeline) -> None:
    shipped = json.loads((MODEL / "latent_preview.json").read_text("utf-8"))
    fitted = preview_fit(pipeline.vae, 256)
    assert np.array(shipped["factors"]).shape == (4, 3)
    assert shipped["factors"] == pytest.approx(np.array(fitted["factors"]), abs=0.02)
    assert shipped["bias"] == pytest.approx(fitted["bias"], abs=0.02)


@pytest.mark.slow
def test_pictures_show_what_was_asked_for(model: Checkpoint) -> None:
    pictures = sample(model, list(ASKED))
    assert score(list(ASKED.values()), pictures).right == len(ASKED)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # diffusers' own
def test_stock_diffusers_draws_it_too(pipeline: StableDiffusionPipeline) -> None:
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(
        pipeline.scheduler.config, algorithm_type="dpmsolver++", use_karras_sigmas=True
    )
    pipeline.set_progress_bar_config(disable=True)
    prompts = list(ASKED)[:2]
    made = pipeline(
        prompts,
        num_inference_steps=20,
        guidance_scale=3.0,
        generator=torch.Generator().manual_seed(0),
        output_type="np",
    ).images
    pictures = np.rint(made * 255).astype(np.uint8)
    assert score([ASKED[prompt] for prompt in prompts], pictures).right == 2


@pytest.mark.slow
def test_unseen_combinations_mostly_come_out(model: Checkpoint) -> None:
    asked = unseen_prompts(24)
    result = score([scene for scene, _ in asked], sample(model, [text for _, text in asked]))
    assert result.right >= 18


@pytest.mark.slow
def test_the_empty_prompt_makes_a_scene(model: Checkpoint) -> None:
    for picture in sample(model, [""] * 4):
        measured = measure(picture)
        assert measured.shape is not None
        assert measured.flatness > 0.9


@pytest.mark.slow
def test_half_denoised_pictures_keep_the_place(model: Checkpoint) -> None:
    edited = recolour(model, 12, Settings())
    assert edited.place >= 0.9
    assert edited.shape >= 0.8


@pytest.mark.slow
def test_inpainting_changes_what_the_mask_covers(model: Checkpoint) -> None:
    edited = inpaint(model, 12, Settings())
    assert edited.colour >= 0.8
    assert edited.drift < 8


def test_scenes_encode_and_decode_to_themselves(pipeline: StableDiffusionPipeline) -> None:
    scenes = unseen_scenes()[::30]
    with torch.no_grad():
        latents = pipeline.vae.encode(to_tensor(draw(scenes))).latent_dist.mean
        decoded = pipeline.vae.decode(latents).sample
    pictures = ((decoded.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    result = score([names_of(row) for row in scenes], pictures)
    assert result.right >= 0.9 * result.pictures
