"""Subgraphs and modes in whole runs: the same pictures, the same reports, the same reuse."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph import Session, Workflow


def painting(**more: Any) -> dict[str, Any]:
    mask = {"type": "SolidMask", "inputs": {"width": 8, "height": 8, "value": 0.0}}
    colour = {"type": "MaskToImage", "inputs": {"mask": {"node": "mask"}}}
    invert = {"type": "ImageInvert", "inputs": {"image": {"node": "colour"}}}
    save = {"type": "SaveImage", "inputs": {"images": {"node": "invert"}}}
    nodes = {"mask": mask, "colour": colour, "invert": invert, "save": save}
    return {"nodegraph": 1, "nodes": nodes | more}


def grouped() -> dict[str, Any]:
    inner = {
        "nodegraph": 1,
        "inputs": {"width": {"node": "mask", "input": "width"}},
        "outputs": {"image": {"node": "invert", "output": "image"}},
        "nodes": {name: painting()["nodes"][name] for name in ("mask", "colour", "invert")},
    }
    group = {"type": "Subgraph", "inputs": {"body": inner, "width": 8}}
    save = {"type": "SaveImage", "inputs": {"images": {"node": "group", "output": "image"}}}
    return {"nodegraph": 1, "nodes": {"group": group, "save": save}}


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return Session.open(tmp_path)


def pixels(session: Session, document: dict[str, Any]) -> Any:
    (picture,) = session.run(Workflow.from_dict(document)).raise_for_errors().images
    return picture.getpixel((0, 0))


def test_a_subgraph_gives_the_same_picture_and_shares_the_work(session: Session) -> None:
    assert pixels(session, painting()) == pixels(session, grouped()) == (255, 255, 255)
    again = session.run(Workflow.from_dict(grouped()))
    assert {done.status for done in again.nodes.values()} == {"reused"}
    assert [*again.nodes] == ["group/mask", "group/colour", "group/invert", "save"]


def test_the_picture_keeps_the_subgraph_as_it_was_drawn(session: Session) -> None:
    made = session.run(Workflow.from_dict(grouped())).raise_for_errors()
    path = made.outputs[0].path
    assert path is not None
    found, _ = session.load(path)
    assert found.nodes["group"].inputs["body"]["nodes"].keys() == {"mask", "colour", "invert"}


def test_a_bypassed_node_is_passed_and_says_so(session: Session) -> None:
    document = painting()
    document["nodes"]["invert"]["mode"] = "bypassed"
    made = session.run(Workflow.from_dict(document)).raise_for_errors()
    assert made.images[0].getpixel((0, 0)) == (0, 0, 0)
    assert (made.nodes["invert"].status, made.nodes["invert"].reason) == ("skipped", "bypassed")


def test_a_muted_branch_is_left_out_with_its_reason(session: Session) -> None:
    other = {"type": "SaveImage", "inputs": {"images": {"node": "colour"}}}
    document = painting(other=other)
    document["nodes"]["invert"]["mode"] = "muted"
    made = session.run(Workflow.from_dict(document)).raise_for_errors()
    assert [output.node for output in made.outputs] == ["other"]
    assert made.nodes["save"].reason == "muted: nothing comes in at 'images'"
