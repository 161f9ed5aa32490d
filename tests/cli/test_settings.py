"""`--set NAME=VALUE`: texts become what the input takes."""

from pathlib import Path
from typing import Any

import pytest

from nodegraph import node_type_of
from nodegraph.cli.failures import UsageError
from nodegraph.cli.settings import read_value, split_settings
from tests.cli import tiny
from tests.cli.command import Run, Write, link

SPECS = node_type_of(tiny.number).by_name


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("value", "7", 7),
        ("value", " -7 ", -7),
        ("value", "7.0", 7.0),
        ("value", "x", "x"),
        ("value", "true", True),
        ("value", "9" * 5000, "9" * 5000),
        ("factor", "7", 7),
        ("factor", "1e-3", 0.001),
        ("factor", "1_0", "1_0"),
        ("upper", "true", True),
        ("upper", "Yes", True),
        ("upper", "off", False),
        ("upper", "2", 2),
        ("mode", "fancy", "fancy"),
        ("items", "[1, 2]", [1, 2]),
        ("items", "1,2", "1,2"),
        ("seed", "random", "random"),
        ("seed", "18446744073709551615", 2**64 - 1),
        ("note", "7", "7"),
        ("note", "", ""),
        ("note", "none", "none"),
    ],
)
def test_a_text_is_read_as_the_input_takes_it(field: str, text: str, value: Any) -> None:
    read = read_value(text, SPECS[field])

    assert read == value
    assert type(read) in (type(value), float if field == "factor" else type(value))


def test_a_number_that_is_not_finite_is_left_to_be_refused(run: Run, write: Write) -> None:
    done = run("run", write(flow()), "--set", "n.factor=nan", "--json")

    assert (done.code, done.error["expected"], done.error["got"]) == (3, "a finite number", "nan")


def test_what_is_no_node_or_no_field_stays_text() -> None:
    assert read_value("7", None) == "7"


def test_a_link_can_be_written_where_no_literal_may_stand() -> None:
    spec = node_type_of(tiny.use_blob).by_name["blob"]

    assert read_value('{"node": "a"}', spec) == {"node": "a"}


def test_the_last_of_two_settings_counts() -> None:
    assert split_settings(["a=1", "b=", "a=2=3"]) == {"a": "2=3", "b": ""}


def test_a_setting_needs_a_name_and_a_sign() -> None:
    with pytest.raises(UsageError, match="NAME=VALUE"):
        split_settings(["prompt"])


def flow() -> dict[str, Any]:
    """A Number node whose text is shown."""
    return {
        "n": {"type": "Number", "inputs": {}},
        "end": {"type": "ShowText", "inputs": {"text": link("n")}},
    }


def test_values_arrive_with_their_types(run: Run, write: Write) -> None:
    file = write(flow(), inputs={"count": {"node": "n", "input": "value"}})
    words = ["count=3", "n.factor=2", "n.upper=yes", "n.items=[1]", "n.seed=9", "n.note=42"]

    done = run("run", file, *(part for word in words for part in ("--set", word)))

    assert done.out.startswith("end: [3, 2.0, True, 'plain', [1], 9, '42']\n")


@pytest.mark.parametrize(
    ("setting", "entry"),
    [
        (
            "count=101",
            {
                "message": "--set count: 101 is above the maximum of 100",
                "expected": "<= 100",
                "got": "101",
                "nearest": None,
            },
        ),
        (
            "count=many",
            {
                "message": "--set count: expected int, got 'many' (str)",
                "expected": "int",
                "got": "'many'",
                "nearest": None,
            },
        ),
        (
            "n.items=1,2",
            {
                "message": "--set n.items: expected list[int], got '1,2' (str)",
                "expected": "list[int]",
                "got": "'1,2'",
                "nearest": None,
            },
        ),
        (
            "n.mode=fany",
            {
                "message": "--set n.mode: 'fany' is not one of: plain, fancy",
                "expected": "plain, fancy",
                "got": "'fany'",
                "nearest": "fancy",
            },
        ),
        (
            "cuont=1",
            {
                "message": "there is no input 'cuont'; declared inputs: count; "
                "any field can be set as NODE.FIELD",
                "expected": "count",
                "got": "cuont",
                "nearest": "count",
            },
        ),
    ],
)
def test_a_setting_that_does_not_fit_is_named(
    run: Run, write: Write, setting: str, entry: dict[str, str | None]
) -> None:
    file = write(flow(), inputs={"count": {"node": "n", "input": "value"}})

    done = run("run", file, "--set", setting, "--json")

    assert done.code == 3
    assert {name: done.error[name] for name in entry} == entry


def test_a_setting_for_an_unknown_field_offers_the_nearest(run: Run, hello: Path) -> None:
    done = run("run", hello, "--set", "say.valu=x")

    assert done.code == 3
    assert "--set say.valu: Text has no input 'valu'" in done.err
    assert "did you mean 'value'?" in done.err
