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


@node()
def again(body: Workflow, times: int = 1) -> Workflow:
    return body


REGISTRY = Registry([sample, speak, ask, again])


def looping(**body: Any) -> Workflow:
    """A loop in a loop, with these nodes inside."""
    inner = {"nodegraph": 1, "nodes": body}
    outer = {"nodegraph": 1, "nodes": {"inner": use("Again", body=inner)}, "vendor": 1}
    return Workflow.from_dict({"nodegraph": 1, "nodes": {"outer": use("Again", body=outer)}})


def inside(document: dict[str, Any]) -> dict[str, Any]:
    """The nodes inside both loops."""
    outer = document["nodes"]["outer"]["inputs"]["body"]
    assert outer["vendor"] == 1
    nodes: dict[str, Any] = outer["nodes"]["inner"]["inputs"]["body"]["nodes"]
    return nodes


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


def test_seeds_inside_loops_are_resolved_too() -> None:
    original = looping(a=use("Sample", seed="random"), b=use("Speak", word="random"))

    nodes = inside(resolve_seeds(original, REGISTRY).to_dict())

    assert type(nodes["a"]["inputs"]["seed"]) is int
    assert nodes["b"]["inputs"] == {"word": "random"}
    assert inside(original.to_dict())["a"]["inputs"] == {"seed": "random"}
    fixed = looping(a=use("Sample", seed=1))
    assert resolve_seeds(fixed, REGISTRY) is fixed


def test_a_body_that_is_none_is_left_for_planning_to_refuse() -> None:
    for body in (3, {"nodes": 3}, {"nodegraph": 1, "nodes": 3}, {"node": "a"}, None):
        odd = Workflow.from_dict({"nodegraph": 1, "nodes": {"a": use("Again", body=body)}})

        assert resolve_seeds(odd, REGISTRY) is odd
        assert json.loads(metadata_of(odd, REGISTRY, "cpu")["nodegraph"])["nodes"]["a"] == use(
            "Again", body=body
        )


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


def test_secrets_inside_loops_are_left_out_too() -> None:
    hidden = looping(e=use("Ask", question="who?", password="swordfish"))

    document = json.loads(metadata_of(hidden, REGISTRY, "cpu")["nodegraph"])

    assert "swordfish" not in json.dumps(document)
    assert inside(document)["e"]["inputs"] == {"question": "who?"}
    assert "swordfish" in json.dumps(hidden.to_dict())


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
