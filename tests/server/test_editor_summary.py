"""What tells jobs of one workflow apart in a list."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.server.editor_summary import MOST, seed_of, text_of


def workflow(*inputs: dict[str, Any], **declared: tuple[str, str]) -> dict[str, Any]:
    return {
        "nodes": {f"n{k}": {"type": "Any", "inputs": one} for k, one in enumerate(inputs)},
        "inputs": {name: {"node": node, "input": key} for name, (node, key) in declared.items()},
    }


def test_the_first_words_and_the_first_seed_are_told() -> None:
    found = workflow({"ckpt_name": "shapes-64"}, {"text": "a red\n circle"}, {"noise_seed": 2**63})
    assert (text_of(found), seed_of(found)) == ("a red circle", str(2**63))


def test_declared_inputs_come_first() -> None:
    nodes = ({"text": "not this", "seed": 1}, {"text": "but this", "seed": 2})
    found = workflow(*nodes, prompt=("n1", "text"), seed=("n1", "seed"))
    assert (text_of(found), seed_of(found)) == ("but this", "2")


def test_long_words_are_cut() -> None:
    told = text_of(workflow({"text": "word " * 100}))
    assert told is not None
    assert (len(told), told[-1]) == (MOST, "…")


@pytest.mark.parametrize(
    "odd", [{}, {"nodes": []}, {"nodes": {"a": 3}}, workflow({"seed": True, "text": "one"})]
)
def test_there_may_be_nothing_to_tell(odd: dict[str, Any]) -> None:
    assert (text_of(odd), seed_of(odd)) == (None, None)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda one: st.lists(one) | st.dictionaries(st.sampled_from(["nodes", "inputs", "a"]), one),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["nodes", "inputs", "name"]), json))
def test_odd_workflows_do_no_harm(odd: dict[str, Any]) -> None:
    text, seed = text_of(odd), seed_of(odd)
    assert text is None or len(text) <= MOST
    assert seed is None or int(seed) == int(seed, 10)
