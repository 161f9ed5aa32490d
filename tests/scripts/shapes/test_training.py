"""Each stage trains, and a resumed run equals an uninterrupted one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import CLIPTokenizer

from shapes.loop import Plan, Trainee, noise_like
from shapes.networks import TINY, make_text_encoder, make_vae
from shapes.tokenizer import load_tokenizer, write_tokenizer
from shapes.train_text import captioned_scenes, read, said, train_text
from shapes.train_unet import Conditions, open_latents, train_unet, write_latents
from shapes.train_vae import mixed_pictures as pictures
from shapes.train_vae import psnr, train_decoder, train_vae


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(steps=4, batch=2, rate=1e-3, folder=tmp_path, name="stage", warmup=2)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> CLIPTokenizer:
    folder = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder)
    return load_tokenizer(folder)


def same(one: Trainee, other: Trainee) -> bool:
    return one.step == other.step and all(
        torch.equal(value, other.average[key]) for key, value in one.average.items()
    )


def test_vae_resumes(plan: Plan) -> None:
    whole = train_vae(replace(plan, name="whole"), TINY)
    train_vae(replace(plan, stop_after=2), TINY)
    assert same(whole, train_vae(plan, TINY))


def test_text_resumes(plan: Plan, tokenizer: CLIPTokenizer) -> None:
    whole = train_text(replace(plan, name="whole"), tokenizer, TINY)
    train_text(replace(plan, stop_after=2), tokenizer, TINY)
    assert same(whole, train_text(plan, tokenizer, TINY))


def test_unet_resumes(plan: Plan, tokenizer: CLIPTokenizer) -> None:
    write_latents(make_vae(TINY), 8, plan.folder)
    latents = open_latents(plan.folder)
    conditions = Conditions(make_text_encoder(len(tokenizer), TINY), tokenizer)
    whole = train_unet(replace(plan, name="whole"), latents, conditions, TINY)
    train_unet(replace(plan, stop_after=2), latents, conditions, TINY)
    assert same(whole, train_unet(plan, latents, conditions, TINY))


def test_progress_is_reported(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    train_vae(plan, TINY)
    assert "stage 4/4 loss" in capsys.readouterr().out


def test_latents_show_training_scenes(plan: Plan) -> None:
    write_latents(make_vae(TINY), 5, plan.folder)
    latents = open_latents(plan.folder)
    assert latents.values.shape == (5, 4, 16, 16)
    assert latents.values.dtype == np.float16
    assert latents.scenes.shape == (5, 5)


def test_untrained_psnr_is_poor() -> None:
    assert psnr(make_vae(TINY), pictures(4, np.random.default_rng(0))) < 15


def test_unsaid_is_the_last_class() -> None:
    assert said(np.array([[-1, 2, -1, -1, 0]])).tolist() == [[6, 2, 8, 9, 0]]


def test_reading_gives_an_index_or_unsaid(tokenizer: CLIPTokenizer) -> None:
    from shapes.train_text import Reader

    reader = Reader(make_text_encoder(len(tokenizer), TINY))
    assert read(reader, tokenizer, ["a red circle", ""]).shape == (2, 5)


def test_a_step_is_the_same_whenever_it_runs(plan: Plan) -> None:
    one, other = (captioned_scenes(4, plan.rng(7)) for _ in range(2))
    assert np.array_equal(one, other)
    assert noise_like(plan.rng(1), (2, 3), "cpu").equal(noise_like(plan.rng(1), (2, 3), "cpu"))


def test_the_decoder_trains_alone(plan: Plan) -> None:
    vae = make_vae(TINY)
    before = {key: value.clone() for key, value in vae.state_dict().items()}
    after = train_decoder(plan, vae).model.state_dict()
    changed = {key.split(".")[0] for key, value in after.items() if not value.equal(before[key])}
    assert changed == {"decoder", "post_quant_conv"}
