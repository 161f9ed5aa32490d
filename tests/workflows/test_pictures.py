"""Every example shows what it is asked for: the pictures are measured, not compared."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nodegraph import Session
from nodes.types import Latent
from shapes.captions import full_prompt
from shapes.scenes import Scene
from tests.workflows.examples import FOLDER, Pixels, drawn, pixels, run, showing, shown


def test_text_to_image_shows_the_prompt(session: Session, tmp_path: Path) -> None:
    prompt = "a small green triangle at the top on a white background"

    [picture] = run(session, "txt2img", tmp_path, prompt=prompt, seed=7).images

    assert picture.size == (64, 64)
    assert shown(picture) == Scene("triangle", "green", "white", "top", "small")


def test_text_to_image_as_it_stands_shows_a_large_red_circle(
    session: Session, tmp_path: Path
) -> None:
    [picture] = run(session, "txt2img", tmp_path).images

    assert shown(picture)._replace(place=None) == Scene("circle", "red", "blue", None, "large")


def test_image_to_image_repaints_and_keeps_the_place(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    result = run(session, "img2img", tmp_path)

    [picture] = result.images
    assert "left" not in result.workflow.nodes["positive"].inputs["text"]
    assert shown(picture)._replace(size=None) == Scene(
        "star", "yellow", "blue", "bottom left", None
    )


@pytest.mark.parametrize("colour", ["yellow", "red", "green"])
def test_editing_by_inversion_changes_what_is_asked_and_keeps_the_rest(
    session: Session, tmp_path: Path, colour: str
) -> None:
    prompt = f"a {colour} star on a blue background"

    [picture] = run(session, "edit-by-inversion", tmp_path, prompt=prompt).images

    found = shown(picture)
    assert (found.shape, found.colour) == ("star", colour)
    assert (found.background, found.place) == ("blue", "bottom left")
    with Image.open(FOLDER / "assets" / "img2img.png") as original:
        change = np.abs(pixels(picture).astype(int) - pixels(original)).mean(2)
    assert change[:24].mean() < 12  # the background far from the shape


def test_inversion_with_the_same_prompt_gives_the_picture_back(
    session: Session, tmp_path: Path
) -> None:
    same = "an orange square on a blue background"

    [picture] = run(session, "edit-by-inversion", tmp_path, prompt=same, cfg=1.0).images

    with Image.open(FOLDER / "assets" / "img2img.png") as original:
        change = np.abs(pixels(picture).astype(int) - pixels(original)).mean()
    assert change < 6


def test_half_the_noise_keeps_the_place_and_changes_the_colour(
    session: Session, tmp_path: Path
) -> None:
    [picture] = run(session, "img2img", tmp_path, denoise=0.5).images

    found = shown(picture)
    assert (found.place, found.colour, found.background) == ("bottom left", "yellow", "blue")


def test_image_to_image_takes_a_picture_of_the_users(session: Session, tmp_path: Path) -> None:
    scene = Scene("cross", "purple", "white", "top right", "medium")
    Image.fromarray(drawn(scene)).save(tmp_path / "mine.png")

    given = str(tmp_path / "mine.png")
    [picture] = run(session, "img2img", tmp_path, image=given, denoise=0.0).images

    assert shown(picture) == scene


def test_inpainting_changes_what_is_masked_and_nothing_else(
    session: Session, tmp_path: Path
) -> None:
    workflow = showing("inpaint", before="encode.latent", after="sample.latent")
    inputs = {name: str(FOLDER / "assets" / f"{file}.png") for name, file in _INPAINT.items()}

    result = session.run(workflow, inputs, output_dir=tmp_path).raise_for_errors()

    [picture] = result.images
    with Image.open(FOLDER / "assets" / "inpaint.png") as original:
        before, after = pixels(original), pixels(picture)
    with Image.open(FOLDER / "assets" / "inpaint-mask.png") as mask:
        masked = np.asarray(mask) > 0
    assert shown(picture) == Scene("star", "yellow", "blue", "center", "large")
    assert np.array_equal(after[~masked], before[~masked])
    _only_changed_where(masked[::4, ::4], result["before"], result["after"])


_INPAINT = {"image": "inpaint", "mask": "inpaint-mask"}


def _only_changed_where(masked: np.ndarray, before: Latent, after: Latent) -> None:
    changed = (before.samples != after.samples).any(dim=1)[0].numpy()

    assert not changed[~masked].any()
    assert changed[masked].mean() > 0.9


def test_outpainting_completes_the_picture_and_keeps_its_part(
    session: Session, tmp_path: Path
) -> None:
    result = run(session, "outpaint", tmp_path)

    [picture] = result.images
    with Image.open(FOLDER / "assets" / "outpaint.png") as original:
        before = pixels(original)
    kept = before.shape[1] - result.workflow.nodes["pad"].inputs["feathering"]
    assert picture.size == (64, 64)
    assert np.array_equal(pixels(picture)[:, :kept], before[:, :kept])
    assert shown(picture) == Scene("star", "yellow", "purple", "center", "large")


def test_hires_fix_gives_the_same_scene_with_twice_the_sides(
    session: Session, tmp_path: Path
) -> None:
    result = run(session, "hires-fix", tmp_path)

    [picture] = result.images
    assert picture.size == (128, 128)
    assert result.nodes["sample"].status == result.nodes["refine"].status == "ran"
    assert shown(picture)._replace(place=None) == Scene("triangle", "green", "white", None, "large")


def test_a_batch_of_seeds_gives_different_pictures_of_one_prompt(
    session: Session, tmp_path: Path
) -> None:
    prompt = "a large yellow star on a purple background"

    result = run(session, "batch-of-seeds", tmp_path, prompt=prompt, seed=3, count=4)

    pictures = result.images
    wanted = Scene("star", "yellow", "purple", None, "large")
    assert [shown(picture)._replace(place=None) for picture in pictures] == [wanted] * 4
    assert len({pixels(picture).tobytes() for picture in pictures}) == 4
    [third] = run(session, "txt2img", tmp_path, prompt=prompt, seed=5).images
    assert np.abs(pixels(pictures[2]).astype(int) - pixels(third)).max() <= 2


def test_prompt_interpolation_begins_with_one_prompt_and_ends_with_the_other(
    session: Session, tmp_path: Path
) -> None:
    first = Scene("circle", "red", "white", "center", "large")
    last = Scene("square", "blue", "white", "center", "large")
    prompts = {"prompt_from": full_prompt(first), "prompt_to": full_prompt(last)}

    result = run(session, "prompt-interpolation", tmp_path, **prompts, count=4)

    pictures = result.images
    assert len(pictures) == 4
    assert shown(pictures[0]) == first
    assert shown(pictures[-1]) == last
    assert len({pixels(picture).tobytes() for picture in pictures}) == 4


def test_strong_guidance_is_less_burnt_from_picture_to_picture(
    session: Session, tmp_path: Path
) -> None:
    pictures = run(session, "strong-guidance", tmp_path).images

    stained = [_unevenness(pixels(picture)) for picture in pictures]
    assert len(pictures) == 4
    assert stained == sorted(stained, reverse=True)
    assert stained[-1] < stained[0] / 2
    assert shown(pictures[-1])._replace(place=None) == Scene(
        "star", "yellow", "purple", None, "large"
    )


def _unevenness(picture: Pixels) -> float:
    """How much the colour differs along the frame of a picture, where there is background alone."""
    frame = np.concatenate([picture[:4], picture[-4:]]).reshape(-1, 3)
    return float(frame.std(axis=0).mean())
