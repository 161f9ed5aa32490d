"""What runs again when an example is run again, and running a picture as if it were the file."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nodegraph
from nodegraph import Result, Session, Workflow, load_workflow
from nodegraph.engine.events import Event, NodeProgress, NodeStarted
from tests.workflows.examples import FILES, FOLDER, pixels

STEPS = 4
TXT2IMG = FOLDER / "txt2img.json"
Progress = list[NodeProgress]


@pytest.fixture
def fresh(tmp_path: Path) -> Session:
    """A session that has run nothing yet."""
    return Session.open(tmp_path / "data")


def collect(kind: type, into: list[Event]) -> Callable[[Event], None]:
    return lambda event: into.append(event) if isinstance(event, kind) else None


def statuses(result: Result) -> dict[str, str]:
    return {name: done.status for name, done in result.nodes.items()}


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_second_identical_run_is_reused_and_samples_nothing(
    file: Path, session: Session, tmp_path: Path
) -> None:
    inputs = {"steps": STEPS} if "steps" in Workflow.load(file).inputs else {}
    first = session.run(file, inputs, output_dir=tmp_path).raise_for_errors()
    before = sorted(tmp_path.iterdir())
    events: list[Event] = []

    second = session.run(file, inputs, output_dir=tmp_path, emit=collect(NodeStarted, events))

    assert statuses(first)["save"] == "ran"
    assert set(statuses(second).values()) == {"reused"}
    assert events == []
    assert second.outputs == first.outputs
    assert sorted(tmp_path.iterdir()) == before


def test_another_seed_runs_sampling_decoding_and_saving_again(
    fresh: Session, tmp_path: Path
) -> None:
    nodegraph.run(TXT2IMG, session=fresh, output_dir=tmp_path, seed=7, steps=STEPS)

    result = nodegraph.run(TXT2IMG, session=fresh, output_dir=tmp_path, seed=8, steps=STEPS)

    ran = {name for name, done in result.nodes.items() if done.status == "ran"}
    assert ran == {"sample", "decode", "save"}
    assert {statuses(result)[name] for name in result.nodes.keys() - ran} == {"reused"}
    assert result.nodes["sample"].reason == "input 'seed' changed 7 -> 8"
    assert len(list(tmp_path.glob("*.png"))) == 2


def test_the_steps_of_the_sampler_are_reported(fresh: Session, tmp_path: Path) -> None:
    events: list[Event] = []
    emit = collect(NodeProgress, events)

    fresh.run(TXT2IMG, {"steps": STEPS}, output_dir=tmp_path, emit=emit).raise_for_errors()

    sampling = [event for event in events if getattr(event, "node", "") == "sample"]
    assert sampling == [NodeProgress("sample", i + 1, STEPS) for i in range(STEPS)]


def test_a_picture_can_be_run_as_if_it_were_the_file(fresh: Session, tmp_path: Path) -> None:
    inputs = {"prompt": "a small blue ring on a yellow background", "steps": STEPS, "seed": 11}
    first = fresh.run(TXT2IMG, inputs, output_dir=tmp_path / "first").raise_for_errors()
    [saved] = first["image"]

    other = Session.open(tmp_path / "elsewhere")
    again = nodegraph.run(saved.path, session=other, output_dir=tmp_path / "again")

    assert set(statuses(again).values()) == {"ran"}
    assert again.workflow.nodes == first.workflow.nodes
    assert np.array_equal(pixels(again.images[0]), pixels(first.images[0]))


def test_a_random_seed_is_drawn_and_recorded(fresh: Session, tmp_path: Path) -> None:
    inputs = {"seed": "random", "steps": STEPS}
    first = fresh.run(TXT2IMG, inputs, output_dir=tmp_path / "first").raise_for_errors()
    [saved] = first["image"]
    seed = load_workflow(saved.path).nodes["sample"].inputs["seed"]

    second = fresh.run(TXT2IMG, inputs, output_dir=tmp_path / "second").raise_for_errors()
    again = fresh.run(saved.path, output_dir=tmp_path / "again").raise_for_errors()

    assert isinstance(seed, int)
    assert second.workflow.nodes["sample"].inputs["seed"] != seed
    assert np.array_equal(pixels(again.images[0]), pixels(first.images[0]))


def test_a_picture_says_what_it_was_made_with(fresh: Session, tmp_path: Path) -> None:
    result = fresh.run(TXT2IMG, {"steps": STEPS}, output_dir=tmp_path).raise_for_errors()

    with Image.open(result["image"][0].path) as picture:
        made_with = json.loads(picture.info["nodegraph"])["made_with"]
    assert made_with["nodegraph"] == nodegraph.__version__
    assert made_with["device"] == "cpu"
    assert {"torch", "diffusers", "packs"} <= made_with.keys()
