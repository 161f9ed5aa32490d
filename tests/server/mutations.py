"""Workflows with mistakes: real ones, changed at random places in ways that people and programs
get them wrong. Everything follows from a seed."""

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

from tests.jobs.making import link, saying, through, workflow

ROOT = Path(__file__).resolve().parents[2]

NUMBERS = (0, 1, -1, 0.5, -0.0, 7, 2**31, 2**53 + 1, 2**63, 2**64, -(2**70), 10**400)
FLOATS = (1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"))
TEXTS = (
    *("", " ", "0", "true", "NaN", "random", "node", "__value__", "a/b", "../../etc/passwd"),
    *(
        "\0",
        "\x1b[31m",
        "\r\nX-Injected: 1",
        "a\u202eb",
        "\U0001f600",
        "e\u0301",
        "\ufeff",
        "\ud800",
    ),
    *(
        "\ufdfa" * 50,
        "{0.__class__}",
        "%(x)s",
        "<script>alert(1)</script>",
        "'; DROP TABLE jobs;--",
    ),
    *("\ud800", "x" * 300, "x" * 70_000),
)
LINKS: tuple[Any, ...] = (
    *(["1", 0], ["1", -1], ["1", 10**9], ["nobody", 0], [1, 0], ["2", "0"], ["2"], ["2", 0, 0]),
    *({"node": "1"}, {"node": "save", "output": "str"}, {"node": ["echo"], "output": 0}),
)
REFERENCES: tuple[Any, ...] = (
    *({"value": 1}, {"__value__": [1]}, {"__type": "core/ASSET"}),
    {"__type": "core/ASSET", "info": {"id": "none"}},
    {"__type": "core/ASSET", "info": {"id": ["x"], "hash": 3}},
)
EMPTY: tuple[Any, ...] = (None, True, False, [], {}, [[]], [{}], {"": ""}, [1, 2, 3])
VALUES: tuple[Any, ...] = (*NUMBERS, *FLOATS, *TEXTS, *LINKS, *REFERENCES, *EMPTY)
"""What is put in the place of something else. Text that is no Unicode is among it."""

NAMES = ("class_type", "inputs", "nodes", "type", "version", "nodegraph", "links", "mode", "id", "")

JOBS: dict[str, dict[str, Any]] = {
    "saying": saying(),
    "said by scripts": {
        "1": {"class_type": "Echo", "inputs": {"value": "hello"}},
        "2": {"class_type": "Join", "inputs": {"first": ["1", 0], "second": "!"}},
        "3": {"class_type": "SaveText", "inputs": {"text": ["2", 0]}, "_meta": {"title": "Save"}},
    },
    "shown by scripts": {
        "4": {"class_type": "Dice", "inputs": {"seed": 12}},
        "5": {"class_type": "Slow", "inputs": {"text": ["4", 0], "steps": 2}},
        "6": {"class_type": "ShowText", "inputs": {"text": ["5", 0]}},
        "7": {"class_type": "SaveText", "inputs": {"text": ["4", 0], "name": "dice"}},
    },
    "dice": through("Dice", seed="random"),
    "steps": through("Slow", steps=2),
    "two ends": workflow(
        a={"type": "Echo", "value": "a"},
        b={"type": "Dice", "seed": 7},
        c={"type": "Join", "first": link("a"), "second": link("b")},
        save={"type": "SaveText", "text": link("c"), "name": "%date%/fuzz"},
        show={"type": "ShowText", "text": link("a")},
    ),
}
"""Workflows of the test pack, which take no time to run. None says how long to sleep: a sleep that
hears no cancel ends with the worker, and rightly so."""


def pictures() -> dict[str, dict[str, Any]]:
    """Workflows that need models and time: the examples, and files of ComfyUI of both formats."""
    paths = [*(ROOT / "workflows").glob("*.json"), *(ROOT / "tests/data/comfy").glob("*.json")]
    return {path.name: json.loads(path.read_bytes()) for path in sorted(paths)}


class Mutator:
    """Makes mistakes in documents.

    Args:
        documents: what is changed; also where other values and types are taken from.
    """

    def __init__(self, documents: dict[str, dict[str, Any]], random: Random) -> None:
        self._documents, self._random = [*documents.values()], random
        self._api = [document for document in self._documents if _is_api(document)]
        found = (value for document in self._documents for value in _types(document))
        self._types = sorted(set(found))

    def document(self, api: bool = False) -> Any:
        """A workflow with one to five mistakes; now and then with none.

        Args:
            api: rather one in ComfyUI's API format.
        """
        some = self._api if api and self._random.random() < 0.8 else self._documents
        made = copy.deepcopy(self._random.choice(some))
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 2, 3, 5))):
            made = self._once(made)
        return made

    def text(self, body: Any) -> bytes:
        """A body as JSON; now and then damaged, or of what is no JSON."""
        data = json.dumps(body, ensure_ascii=self._random.random() < 0.5)
        raw = data.encode("utf-8", "surrogatepass")
        chance = self._random.random()
        if chance < 0.01:
            return raw[: self._random.randrange(len(raw))]
        if chance < 0.02:
            place = self._random.randrange(len(raw))
            return raw[:place] + bytes([self._random.randrange(256)]) + raw[place + 1 :]
        if chance < 0.025:
            return raw.replace(b"null", b"[" * 50_000 + b"]" * 50_000, 1)
        return raw

    def _once(self, document: Any) -> Any:
        kinds = [self._replace, self._replace, self._remove, self._rename, self._swap]
        kinds += [self._retype, self._relink, self._nest, self._double, self._transplant]
        places = _places(document)
        if not places:
            return self._random.choice(self._documents)
        self._random.choice(kinds)(document, places)
        return document

    def _pick(self, document: Any, places: list[tuple[Any, ...]]) -> tuple[Any, Any]:
        *way, last = self._random.choice(places)
        for part in way:
            document = document[part]
        return document, last

    def _replace(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        inside[key] = copy.deepcopy(self._random.choice(VALUES))

    def _remove(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        del inside[key]

    def _rename(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        if isinstance(inside, dict):
            names = (*NAMES, key.upper(), key + "_", self._random.choice(TEXTS))
            inside[self._random.choice(names)] = inside.pop(key)

    def _swap(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        other = self._random.choice([*inside] if isinstance(inside, dict) else range(len(inside)))
        inside[key], inside[other] = inside[other], inside[key]

    def _retype(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        found = [place for place in places if place[-1] in ("type", "class_type")]
        if found:
            inside, key = self._pick(document, found)
            inside[key] = self._random.choice(self._types)

    def _relink(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        """A link to any node, the node itself included."""
        nodes = document.get("nodes", document)
        names = [*nodes] if isinstance(nodes, dict) else ["1", 4]
        found = [place for place in places if "inputs" in place[:-1]]
        if found and names:
            inside, key = self._pick(document, found)
            name = self._random.choice(names)
            made = (
                [name, self._random.randrange(3)],
                {"node": name, "output": "str"},
                {"node": name},
            )
            inside[key] = self._random.choice(made)

    def _nest(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        for _ in range(self._random.choice((1, 10, 60, 125, 150))):
            inside[key] = [inside[key]] if self._random.random() < 0.5 else {"a": inside[key]}

    def _double(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        inside, key = self._pick(document, places)
        if isinstance(inside, list):
            inside.append(copy.deepcopy(inside[key]))
        else:
            inside[f"{key} {self._random.randrange(1000)}"] = copy.deepcopy(inside[key])

    def _transplant(self, document: Any, places: list[tuple[Any, ...]]) -> None:
        other = self._random.choice(self._documents)
        taken, name = self._pick(other, _places(other))
        inside, key = self._pick(document, places)
        inside[key] = copy.deepcopy(taken[name])


def _places(value: Any) -> list[tuple[Any, ...]]:
    """The way to every value in a document; not into what is nested very deep."""
    found: list[tuple[Any, ...]] = []
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(value, ())]
    while waiting:
        inside, way = waiting.pop()
        items = inside.items() if isinstance(inside, dict) else enumerate(inside)
        for key, inner in items:
            found.append((*way, key))
            if isinstance(inner, dict | list) and len(way) < 12:
                waiting.append((inner, (*way, key)))
    return found


def _is_api(document: dict[str, Any]) -> bool:
    return all(isinstance(node, dict) and "class_type" in node for node in document.values())


def _types(document: Any) -> list[str]:
    """The node types that a document names."""
    found = []
    for place in _places(document):
        inside = document
        for part in place:
            inside = inside[part]
        if place[-1] in ("type", "class_type") and isinstance(inside, str):
            found.append(inside)
    return found
