"""Setting inputs by name, and building a graph in code."""

import pytest

from nodegraph import InvalidWorkflow, Problem, Workflow
from tests.graph.shapes import add, at, halves, keep, number, numbers, text, use


def sample() -> Workflow:
    return Workflow.from_dict(
        {
            "nodegraph": 1,
            "inputs": {
                "prompt": {"node": "positive", "input": "value"},
                "steps": {"node": "sample", "input": "a"},
                "lost": {"node": "gone", "input": "value"},
            },
            "nodes": {
                "positive": use("Text", value="a circle"),
                "sample": use("Add", a=at("dotted.name"), b=4),
                "dotted.name": use("Number"),
            },
        }
    )


def refused(**values: object) -> list[Problem]:
    with pytest.raises(InvalidWorkflow) as caught:
        sample().set_inputs(values)
    return list(caught.value.problems)


def test_by_declared_name() -> None:
    made = sample().set_inputs({"prompt": "a square", "steps": 3})

    assert made.nodes["positive"].inputs == {"value": "a square"}
    assert made.nodes["sample"].inputs == {"a": 3, "b": 4}


def test_by_node_and_field() -> None:
    made = sample().set_inputs({"sample.b": 5, "dotted.name.value": 6})

    assert made.nodes["sample"].inputs["b"] == 5
    assert made.nodes["dotted.name"].inputs == {"value": 6}


def test_the_original_stays_as_it_was() -> None:
    original = sample()
    before = original.to_dict()

    original.set_inputs({"prompt": "a square", "sample.b": 9})

    assert original.to_dict() == before


def test_all_unknown_names_are_said_at_once() -> None:
    first, second = refused(promt="x", **{"sampel.b": 1})

    assert (first.code, first.field, first.nearest) == (
        "unknown_workflow_input",
        "promt",
        "prompt",
    )
    assert first.message == (
        "there is no input 'promt'; declared inputs: prompt, steps, lost; "
        "any field can be set as NODE.FIELD"
    )
    assert (second.field, second.nearest) == ("sampel.b", "sample.b")


def test_a_declared_input_of_a_node_that_is_gone_says_so() -> None:
    (found,) = refused(lost=1)

    assert found.message == "the declared input 'lost' names node 'gone', which is not there"
    assert found.nearest is None


def test_a_workflow_that_declares_none() -> None:
    with pytest.raises(InvalidWorkflow, match=r"declared inputs: \(none declared\)"):
        Workflow().set_inputs({"x": 1})


def test_ids_are_readable_and_unique() -> None:
    made = Workflow()
    ids = [
        made.add(numbers).id,
        made.add(numbers).id,
        made.add(number).id,
        made.add(add, id="x").id,
    ]

    assert ids == ["numbers", "numbers_2", "number", "x"]
    assert list(made.nodes) == ids


def test_an_id_that_is_taken() -> None:
    made = Workflow()
    made.add(number, id="x")

    with pytest.raises(InvalidWorkflow, match="node 'x': the id is taken"):
        made.add(text, id="x")


def test_an_input_that_the_node_does_not_have() -> None:
    with pytest.raises(InvalidWorkflow) as caught:
        Workflow().add(number, valu=3)

    (found,) = caught.value.problems
    assert (found.code, found.field, found.nearest) == ("unknown_input", "valu", "value")
    assert "Number has no input 'valu'; it has: value" in found.message


def test_a_node_stands_for_its_only_output() -> None:
    made = Workflow()
    made.add(keep, value=made.add(number))

    assert made.nodes["keep"].inputs == {"value": {"node": "number", "output": "int"}}


def test_of_several_outputs_one_must_be_named() -> None:
    made = Workflow()
    parts = made.add(halves, value=5)

    made.add(keep, value=parts.rest)
    assert made.nodes["keep"].inputs == {"value": {"node": "halves", "output": "rest"}}
    with pytest.raises(InvalidWorkflow, match=r"has 2 outputs; say which: halves\.whole, halves"):
        made.add(keep, value=parts)
    with pytest.raises(AttributeError, match=r"no 'hole'; did you mean 'whole'\?"):
        _ = parts.hole
