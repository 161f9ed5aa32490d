"""Scenes in words: many ways of saying the same thing, with attributes left out at times."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from shapes.scenes import ATTRIBUTES, COLOURS, NAMES, IntArray, Scene, names_of

SIZE_WORDS = {
    "small": ("small", "small", "small", "tiny", "little"),
    "medium": ("medium", "medium", "medium sized", "medium-sized", "mid-sized", "middle sized"),
    "large": ("large", "large", "large", "big", "big", "huge"),
}
SHAPE_WORDS = {
    "circle": ("circle", "circle", "circle", "disc", "disk"),
    "square": ("square", "square", "square", "box"),
    "triangle": ("triangle",),
    "ring": ("ring", "ring", "ring", "hoop", "donut"),
    "cross": ("cross", "cross", "cross", "plus", "plus sign"),
    "star": ("star", "star", "star", "five pointed star"),
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {name: (name,) for name in COLOURS} | {
    "purple": ("purple",) * 4 + ("violet",)
}
PLACE_WORDS = {
    "top left": ("top left", "upper left"),
    "top": ("top", "top center", "upper middle", "top middle"),
    "top right": ("top right", "upper right"),
    "left": ("left", "left side", "middle left", "center left"),
    "center": ("center", "middle", "centre"),
    "right": ("right", "right side", "middle right", "center right"),
    "bottom left": ("bottom left", "lower left"),
    "bottom": ("bottom", "bottom center", "lower middle", "bottom middle"),
    "bottom right": ("bottom right", "lower right"),
}
PLACE_FRAMES = (
    "at the {}",
    "at the {}",
    "in the {}",
    "in the {}",
    "on the {}",
    "near the {}",
    "to the {}",
    "at {}",
    "placed at the {}",
    "located in the {}",
    "{}",
)
CORNER_FRAMES = ("in the {} corner", "in the {} corner", "at the {} corner", "{} corner")
BACKGROUND_FRAMES = (
    "on a {} background",
    "on a {} background",
    "on a {} background",
    "on {}",
    "on {} background",
    "on the {} background",
    "against a {} background",
    "with a {} background",
    "over a {} background",
    "in front of a {} background",
    "on a {} backdrop",
    "on a {} canvas",
)
BACKGROUND_TAGS = ("{} background", "{} background", "background {}", "{} backdrop", "{} bg")
ARTICLES = ("a", "a", "a", "a", "the", "one", "")
LEADS = (
    "",
    "",
    "",
    "",
    "a picture of",
    "a photo of",
    "an image of",
    "a drawing of",
    "a painting of",
    "there is",
    "draw",
    "show me",
)
NOUNS = ("shape", "shape", "thing", "object", "figure")
QUALITY = (
    "masterpiece",
    "best quality",
    "high quality",
    "highly detailed",
    "simple",
    "flat colors",
    "minimalist",
    "sharp",
    "clean lines",
    "4k",
    "digital art",
    "beautiful",
    "vector art",
    "nice",
)
VOWEL_ARTICLE = re.compile(r"\ba(?= orange)")
JUNK_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Speaker:
    """Turns scenes into captions with the choices of one random source."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def pick(self, options: Sequence[str]) -> str:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    def chance(self, share: float) -> bool:
        """True for this share of the calls."""
        return bool(self.rng.random() < share)

    def caption(self, scene: Scene) -> str:
        """One caption that says every attribute of the scene that is not None."""
        if not any(scene):
            return "" if self.chance(0.5) else self.distraction()
        text = self.tags(scene) if self.chance(0.35) else self.sentence(scene)
        if self.chance(0.12):
            parts = [text, self.distraction()]
            text = ", ".join(parts if self.chance(0.6) else parts[::-1])
        if self.chance(0.12):
            text += "."
        return VOWEL_ARTICLE.sub("an", " ".join(text.split()).replace(" ,", ","))

    def distraction(self) -> str:
        """Words that say nothing about the scene."""
        if self.chance(0.6):
            return self.pick(QUALITY)
        count = int(self.rng.integers(1, 4))
        return " ".join(self._junk() for _ in range(count))

    def _junk(self) -> str:
        letters = self.rng.integers(len(JUNK_LETTERS), size=int(self.rng.integers(2, 9)))
        return "".join(JUNK_LETTERS[i] for i in letters)

    def subject(self, scene: Scene) -> str:
        """The size, the colour and the shape, with something to stand in for a missing shape."""
        words = []
        if scene.shape and scene.colour and self.chance(0.06):
            shape, colour = self.subject(scene._replace(colour=None)), scene.colour
            return f"{shape} {self.pick(('that is', 'in', 'which is'))} {colour}"
        if scene.size:
            words.append(self.pick(SIZE_WORDS[scene.size]))
        if scene.colour:
            words.append(self.pick(COLOUR_WORDS[scene.colour]))
            if scene.size and self.chance(0.1):
                words.reverse()
        words.append(self.pick(SHAPE_WORDS[scene.shape]) if scene.shape else self.pick(NOUNS))
        return " ".join(words)

    def place(self, name: str) -> str:
        """Where, as a phrase."""
        word = self.pick(PLACE_WORDS[name])
        if name == "center" and self.chance(0.2):
            return "centered"
        corner = " " in name
        if corner and self.chance(0.15):
            word = word.replace(" ", "-")
        frames = CORNER_FRAMES if corner and self.chance(0.4) else PLACE_FRAMES
        return self.pick(frames).format(word)

    def sentence(self, scene: Scene) -> str:
        """Phrases in one of the orders English allows."""
        subject = f"{self.pick(LEADS)} {self.pick(ARTICLES)} {self.subject(scene)}"
        where = self.place(scene.place) if scene.place else ""
        behind = ""
        if scene.background:
            colour = self.pick(COLOUR_WORDS[scene.background])
            behind = self.pick(BACKGROUND_FRAMES).format(colour)
        if not (scene.shape or scene.colour or scene.size or scene.place):
            return f"{self.pick(('a', 'the', ''))} {colour} background"
        comma = "," if self.chance(0.25) else ""
        if where and behind and self.chance(0.08):
            word = self.pick(PLACE_WORDS[scene.place or ""])
            return f"{subject} {self.pick(('in', 'at'))} the {word} of a {colour} background"
        order = self.rng.random()
        if order < 0.4:
            return f"{subject} {where}{comma} {behind}"
        if order < 0.65:
            return f"{subject} {behind}{comma} {where}"
        if order < 0.8 and behind:
            return f"{behind}{comma} {subject} {where}"
        if order < 0.9 and where:
            return f"{where}{comma} {subject} {behind}"
        if behind and self.chance(0.6):
            return f"{subject} {where}, the background is {colour}"
        return f"{subject} that is {where} {behind}" if where else f"{subject} {behind}"

    def tags(self, scene: Scene) -> str:
        """A list with commas, in any order."""
        parts = []
        if scene.shape or scene.colour:
            together = scene
            if scene.size and self.chance(0.4):
                together = together._replace(size=None)
                parts.append(self.pick(SIZE_WORDS[scene.size]))
            if scene.shape and scene.colour and self.chance(0.12):
                together = together._replace(colour=None)
                parts.append(self.pick(COLOUR_WORDS[scene.colour]))
            article = self.pick(("a", "", "", ""))
            parts.append(f"{article} {self.subject(together)}")
        elif scene.size:
            parts.append(self.pick(SIZE_WORDS[scene.size]))
        if scene.place:
            word = self.pick(PLACE_WORDS[scene.place])
            parts.append(word if self.chance(0.6) else self.place(scene.place))
        if scene.background:
            colour = self.pick(COLOUR_WORDS[scene.background])
            tag = self.chance(0.75)
            frames = BACKGROUND_TAGS if tag else BACKGROUND_FRAMES
            parts.append(self.pick(frames).format(colour))
        if self.chance(0.5):
            self.rng.shuffle(parts)
        return ", ".join(part.strip() for part in parts)


def leave_out(scenes: IntArray, rng: np.random.Generator, share: float = 0.5) -> IntArray:
    """A copy of (n, 5) scenes with some attributes set to -1, in a share of the rows."""
    n = len(scenes)
    dropped = rng.random((n, len(ATTRIBUTES))) < 0.35
    dropped &= rng.random((n, 1)) < share
    dropped |= rng.random((n, 1)) < 0.02
    return np.where(dropped, -1, scenes)


def captions(scenes: IntArray, rng: np.random.Generator) -> list[str]:
    """One caption for each row of (n, 5) scenes; -1 leaves an attribute unsaid."""
    speaker = Speaker(rng)
    return [speaker.caption(names_of(row)) for row in scenes]


def full_prompt(scene: Scene) -> str:
    """The plainest way of saying a whole scene."""
    place = "in the center" if scene.place == "center" else f"at the {scene.place}"
    subject = f"a {scene.size} {scene.colour} {scene.shape}"
    prompt = f"{subject} {place} on a {scene.background} background"
    return VOWEL_ARTICLE.sub("an", prompt)


def vocabulary() -> list[str]:
    """Every word that the captions use."""
    phrases: list[str] = [
        "an that which is of the background",
        *LEADS,
        *NOUNS,
        *QUALITY,
        *ARTICLES,
        "bg",
    ]
    for table in (SIZE_WORDS, SHAPE_WORDS, COLOUR_WORDS, PLACE_WORDS):
        phrases += [phrase for options in table.values() for phrase in options]
    phrases += [*PLACE_FRAMES, *CORNER_FRAMES, *BACKGROUND_FRAMES, *BACKGROUND_TAGS, "centered"]
    phrases += [name for names in NAMES for name in names]
    words = {word for phrase in phrases for word in phrase.replace("-", " ").split()}
    return sorted(words - {"{}"})
