"""Every error type of version 1, each from the prompt that brings it about."""

from typing import Any

import pytest

from nodegraph.errors import Problem
from nodegraph.server.comfy_v1_errors import node_errors
from tests.server.conftest import Client
from tests.server.v1 import finished, node, post

SAVE = node("SaveText", text=["1", 0])


def one(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"1": node(class_type, **inputs), "9": SAVE}


@pytest.mark.parametrize(
    ("document", "kind", "field", "received"),
    [
        ({"9": node("SaveText")}, "required_input_missing", "text", None),
        ({"9": node("SaveText", text=["7", 0])}, "bad_linked_input", "text", ["7", 0]),
        (
            {"1": node("Echo"), "9": node("SaveText", text=["1", 5])},
            "bad_linked_input",
            "text",
            ["1", 5],
        ),
        (
            {"1": node("Dice"), "9": node("SaveText", text=["2", 0])}
            | {"2": node("Slow", text=["1", 0], steps=["1", 0])},
            "return_type_mismatch",
            "steps",
            ["1", 0],
        ),
        (one("Slow", steps="many"), "invalid_input_type", "steps", "many"),
        (one("Dice", seed=-1), "value_smaller_than_min", "seed", -1),
        (one("Dice", seed=2**64), "value_bigger_than_max", "seed", 2**64),
        (one("PickModel", name="none"), "value_not_in_list", "name", "none"),
        (one("ReadText", file="none.txt"), "custom_validation_failed", "file", "none.txt"),
        (one("Echo", colour="red"), "custom_validation_failed", "colour", "red"),
    ],
)
async def test_a_wrong_input_is_named(
    client: Client, document: dict[str, Any], kind: str, field: str, received: Any
) -> None:
    said = await post(client, "/prompt", {"prompt": document}, 400)
    assert said["error"]["type"] == "prompt_outputs_failed_validation"
    assert set(said["error"]) == {"type", "message", "details", "extra_info"}
    ((name, found),) = said["node_errors"].items()
    assert found["class_type"] == document[name]["class_type"]
    assert found["dependent_outputs"] == ["9"]
    (error,) = found["errors"]
    assert error["type"] == kind
    assert error["message"]
    assert error["details"].startswith(f"{field}: ")
    assert error["extra_info"]["input_name"] == field
    assert error["extra_info"].get("received_value") == received


async def test_a_type_that_does_not_fit_is_named_as_comfyui_does(client: Client) -> None:
    document = {
        "1": node("Echo"),
        "2": node("Slow", steps=["1", 0]),
        "9": node("SaveText", text=["2", 0]),
    }
    said = await post(client, "/prompt", {"prompt": document}, 400)
    extra = said["node_errors"]["2"]["errors"][0]["extra_info"]
    assert (extra["received_type"], extra["expected_type"]) == ("STRING", "INT")
    assert extra["linked_node"] == ["1", 0]


async def test_nothing_to_do_is_an_error(client: Client) -> None:
    for document in ({}, {"1": node("Echo")}):
        said = await post(client, "/prompt", {"prompt": document}, 400)
        assert said["error"]["type"] == "prompt_no_outputs"
        assert said["node_errors"] == {}


async def test_targets_that_are_not_there_are_no_outputs(client: Client) -> None:
    body = {"prompt": one("Echo"), "partial_execution_targets": ["77"]}
    said = await post(client, "/prompt", body, 400)
    assert said["error"]["type"] == "prompt_no_outputs"
    assert "77" in said["error"]["details"]


async def test_a_class_that_is_not_installed_is_named(client: Client) -> None:
    said = await post(client, "/prompt", {"prompt": one("Ecko", value="x")}, 400)
    assert said["error"]["type"] == "missing_node_type"
    assert said["error"]["extra_info"]["node_id"] == "1"
    assert said["error"]["extra_info"]["class_type"] == "Ecko"
    (error,) = said["node_errors"]["1"]["errors"]
    assert error["type"] == "missing_node_type"
    assert "Echo" in error["details"]


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"inputs": {}}, "missing_node_type"),
        ({"class_type": 3, "inputs": {}}, "missing_node_type"),
        ({"class_type": "Echo"}, "invalid_prompt"),
        ({"class_type": "Echo", "inputs": []}, "invalid_prompt"),
        ("text", "invalid_prompt"),
        (None, "invalid_prompt"),
    ],
)
async def test_a_malformed_node_is_named(client: Client, entry: Any, kind: str) -> None:
    said = await post(client, "/prompt", {"prompt": {"5": entry, "9": SAVE}}, 400)
    assert said["error"]["type"] == kind
    assert said["node_errors"]["5"]["errors"][0]["type"] == kind


async def test_a_circle_is_refused(client: Client) -> None:
    document = {
        "1": node("Join", first=["2", 0]),
        "2": node("Join", first=["1", 0]),
        "9": SAVE,
    }
    said = await post(client, "/prompt", {"prompt": document}, 400)
    assert said["error"]["type"] == "prompt_outputs_failed_validation"
    kinds = [e["type"] for found in said["node_errors"].values() for e in found["errors"]]
    assert "dependency_cycle" in kinds


async def test_a_newer_node_is_an_exception() -> None:
    found = node_errors(
        [Problem("newer_node_version", "too new", node="1")], one("Echo"), frozenset({"SaveText"})
    )
    assert found["1"]["errors"][0]["type"] == "exception_during_inner_validation"
    assert found["1"]["dependent_outputs"] == ["9"]


async def test_all_problems_come_at_once(client: Client) -> None:
    document = {
        "1": node("Dice", seed=-1),
        "2": node("Slow", text=["1", 0], steps="x", pause="y"),
        "9": node("SaveText", text=["2", 0]),
    }
    said = await post(client, "/prompt", {"prompt": document}, 400)
    assert {k: len(v["errors"]) for k, v in said["node_errors"].items()} == {"1": 1, "2": 2}


async def test_what_is_valid_runs_and_the_rest_is_told(client: Client) -> None:
    document = one("Dice", seed=-1) | {"2": node("Echo"), "8": node("SaveText", text=["2", 0])}
    made = await post(client, "/prompt", {"prompt": document})
    assert set(made["node_errors"]) == {"1"}
    assert made["node_errors"]["1"]["dependent_outputs"] == ["9"]
    entry = await finished(client, made["prompt_id"])
    assert entry["status"]["status_str"] == "success"
    assert set(entry["outputs"]) == {"8"}
    assert entry["prompt"][2] == document
    assert entry["prompt"][4] == ["8"]


async def test_a_value_that_is_long_is_not_sent_back(client: Client) -> None:
    said = await post(client, "/prompt", {"prompt": one("Slow", steps="9" * 10_000 + "x")}, 400)
    assert len(str(said)) < 2000


async def test_an_asset_that_is_not_there_is_refused(client: Client) -> None:
    asset = {"__type": "core/ASSET", "info": {"id": "nobody"}}
    said = await post(client, "/prompt", {"prompt": one("ReadText", file=asset)}, 400)
    assert said["error"]["type"] == "missing_asset"


def test_many_wrong_nodes_do_not_take_long() -> None:
    count = 3000
    prompt = {str(i): node("Join", first=[str(i - 1), 0]) for i in range(1, count)}
    problems = [Problem("type_mismatch", "x", node=str(i)) for i in range(count)]
    found = node_errors(problems, prompt, frozenset({"Join"}))
    assert len(found) == count
    assert sum(len(one["dependent_outputs"]) for one in found.values()) < 300_000
