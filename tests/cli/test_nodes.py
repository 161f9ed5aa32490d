"""`nodegraph nodes`."""

from tests.cli.command import Run
from tests.cli.tiny import NODES


def test_all_node_types_are_listed_by_category(run: Run) -> None:
    done = run("nodes")

    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == "tiny"
    assert "tiny/trouble" in lines
    assert "  Slow       Take some steps, looking at each whether to stop." in lines
    assert lines[-1] == f"{len(NODES)} node types; `nodegraph nodes NAME` shows one"


def test_the_list_in_json_holds_schemas(run: Run) -> None:
    schemas = run("nodes", "--json").document["nodes"]

    assert len(schemas) == len(NODES)
    assert {"name", "category", "inputs", "outputs"} <= {*schemas[0]}


def test_one_node_is_shown_with_its_inputs_and_outputs(run: Run) -> None:
    done = run("nodes", "Number")

    assert done.out.splitlines() == [
        "Number (tiny/number, version 1)",
        "Everything that a literal can be.",
        "",
        "inputs:",
        "  value   int = 1; 0 to 100",
        "  factor  float = 1.0",
        "  upper   bool = False",
        "  mode    str = 'plain'; one of plain, fancy",
        "  items   list[int] = []",
        '  seed    int = 0; a seed, or "random"',
        "  note    str or none",
        "",
        "outputs: str (str)",
    ]


def test_links_help_and_effects_are_shown(run: Run) -> None:
    assert "  blob  Blob, required; linked" in run("nodes", "UseBlob").out
    assert "  value  str = 'hello'\n           the text itself.\n" in run("nodes", "Text").out
    assert "SaveText (tiny, version 1, effect)" in run("nodes", "SaveText").out
    assert "outputs: (none)" in run("nodes", "SaveText").out
    assert "inputs: (none)" in run("nodes", "MakeBlob").out
    assert "a model of 'checkpoints'" in run("nodes", "PickModel").out
    assert "a file (text)" in run("nodes", "ReadText").out


def test_one_node_in_json_is_its_schema(run: Run) -> None:
    assert run("nodes", "Text", "--json").document["name"] == "Text"


def test_an_unknown_node_type_is_wrong_usage(run: Run) -> None:
    told, counted = run("nodes", "Txt"), run("nodes", "Txt", "--json")

    assert (told.code, told.out) == (2, "")
    assert told.err == "error: there is no node type 'Txt' - did you mean 'Text'?\n"
    assert counted.error["nearest"] == "Text"
