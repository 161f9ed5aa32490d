"""Evaluating pictures made from pictures: what a change must keep and what it must change."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nodes.diffusion.loading import Checkpoint
from shapes.captions import VOWEL_ARTICLE, full_prompt
from shapes.draw import SIDE, STEP, FloatArray, draw, place_centres
from shapes.measure import measure
from shapes.sample import Settings, sample
from shapes.scenes import COLOURS, IntArray, names_of, unseen_scenes

REACH = 1.5 * STEP  # half the side of the square that inpainting replaces, in pixels


class Edited(NamedTuple):
    """How many of the edited pictures show each thing asked for, and how the rest changed.

    Attributes:
        background, colour, shape, place: Shares of the pictures, 0..1.
        drift: Mean change in grey levels, 0..255, of what no mask covers.
    """

    background: float
    colour: float
    shape: float
    place: float
    drift: float


def before_and_after(
    count: int, seed: int = 0, reshape: bool = True, recolour: bool = True
) -> tuple[IntArray, IntArray]:
    """Scenes (n, 5) to start from, and the same with another shape, another colour or both."""
    rng = np.random.default_rng(seed)
    pool = unseen_scenes()
    before = pool[rng.permutation(len(pool))[:count]]
    after = before.copy()
    if reshape:
        after[:, 0] = (before[:, 0] + rng.integers(1, 6, count)) % 6
    for row in after if recolour else ():
        others = [c for c in range(len(COLOURS)) if c not in (row[1], row[2])]
        row[1] = rng.choice(others)
    return before, after


def _placeless(scenes: IntArray) -> list[str]:
    """Prompts that say everything but the place."""
    spoken = []
    for scene in map(names_of, scenes):
        subject = f"a {scene.size} {scene.colour} {scene.shape}"
        spoken.append(VOWEL_ARTICLE.sub("an", f"{subject} on a {scene.background} background"))
    return spoken


def recolour(model: Checkpoint, count: int, settings: Settings) -> Edited:
    """Ask for another colour at denoise 0.5, without saying where."""
    return _image_to_image(model, settings, *before_and_after(count, reshape=False))


def reshape(model: Checkpoint, count: int, settings: Settings) -> Edited:
    """Ask for another shape at denoise 0.5, without saying where."""
    return _image_to_image(model, settings, *before_and_after(count, recolour=False))


def _image_to_image(
    model: Checkpoint, settings: Settings, before: IntArray, after: IntArray
) -> Edited:
    start = draw(before)
    made = sample(model, _placeless(after), replace(settings, denoise=0.5), pictures=start)
    return _compare(after, start, made, np.zeros((len(made), SIDE, SIDE)))


def inpaint(model: Checkpoint, count: int, settings: Settings) -> Edited:
    """Replace the square around the shape by another shape and colour in the same place."""
    before, after = before_and_after(count, seed=1)
    start = draw(before)
    axis = np.arange(SIDE) + 0.5
    centres = place_centres(before[:, 3])[..., None]
    near = np.abs(axis - centres) < REACH
    masks = (near[:, 0, None, :] & near[:, 1, :, None]).astype(np.float32)
    prompts = [full_prompt(names_of(row)) for row in after]
    made = sample(model, prompts, settings, pictures=start, masks=masks)
    return _compare(after, start, made, masks)


def _compare(scenes: IntArray, start: np.ndarray, made: np.ndarray, masks: FloatArray) -> Edited:
    hits = []
    for row, picture in zip(scenes, made, strict=True):
        asked, got = names_of(row), measure(picture)
        pairs = zip(asked, got[:5], strict=True)
        hits.append([want == have for want, have in pairs])
    shape, colour, background, place, _ = np.mean(hits, axis=0).tolist()
    apart = np.abs(made.astype(float) - start).mean(axis=-1)
    return Edited(background, colour, shape, place, float(apart[masks == 0].mean()))


def edits_table(edited: dict[str, Edited]) -> str:
    """Shares as a Markdown table, a row for each kind of edit."""
    rows = ["| edit | background | colour | shape | place | drift |"]
    rows.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, e in edited.items():
        shares = " | ".join(f"{share:.0%}" for share in e[:4])
        rows.append(f"| {name} | {shares} | {e.drift:.1f} |")
    return "\n".join(rows)
