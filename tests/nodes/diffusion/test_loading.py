import json
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from nodes.diffusion.errors import LoadError
from nodes.diffusion.loading import Checkpoint, load_checkpoint, load_vae
from nodes.diffusion.noise_schedule import NoiseSchedule
from nodes.diffusion.preview import SD1_FIT
from nodes.diffusion.resting import settle
from nodes.diffusion.told import Told
from tests.nodes.tiny import make_tiny

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny model, to be damaged."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


def text_model(checkpoint: Checkpoint) -> Any:
    return checkpoint.text_encoder.towers[0].network.module


def edit(file: Path, **changes: Any) -> None:
    """Change keys of a JSON file; those set to None are taken out."""
    content = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({key: value for key, value in content.items() if value is not None}))


def rewrite(file: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> None:
    save_file(change(load_file(file)), file)


def parameters(model: Any) -> dict[str, Tensor]:
    state: dict[str, Tensor] = model.state_dict()
    return state


def same(first: Any, second: Any) -> bool:
    a, b = parameters(first), parameters(second)
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_the_tiny_model_is_deterministic(tiny: Checkpoint, tmp_path: Path) -> None:
    again = load_checkpoint(make_tiny(tmp_path / "again"))
    assert same(tiny.denoiser.network.module, again.denoiser.network.module)
    assert same(text_model(tiny), text_model(again))
    assert same(tiny.vae.model, again.vae.model)


def test_what_a_folder_gives(tiny: Checkpoint, tiny_folder: Path) -> None:
    denoiser = tiny.denoiser
    assert (denoiser.latent_channels, denoiser.latent_factor) == (4, 8)
    assert denoiser.prediction == "epsilon"
    assert denoiser.preview == SD1_FIT
    assert torch.equal(denoiser.schedule.sigmas, NoiseSchedule.stable_diffusion().sigmas)
    stored = load_file(tiny_folder / UNET)
    assert all(torch.equal(parameters(denoiser.network.module)[key], stored[key]) for key in stored)
    assert tiny.text_encoder.context == 77


def test_the_scheduler_says_what_the_network_predicts(tiny_v: Checkpoint, folder: Path) -> None:
    assert tiny_v.denoiser.prediction == "v_prediction"
    betas = [0.1, 0.2, 0.3]
    edit(folder / "scheduler/scheduler_config.json", trained_betas=betas)
    schedule = load_checkpoint(folder).denoiser.schedule
    expected = NoiseSchedule.from_betas(torch.tensor(betas, dtype=torch.float64))
    assert torch.equal(schedule.sigmas, expected.sigmas)


def test_zero_terminal_snr(folder: Path) -> None:
    edit(folder / "scheduler/scheduler_config.json", rescale_betas_zero_snr=True)
    assert load_checkpoint(folder).denoiser.schedule.sigma_max > 4000


def test_a_preview_fit_beside_the_model(folder: Path) -> None:
    fit = {"factors": [[0, 0, 0]] * 4, "bias": [1, 0, 0.5]}
    (folder / "latent_preview.json").write_text(json.dumps(fit))
    preview = load_checkpoint(folder).denoiser.preview
    assert preview is not None
    assert preview.bias == (1.0, 0.0, 0.5)


def test_half_precision_files_are_full_on_a_cpu(folder: Path, tiny: Checkpoint) -> None:
    for name in (UNET, VAE, TEXT):
        rewrite(folder / name, lambda state: {key: state[key].half() for key in state})
        half = (folder / name).with_suffix(".fp16.safetensors")
        (folder / name).rename(half)
    loaded = load_checkpoint(folder)
    models: tuple[Any, ...] = (
        loaded.denoiser.network.module,
        loaded.vae.model,
        text_model(loaded),
    )
    for model in models:
        settle(model)
        assert {value.dtype for value in parameters(model).values()} == {torch.float32}
    got, full = (parameters(c.denoiser.network.module)["conv_in.weight"] for c in (loaded, tiny))
    assert torch.equal(got, full.half().float())


def test_another_precision_where_asked_for(folder: Path) -> None:
    loaded = load_checkpoint(folder, dtype="bfloat16")
    embedding = loaded.text_encoder.encode("a cat").entries[0].embedding
    with torch.no_grad():
        x = torch.zeros(1, 4, 4, 4)
        denoised = loaded.denoiser(x, torch.tensor(1.0), Told(embedding.bfloat16()))
    assert denoised.isfinite().all()
    assert loaded.vae.decode(x).dtype == torch.float32


def test_a_vae_that_overflows_stays_full_in_half_precision(folder: Path) -> None:
    assert load_vae(folder, dtype="float16").dtype == torch.float32
    edit(folder / "vae/config.json", force_upcast=False)
    assert load_vae(folder, dtype="float16").dtype == torch.float16


def test_a_vae_alone_or_in_its_checkpoint(folder: Path, tiny: Checkpoint) -> None:
    assert same(load_vae(folder).model, tiny.vae.model)
    assert same(load_vae(folder / "vae").model, tiny.vae.model)


def test_names_of_older_files(folder: Path, tiny: Checkpoint) -> None:
    old = {"to_q.": "query.", "to_k.": "key.", "to_v.": "value.", "to_out.0.": "proj_attn."}

    def old_vae(state: dict[str, Tensor]) -> dict[str, Tensor]:
        renamed = {}
        for key, value in state.items():
            for new, before in old.items():
                key = key.replace(new, before)
            renamed[key] = value
        return renamed

    def old_text(state: dict[str, Tensor]) -> dict[str, Tensor]:
        positions = {"embeddings.position_ids": torch.arange(77)[None]}
        return {f"text_model.{key}": value for key, value in (state | positions).items()}

    rewrite(folder / VAE, old_vae)
    rewrite(folder / TEXT, old_text)
    loaded = load_checkpoint(folder)
    assert same(loaded.vae.model, tiny.vae.model)
    assert same(text_model(loaded), text_model(tiny))
    before, after = (c.text_encoder.encode("a cat").entries[0] for c in (tiny, loaded))
    assert torch.equal(before.embedding, after.embedding)


@pytest.mark.parametrize("name", [UNET, VAE, TEXT])
def test_damaged_weights_are_named(folder: Path, name: str) -> None:
    file = folder / name
    content = file.read_bytes()
    file.write_bytes(content[:-100])
    with pytest.raises(LoadError, match=rf"{name} is truncated: 100 of \d+ bytes"):
        load_checkpoint(folder)
    file.write_bytes(b"")
    with pytest.raises(LoadError, match=f"{name} is empty"):
        load_checkpoint(folder)
    file.write_bytes(content[:-4] + struct.pack("<f", float("nan")))
    with pytest.raises(LoadError, match=rf"{name}: \S+ holds NaN or infinity"):
        load_checkpoint(folder)
    file.unlink()
    with pytest.raises(LoadError, match=f"{name} is missing; there are no weights"):
        load_checkpoint(folder)
    file.with_suffix(".bin").write_bytes(content)
    with pytest.raises(LoadError, match=r"is missing; found \w+\.bin"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("name", "other", "message"),
    [
        (UNET, VAE, "should hold a UNet but looks like a VAE: its tensors are"),
        (VAE, TEXT, "should hold a VAE but looks like a text encoder"),
        (TEXT, UNET, "should hold a text encoder but looks like a UNet"),
    ],
)
def test_weights_of_another_kind(folder: Path, name: str, other: str, message: str) -> None:
    shutil.copy(folder / other, folder / name)
    with pytest.raises(LoadError, match=message):
        load_checkpoint(folder)


def test_a_lora_is_no_unet(folder: Path) -> None:
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(1)}, folder / UNET)
    with pytest.raises(LoadError, match="looks like a LoRA: its tensors are lora_unet_a"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (UNET, "conv_in.weight"),
        (VAE, "post_quant_conv.bias"),
        (TEXT, "embeddings.position_embedding.weight"),
    ],
)
def test_a_missing_tensor_is_named(folder: Path, part: str, key: str) -> None:
    rewrite(folder / part, lambda state: {name: state[name] for name in state if name != key})
    with pytest.raises(LoadError, match=f"{part} lacks 1 tensors: {key}"):
        load_checkpoint(folder)


def test_a_configuration_of_another_size(folder: Path) -> None:
    edit(folder / "unet/config.json", cross_attention_dim=32)
    with pytest.raises(LoadError, match=r"is \[\d+, 16\] and config.json asks for \[\d+, 32\]"):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("file", "changes", "message"),
    [
        ("model_index.json", {"unet": None}, "StableDiffusionPipeline, .* its unet is missing"),
        (
            "model_index.json",
            {"_class_name": "FluxPipeline", "unet": ["diffusers", "FluxTransformer2DModel"]},
            "is a FluxPipeline, .* its unet is FluxTransformer2DModel, expected UNet2DCond",
        ),
        (
            "model_index.json",
            {"text_encoder_2": ["transformers", "CLIPTextModelWithProjection"]},
            "its tokenizer_2 is missing, expected CLIPTokenizer",
        ),
        ("unet/config.json", {"_class_name": "ControlNetModel"}, "describes a ControlNetModel"),
        ("text_encoder/config.json", {"architectures": ["T5"]}, "describes a T5, expected CLIP"),
        ("vae/config.json", {"block_out_channels": "wide"}, "vae/config.json describes no network"),
        ("unet/config.json", {"block_out_channels": [7, 9]}, "unet/config.json describes no net"),
        ("unet/config.json", {"in_channels": 6}, "6 channels in and 4 out is not supported"),
        ("unet/config.json", {"class_embed_type": "identity"}, "class_embed_type 'identity', wh"),
        ("scheduler/scheduler_config.json", {"prediction_type": "x"}, "prediction_type 'x'; known"),
        ("scheduler/scheduler_config.json", {"beta_schedule": "scaled"}, "did you mean 'scaled_l"),
        ("scheduler/scheduler_config.json", {"beta_start": None}, "gives no noise schedule"),
        ("scheduler/scheduler_config.json", {"trained_betas": [2, 3]}, "gives no noise schedule"),
        ("latent_preview.json", {"factors": 1}, r"latent_preview\.json must hold"),
    ],
)
def test_descriptions_that_do_not_fit(
    folder: Path, file: str, changes: dict[str, Any], message: str
) -> None:
    if not (folder / file).exists():
        (folder / file).write_text("{}")
    edit(folder / file, **changes)
    with pytest.raises(LoadError, match=message):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("model_index.json", r"model_index\.json is missing"),
        ("unet", "the folder unet/ is missing"),
        ("vae/config.json", r"vae/config\.json is missing"),
        ("scheduler", r"scheduler_config\.json is missing"),
        ("tokenizer", r"tokenizer/ needs tokenizer\.json, .* it has no files"),
        ("tokenizer/tokenizer.json", "it has tokenizer_config.json"),
    ],
)
def test_missing_parts(folder: Path, missing: str, message: str) -> None:
    path = folder / missing
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(LoadError, match=message):
        load_checkpoint(folder)


@pytest.mark.parametrize("content", ["{}", "no json", '{"model": {"type": "BPE"}}'])
def test_a_broken_tokenizer(folder: Path, content: str) -> None:
    (folder / "tokenizer/tokenizer.json").write_text(content)
    with pytest.raises(LoadError, match="tokenizer"):
        load_checkpoint(folder)


def test_a_tokenizer_of_another_model(folder: Path) -> None:
    file = folder / "tokenizer/tokenizer.json"
    content = json.loads(file.read_text())
    content["model"]["vocab"] |= {f"word{index}": 96 + index for index in range(5)}
    file.write_text(json.dumps(content))
    with pytest.raises(LoadError, match="knows 101 tokens and the text encoder 96"):
        load_checkpoint(folder)


def test_a_tokenizer_in_two_files(folder: Path, tiny: Checkpoint) -> None:
    file = folder / "tokenizer/tokenizer.json"
    vocabulary = json.loads(file.read_text())["model"]["vocab"]
    (folder / "tokenizer/vocab.json").write_text(json.dumps(vocabulary))
    (folder / "tokenizer/merges.txt").write_text("#version: 0.2\n")
    file.unlink()
    prompt = "a cat, (1)"
    assert load_checkpoint(folder).text_encoder.tokenize(prompt) == tiny.text_encoder.tokenize(
        prompt
    )


def test_single_files_and_nothing(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    with pytest.raises(LoadError, match=r"model\.safetensors is empty"):
        load_checkpoint(file)
    with pytest.raises(LoadError, match="nothing does not exist"):
        load_vae(tmp_path / "nothing")


def test_devices_and_formats_that_are_not_there(tiny_folder: Path) -> None:
    with pytest.raises(ValueError, match="unknown device 'gpu'"):
        load_checkpoint(tiny_folder, device="gpu")
    with pytest.raises(ValueError, match="unknown dtype 'half'"):
        load_checkpoint(tiny_folder, dtype="half")
