"""Keys of nodes: what is part of them, and that every process computes the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nodegraph import Context, Registry, node
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab
from tests.graph.shapes import at, flow, use

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, sys, tempfile
from dataclasses import dataclass
from pathlib import Path
from nodegraph.engine.keys import digest_value
from tests.engine.arithmetic import Log, arithmetic
from tests.engine.lab import Lab
from tests.graph.shapes import at, flow, use

lab = Lab(Path(tempfile.mkdtemp()), arithmetic(Log()))
report = lab.run(
    flow(
        n=use("Number", value=3),
        l=use("Numbers", count=3),
        a=use("Add", a=at("n"), b=at("l")),
        d=use("Digits", value=at("n")),
        p=use("Pick", which=True, yes=at("d.ones"), no=at("n")),
    ),
    "a", "p",
)
values = [{"b": 1, "a": {"x": None, "y": [1.5, "text"]}}, {"one", "two"} and ("t", b"b")]
print(json.dumps({
    "keys": {name: done.key for name, done in report.nodes.items()},
    "digests": [digest_value(value).hex() for value in values],
    "torch": "torch" in sys.modules,
}))
"""


def computed(seed: str) -> dict[str, object]:
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    made = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, object] = json.loads(made.stdout)
    return found


def test_every_process_computes_the_same_and_without_torch() -> None:
    first, second = computed("0"), computed("12345")

    assert first == second
    assert first["torch"] is False
    assert len(set(dict(first["keys"]).values())) == 5  # type: ignore[call-overload]


def keys(lab: Lab, **nodes: dict[str, object]) -> dict[str, str]:
    report = lab.run(flow(**nodes), *nodes)
    assert report.status == "succeeded", report.errors
    return {name: done.key for name, done in report.nodes.items()}


@pytest.fixture
def numbers(tmp_path: Path) -> Lab:
    return Lab(tmp_path, arithmetic(Log()))


def test_a_key_is_of_values_and_not_of_names(numbers: Lab) -> None:
    one = keys(numbers, a=use("Number", value=1), b=use("Add", a=at("a")))
    other = keys(numbers, y=use("Add", a=at("x")), x=use("Number", value=1))

    assert (one["a"], one["b"]) == (other["x"], other["y"])


def test_what_tells_keys_apart(numbers: Lab) -> None:
    found = keys(
        numbers,
        n1=use("Number", value=1),
        n2=use("Number", value=2),
        many=use("Numbers", count=1),
        a=use("Add", a=1, b=2),
        b=use("Add", a=2, b=1),
        c=use("Clamp", value=1, high=2),
        d=use("Add", a=at("n1"), b=2),
        e=use("Add", a=1, b=at("n2")),
        f=use("Add", a=at("many"), b=2),
    )

    assert len(set(found.values())) == len(found)


def test_the_version_and_the_code_of_a_node_are_part_of_its_key(tmp_path: Path) -> None:
    @node(name="Make")
    def first(value: int) -> int:
        return value

    @node(name="Make")
    def edited(value: int) -> int:
        return value + 0

    @node(name="Make", version=2)
    def second(value: int) -> int:
        return value

    @node(name="Make", category="elsewhere", display_name="Other")
    def moved(value: int) -> int:
        return value

    found = [keys(Lab(tmp_path, [f]), m=use("Make", value=1))["m"] for f in (first, edited, second)]

    assert len(set(found)) == 3
    assert keys(Lab(tmp_path, [moved]), m=use("Make", value=1))["m"] not in found


def test_the_package_of_a_node_is_part_of_its_key(tmp_path: Path) -> None:
    lab = Lab(tmp_path, arithmetic(Log()))
    before = keys(lab, n=use("Number"))
    lab.pack_codes = {"tests": "2.0"}

    assert keys(lab, n=use("Number")) != before


def test_a_node_that_knows_the_device_has_a_key_for_each(tmp_path: Path) -> None:
    @node()
    def draw(ctx: Context) -> str:
        return ctx.device

    lab = Lab(tmp_path, [draw, *arithmetic(Log())])
    made = flow(d=use("Draw"), n=use("Number"))
    found = [lab.run(made, "d", "n", device=device).nodes for device in ("cpu", "cuda")]

    assert found[0]["d"].key != found[1]["d"].key
    assert found[0]["n"].key == found[1]["n"].key


def test_two_registries_with_a_type_of_one_name_share_nothing(tmp_path: Path) -> None:
    @node(name="Make")
    def one(value: int) -> int:
        return 1

    @node(name="Make")
    def two(value: int) -> int:
        return 2

    lab = Lab(tmp_path, [one])
    assert lab.value(flow(m=use("Make", value=0)), "m") == 1

    lab.registry = Registry([two])

    assert lab.value(flow(m=use("Make", value=0)), "m") == 2
