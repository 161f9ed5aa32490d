"""What is read off a model's parts, and parts that do not belong together."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from nodes.diffusion.assembly import TextPart, join_text
from nodes.diffusion.box import Box
from nodes.diffusion.conditioning import Conditioning
from nodes.diffusion.errors import LoadError, ShapeError
from nodes.diffusion.loading import Checkpoint, load_checkpoint
from nodes.diffusion.preview import SDXL_FIT
from nodes.diffusion.telling import tell
from tests.nodes.tiny import EOS, tiny_tokenizer, tiny_vocabulary
from tests.nodes.tiny_families import LARGE, POOLED, SMALL, family_parts, make_family

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sdxl_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("models") / "sdxl", "sdxl")


@pytest.fixture(scope="module")
def sdxl(sdxl_folder: Path) -> Checkpoint:
    return load_checkpoint(sdxl_folder)


@pytest.fixture(scope="module")
def refiner(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    return load_checkpoint(make_family(tmp_path_factory.mktemp("models") / "refiner", "refiner"))


@pytest.fixture
def folder(sdxl_folder: Path, tmp_path: Path) -> Path:
    """A copy of the tiny SDXL, to be damaged."""
    return Path(shutil.copytree(sdxl_folder, tmp_path / "model"))


def text_model(layers: int, act: str) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel

    vocabulary = tiny_vocabulary()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return CLIPTextModel(
            CLIPTextConfig(
                vocab_size=len(vocabulary),
                hidden_size=SMALL,
                intermediate_size=32,
                num_hidden_layers=layers,
                num_attention_heads=2,
                hidden_act=act,
                eos_token_id=vocabulary[EOS],
            )
        ).eval()


def test_sdxl_is_two_text_models_side_by_side(sdxl: Checkpoint, sdxl_folder: Path) -> None:
    entry = sdxl.text_encoder.encode("a cat").entries[0]
    parts = family_parts(sdxl_folder)
    states = []
    for tokens, text in (("tokenizer", "text_encoder"), ("tokenizer_2", "text_encoder_2")):
        ids = parts[tokens]("a cat", padding="max_length", return_tensors="pt").input_ids
        with torch.no_grad():
            output = parts[text](ids, output_hidden_states=True)
        states.append(output.hidden_states[-2])
    assert entry.pooled is not None
    torch.testing.assert_close(entry.embedding, torch.cat(states, dim=-1))
    torch.testing.assert_close(entry.pooled, output.text_embeds)
    assert entry.embedding.shape[2] == SMALL + LARGE
    assert (sdxl.denoiser.size_numbers, sdxl.denoiser.pooled_width) == (6, POOLED)
    assert sdxl.denoiser.preview == SDXL_FIT


def test_the_refiner_is_the_larger_one_alone(refiner: Checkpoint) -> None:
    assert [tower.width for tower in refiner.text_encoder.towers] == [LARGE]
    assert refiner.denoiser.size_numbers == 5


@pytest.mark.parametrize(("layers", "act", "layer"), [(24, "gelu", -2), (23, "gelu", -1)])
def test_sd2_reads_layer_23_normed(layers: int, act: str, layer: int) -> None:
    model = text_model(layers, act)
    tokenizer = tiny_tokenizer()
    encoder = join_text([TextPart(model, tokenizer, CPU, padding=0)], sized=False)
    got = encoder.encode("a cat").entries[0].embedding
    ids = tokenizer("a cat").input_ids
    ids += [0] * (77 - len(ids))
    with torch.no_grad():
        output = model(torch.tensor([ids]), output_hidden_states=True)
        expected = model.final_layer_norm(output.hidden_states[layer])
    torch.testing.assert_close(got, expected)


def test_the_text_encoder_of_another_model(folder: Path) -> None:
    index = json.loads((folder / "model_index.json").read_text())
    del index["text_encoder"], index["tokenizer"]
    (folder / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(LoadError, match=f"embeddings {LARGE} wide and the UNet reads 40"):
        load_checkpoint(folder)


def test_a_vae_of_another_model(folder: Path, tmp_path: Path) -> None:
    from diffusers import AutoencoderKL

    shutil.rmtree(folder / "vae")
    AutoencoderKL(latent_channels=16, norm_num_groups=4, block_out_channels=(8,)).save_pretrained(
        folder / "vae"
    )
    with pytest.raises(LoadError, match="latents of 4 channels and the VAE decodes 16"):
        load_checkpoint(folder)


def test_numbers_on_sizes_that_nobody_knows(folder: Path) -> None:
    shutil.rmtree(folder / "unet")
    make_family(folder.parent / "refiner", "refiner")
    config = json.loads((folder.parent / "refiner/unet/config.json").read_text())
    from diffusers import UNet2DConditionModel

    config["projection_class_embeddings_input_dim"] = 3 * 8 + POOLED
    UNet2DConditionModel.from_config(config).save_pretrained(folder / "unet")
    with pytest.raises(LoadError, match="the UNet reads 3 numbers on sizes beside a pooled"):
        load_checkpoint(folder)


def test_half_precision_leaves_a_vae_that_overflows_as_it_is(folder: Path) -> None:
    assert load_checkpoint(folder, dtype="float16").vae.dtype == torch.float32
    config = json.loads((folder / "vae/config.json").read_text()) | {"force_upcast": False}
    (folder / "vae/config.json").write_text(json.dumps(config))
    assert load_checkpoint(folder, dtype="float16").vae.dtype == torch.float16


def told(checkpoint: Checkpoint, prompt: Conditioning) -> object:
    checkpoint.denoiser.check_embedding(prompt.entries[0].embedding)
    return tell(prompt.entries[0], checkpoint.denoiser, (1, 8, 8), Box(0, 0, 8, 8))


def test_prompts_of_another_model(sdxl: Checkpoint, refiner: Checkpoint, tiny: Checkpoint) -> None:
    read = {model: model.text_encoder.encode("a cat") for model in (sdxl, refiner, tiny)}
    with pytest.raises(ShapeError, match="is 16 wide and this model reads 40: use the text enc"):
        told(sdxl, read[tiny])
    with pytest.raises(ShapeError, match="is 40 wide and this model reads 24: use the text enc"):
        told(refiner, read[sdxl])
    with pytest.raises(ShapeError, match="is 40 wide and this model reads 16: use the text enc"):
        told(tiny, read[sdxl])


def test_real_widths_are_known_by_name(sdxl: Checkpoint) -> None:
    with pytest.raises(ShapeError, match=r"with the model \(2048 is SDXL's\)$"):
        sdxl.denoiser.check_embedding(torch.zeros(1, 77, 2048))
