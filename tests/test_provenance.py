"""What a result remembers: resolved seeds, versions, and no secrets."""

import json
from typing import Annotated, Any

from nodegraph import Registry, Secret, Seed, Workflow, node
from nodegraph.provenance import made_with, metadata_of, resolve_seeds
from tests.graph.shapes import use


@node()
def sample(seed: Annotated[int, Seed()] = 0, other: Annotated[int, Seed()] = 0) -> int:
    return seed


@node()
def speak(word: str) -> str:
    return word


@node()
def ask(question: str, password: Annotated[str, Secret()] = "") -> str:
    return question


REGISTRY = Registry([sample, speak, ask])


def made() -> Workflow:
    return Workflow.from_dict(
        {
            "nodegraph": 1,
            "vendor": {"kept": True},
            "nodes": {
                "a": use("Sample", seed="random", other=3),
                "b": use("Sample", seed="random", other="random"),
                "c": use("Speak", word="random"),
                "d": use("NotInstalled", seed="random", password="unknown"),
                "e": use("Ask", question="who?", password="swordfish"),
                "f": {"type": "Ask"},
            },
        }
    )


def test_every_random_seed_becomes_a_number() -> None:
    resolved = resolve_seeds(made(), REGISTRY)

    drawn = [
        resolved.nodes["a"].inputs["seed"],
        resolved.nodes["b"].inputs["seed"],
        resolved.nodes["b"].inputs["other"],
    ]
    assert all(type(seed) is int and 0 <= seed < 2**53 for seed in drawn)
    assert len(set(drawn)) == 3
    assert resolved.nodes["a"].inputs["other"] == 3


def test_a_word_is_no_seed() -> None:
    resolved = resolve_seeds(made(), REGISTRY)

    assert resolved.nodes["c"].inputs == {"word": "random"}
    assert resolved.nodes["d"].inputs["seed"] == "random"


def test_a_seed_that_is_wrapped_as_a_value() -> None:
    wrapped = Workflow.from_dict(
        {"nodegraph": 1, "nodes": {"a": use("Sample", seed={"value": "random"})}}
    )

    assert type(resolve_seeds(wrapped, REGISTRY).nodes["a"].inputs["seed"]) is int


def test_the_original_keeps_its_word() -> None:
    original = made()

    resolve_seeds(original, REGISTRY)

    assert original.nodes["a"].inputs["seed"] == "random"


def test_a_workflow_without_random_seeds_is_itself() -> None:
    fixed = Workflow.from_dict({"nodegraph": 1, "nodes": {"a": use("Sample", seed=1)}})

    assert resolve_seeds(fixed, REGISTRY) is fixed


def metadata() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(metadata_of(made(), REGISTRY, "cpu")["nodegraph"])
    return found


def test_the_whole_workflow_is_embedded() -> None:
    document = metadata()

    assert document["vendor"] == {"kept": True}
    assert document["nodes"]["a"] == use("Sample", seed="random", other=3)
    assert Workflow.from_dict(document).nodes["c"].inputs == {"word": "random"}


def test_secrets_are_left_out() -> None:
    document = metadata()

    assert "swordfish" not in json.dumps(document)
    assert document["nodes"]["e"]["inputs"] == {"question": "who?"}


def test_versions_and_the_device_are_embedded() -> None:
    REGISTRY.pack_versions["tests"] = "1.2"

    document = metadata()["made_with"]

    assert document["packs"] == {"tests": "1.2"}
    assert document["device"] == "cpu"
    assert {"nodegraph", "torch", "diffusers"} <= document.keys()
    assert document["torch"]


def test_a_package_that_is_not_installed_has_no_version() -> None:
    assert made_with(Registry(), "cuda:0")["device"] == "cuda:0"


def test_an_empty_workflow() -> None:
    assert json.loads(metadata_of(Workflow(), REGISTRY, "cpu")["nodegraph"])["nodegraph"] == 1
