"""How often the pictures show what the prompts asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from shapes.captions import captions, full_prompt, leave_out
from shapes.draw import ByteArray
from shapes.measure import Measured, measure
from shapes.scenes import ATTRIBUTES, NAMES, Scene, names_of, unseen_scenes

TARGETS = {"background": 0.97, "colour": 0.95, "shape": 0.90, "place": 0.90, "size": 0.85}


@dataclass
class Score:
    """Counts of (asked, measured) pairs for each attribute, and of wholly right pictures."""

    pairs: dict[str, Counter[tuple[str, str]]] = field(
        default_factory=lambda: {name: Counter() for name in ATTRIBUTES}
    )
    right: int = 0
    pictures: int = 0

    def add(self, asked: Scene, measured: Measured) -> bool:
        """Count one picture; true when every attribute asked for is there."""
        wrong = 0
        for name in ATTRIBUTES:
            want, got = getattr(asked, name), getattr(measured, name)
            if want is not None:
                self.pairs[name][want, got or "none"] += 1
                wrong += want != got
        self.right += not wrong
        self.pictures += 1
        return not wrong

    def accuracy(self, attribute: str) -> float:
        """Share of the pictures that show what was asked for; 1 when nothing was."""
        counts = self.pairs[attribute]
        hits = sum(n for (want, got), n in counts.items() if want == got)
        return hits / max(1, counts.total())

    def missed(self) -> list[str]:
        """The attributes that fall short of their targets."""
        return [name for name, target in TARGETS.items() if self.accuracy(name) < target]


def unseen_prompts(count: int, seed: int = 0) -> list[tuple[Scene, str]]:
    """Scenes that training never showed, each with its plainest prompt."""
    scenes = unseen_scenes()
    order = np.random.default_rng(seed).permutation(len(scenes))
    picked = [names_of(scenes[i]) for i in order[np.arange(count) % len(scenes)]]
    return [(scene, full_prompt(scene)) for scene in picked]


def spoken_prompts(count: int, seed: int = 0) -> list[tuple[Scene, str]]:
    """Unseen scenes in varied English, each with something left out; at least the shape is said."""
    rng = np.random.default_rng(seed)
    pool = unseen_scenes()
    scenes = pool[rng.permutation(len(pool))[np.arange(count) % len(pool)]]
    said = leave_out(scenes, rng, share=1.0)
    said[:, 0] = scenes[:, 0]
    return [(names_of(row), text) for row, text in zip(said, captions(said, rng), strict=True)]


def score(asked: Sequence[Scene], pictures: ByteArray) -> Score:
    """Measure each picture against the scene it was asked to show."""
    result = Score()
    for scene, picture in zip(asked, pictures, strict=True):
        result.add(scene, measure(picture))
    return result


def table(results: Mapping[str, Score]) -> str:
    """Accuracies of each named result beside their targets, as a Markdown table."""
    columns = ["attribute", "target", *results]
    rows = [columns, ["---", *["---:"] * (len(columns) - 1)]]
    for name, target in TARGETS.items():
        rows.append([name, f"{target:.0%}", *(f"{r.accuracy(name):.1%}" for r in results.values())])
    whole = [f"{r.right / max(1, r.pictures):.1%}" for r in results.values()]
    rows.append(["all that was asked", "", *whole])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def confusion(result: Score, attribute: str) -> str:
    """Counts, a row for each value asked for and a column for each value measured."""
    counts = result.pairs[attribute]
    names = [*NAMES[ATTRIBUTES.index(attribute)], "none"]
    width = max(len(name) for name in names) + 1
    head = f"{attribute:<{width}}" + "".join(f"{name:>{width}}" for name in names)
    rows = [
        f"{want:<{width}}" + "".join(f"{counts[want, got] or '.':>{width}}" for got in names)
        for want in names[:-1]
    ]
    return "\n".join([head, *rows])
