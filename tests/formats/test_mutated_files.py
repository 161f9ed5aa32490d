"""Files damaged at random places give a workflow or an error in words, and never anything else."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodegraph import InvalidWorkflow, Registry, WorkflowFileError
from nodegraph.formats.comfy_export import to_api
from nodegraph.formats.reading import read_any
from nodegraph.graph.plan import check
from nodes import NODES
from tests.formats.conftest import comfy

KNOWN = Registry(NODES)
FILES = ("txt2img.api.json", "txt2img.ui.json", "editor.ui.json", "subgraphs.ui.json")

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-30, 30),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(
        [
            [],
            {},
            [[]],
            ["4", 0],
            ["3", -1],
            [4, 0],
            [1, 4, 0, 3, 0],
            {"node": "4"},
            {"node": ["4"], "output": 0},
            {"value": 1},
            {"__value__": 5},
            "Reroute",
            "PrimitiveNode",
            "KSampler",
            "6f1c8a52-0d2b-4c58-9a3e-0b1f5f0f1a01",
            -10,
            -20,
        ]
    ),
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, inner in items:
        found.append((*here, key))
        if isinstance(inner, dict | list):
            found += places(inner, (*here, key))
    return found


DOCUMENTS = {name: comfy(name) for name in FILES}
PLACES = {name: places(document) for name, document in DOCUMENTS.items()}


@st.composite
def mutated(draw: st.DrawFn, name: str) -> Any:
    """The document with up to four values replaced, removed or doubled."""
    made = copy.deepcopy(DOCUMENTS[name])
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(PLACES[name]))
        try:
            inside = made
            for part in way:
                inside = inside[part]
            action = draw(st.sampled_from(["replace", "remove", "double", "copy"]))
            if action == "remove":
                del inside[last]
            elif action == "double" and isinstance(inside, list):
                inside.append(inside[last])
            elif action == "copy":
                other = draw(st.sampled_from(PLACES[name]))
                source = DOCUMENTS[name]
                for part in other:
                    source = source[part]
                inside[last] = copy.deepcopy(source)
            else:
                inside[last] = draw(VALUES)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took this place away
    return made


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=250)
@given(data=st.data())
def test_a_damaged_file_never_raises_anything_else(name: str, data: st.DataObject) -> None:
    text = json.dumps(data.draw(mutated(name)), allow_nan=False).encode()

    try:
        made, report = read_any(text, KNOWN)
    except (WorkflowFileError, InvalidWorkflow):
        return
    check(made, KNOWN)
    exported, lost = to_api(made, KNOWN)
    again, _ = read_any(made.to_json().encode(), KNOWN)

    assert again == made
    assert json.dumps(exported, allow_nan=False)
    assert all(str(remark) for remark in [*report.remarks, *lost.remarks])
