"""The example workflows, and what their pictures show."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nodegraph import Result, Session, Workflow
from nodegraph.graph.workflow import OutputRef
from shapes.draw import draw
from shapes.measure import measure
from shapes.scenes import NAMES, Scene

FOLDER = Path(__file__).resolve().parents[2] / "workflows"
FILES = sorted(FOLDER.glob("*.json"))

Pixels = NDArray[np.uint8]


def pixels(picture: Image.Image) -> Pixels:
    """(height, width, 3) uint8."""
    return np.asarray(picture.convert("RGB"))


def shown(picture: Image.Image | Pixels) -> Scene:
    """What a picture shows, measured."""
    values = pixels(picture) if isinstance(picture, Image.Image) else picture
    return Scene(*measure(values)[:5])


def drawn(scene: Scene) -> Pixels:
    """The 64x64 picture of a scene."""
    row = [names.index(str(name)) for names, name in zip(NAMES, scene, strict=True)]
    picture: Pixels = draw(np.array([row]))[0]
    return picture


def run(session: Session, name: str, output_dir: Path, **inputs: Any) -> Result:
    """Run an example by its name."""
    return session.run(FOLDER / f"{name}.json", inputs, output_dir=output_dir).raise_for_errors()


def showing(name: str, **outputs: str) -> Workflow:
    """An example that also gives back values on its wires, written as `node.output`."""
    workflow = Workflow.load(FOLDER / f"{name}.json")
    added = {
        label: OutputRef(node=node, output=output)
        for label, (node, output) in ((k, v.split(".")) for k, v in outputs.items())
    }
    return workflow.model_copy(update={"outputs": {**workflow.outputs, **added}})
