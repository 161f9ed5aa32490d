"""The workflows in docs/workflows, which need models of several families, run with tiny ones."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from PIL import Image

from nodegraph import Session, Workflow
from nodegraph.graph.plan import check
from tests.nodes.tiny import make_tiny, tiny_unet
from tests.nodes.tiny_families import Family, make_family
from tests.nodes.tiny_lora import factors, kohya_names, written

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "workflows"
MODELS: dict[str, dict[str, Family | Literal["sd1"]]] = {
    "depth": {"model": "depth"},
    "inpaint-model": {"model": "inpaint"},
    "instruct-pix2pix": {"model": "pix2pix"},
    "lcm": {"model": "sd1"},
    "sdxl-expert-switch": {"model": "sdxl", "refiner": "refiner"},
    "sdxl-refiner": {"model": "sdxl", "refiner": "refiner"},
    "upscale-x4": {"model": "x4"},
    "v-zero-snr": {"model": "sd2"},
}
LORA = "tiny-lora.safetensors"
SMALL = {"width": 64, "height": 48}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session.open(tmp_path / "data")


def inputs_for(workflow: Workflow, name: str, place: Path) -> dict[str, Any]:
    """Tiny models by the names of their families, and noise and a hole as pictures."""
    noise = np.random.default_rng(1).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    hole = np.zeros((48, 64), dtype=np.uint8)
    hole[16:32, 16:40] = 255
    given: dict[str, Any] = {**SMALL, "seed": 7, "steps": 3, "lora": LORA, **MODELS[name]}
    for what, picture in (("image", noise), ("mask", hole)):
        given[what] = str(place / f"{what}.png")
        Image.fromarray(picture).convert("RGB").save(given[what])
    return {key: value for key, value in given.items() if key in workflow.inputs}


def test_every_workflow_is_run_here() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(MODELS)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MODELS))
def test_a_workflow_runs(name: str, session: Session, tmp_path: Path) -> None:
    workflow = Workflow.load(FOLDER / f"{name}.json")
    for family in MODELS[name].values():
        folder = tmp_path / "data/models/checkpoints" / family
        if family == "sd1":
            make_tiny(folder)
        else:
            make_family(folder, family)
    written(tmp_path / "data/models/loras" / LORA, kohya_names(factors(tiny_unet(), "attn1.to_q")))
    inputs = inputs_for(workflow, name, tmp_path)
    problems = check(workflow, session.registry, session.files())
    assert {problem.code for problem in problems} <= {"missing_model", "missing_input_file"}

    result = session.run(workflow, inputs, output_dir=tmp_path / "out").raise_for_errors()

    picture = result.images[0]
    factor = 4 if name == "upscale-x4" else 1
    assert picture.size == (64 * factor, 48 * factor)
    assert np.asarray(picture).std() > 1
