"""Documents of older node versions, as a program that changes single fields gets them."""

from typing import Any

import pytest

from nodegraph import Registry, node
from nodegraph.graph.updating import Update, has_outdated, updated
from tests.graph.shapes import use


def _migrate(inputs: dict[str, Any], version: int) -> dict[str, Any]:
    """`cfg_scale` became `cfg`; `steps` was said in tens."""
    made = {"cfg" if name == "cfg_scale" else name: value for name, value in inputs.items()}
    if "tens" in made:
        made["steps"] = made.pop("tens") * 10
    return made


@node(version=2, migrate=_migrate)
def sample(cfg: float = 8.0, steps: int = 20) -> float:
    """Something with a new name."""
    return cfg * steps


REGISTRY = Registry((sample,))


def document(**nodes: Any) -> dict[str, Any]:
    return {"nodegraph": 1, "nodes": nodes}


def test_old_fields_are_handed_out_under_their_present_names() -> None:
    old = document(s=use("Sample", cfg_scale=8, tens=2) | {"colour": "blue"})
    made, updates = updated(old, REGISTRY)

    expected = {"type": "Sample", "version": 2, "inputs": {"cfg": 8, "steps": 20}, "colour": "blue"}
    assert made["nodes"]["s"] == expected
    assert updates == [Update("s", "Sample", 1, 2)]
    assert old["nodes"]["s"]["inputs"] == {"cfg_scale": 8, "tens": 2}


def test_what_names_a_field_follows_it() -> None:
    old = document(s=use("Sample"), other=use("Sample", version=2)) | {
        "inputs": {
            "guidance": {"node": "s", "input": "cfg_scale", "label": "Guidance"},
            "length": {"node": "s", "input": "tens"},
            "else": {"node": "other", "input": "cfg"},
        },
        "layout": {
            "s": {"x": 1, "sockets": ["cfg_scale"]},
            "$reroutes": {"s/cfg_scale": [{"x": 1, "y": 2}], "other/cfg": []},
        },
    }
    made, _ = updated(old, REGISTRY)

    assert made["inputs"] == {
        "guidance": {"node": "s", "input": "cfg", "label": "Guidance"},
        "length": {"node": "s", "input": "tens"},  # a tenfold value is not the same field
        "else": {"node": "other", "input": "cfg"},
    }
    assert made["layout"] == {
        "s": {"x": 1, "sockets": ["cfg"]},
        "$reroutes": {"s/cfg": [{"x": 1, "y": 2}], "other/cfg": []},
    }


def test_nodes_in_subgraphs_are_updated_with_the_ports_that_name_them() -> None:
    body = document(s=use("Sample", cfg_scale=1.5)) | {
        "inputs": {"x": {"node": "s", "input": "cfg_scale"}}
    }
    made, updates = updated(document(g=use("Subgraph", body=body, x=3)), REGISTRY)

    inner = made["nodes"]["g"]["inputs"]["body"]
    assert inner["nodes"]["s"]["inputs"] == {"cfg": 1.5}
    assert inner["inputs"]["x"]["input"] == "cfg"
    assert [update.node for update in updates] == ["g/s"]


def test_what_cannot_be_brought_up_is_left_and_said() -> None:
    old = document(s=use("Sample", tens=None))
    made, (update,) = updated(old, REGISTRY)

    assert made == old
    assert "version 1 of Sample to version 2: TypeError" in str(update)


@pytest.mark.parametrize(
    "raw",
    [
        document(s=use("Sample", version=2, cfg=1)),
        document(s=use("Sample", version=9)),
        document(s=use("Nowhere")),
        document(s={"type": 3}, t=None, u={"type": "Sample", "version": "1"}),
        {"nodes": {"s": use("Sample")}},
        {"nodegraph": 1, "nodes": []},
    ],
)
def test_all_else_stays_what_it_is(raw: dict[str, Any]) -> None:
    assert not has_outdated(raw, REGISTRY)
    assert updated(raw, REGISTRY) == (raw, [])
