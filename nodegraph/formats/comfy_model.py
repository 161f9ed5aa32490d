"""What ComfyUI's editor saves (versions 0.4 and 1), as far as we read it; the rest is let by."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from nodegraph.errors import InvalidWorkflow, Problem
from nodegraph.formats.comfy_api import MAX_PROBLEMS
from nodegraph.graph.literals import show

__all__ = [
    "INPUT_NODE",
    "OUTPUT_NODE",
    "Graph",
    "Group",
    "Id",
    "Lenient",
    "LinkEntry",
    "NodeModel",
    "Slot",
    "Subgraph",
    "absent_as_list",
    "read_ui",
]

INPUT_NODE, OUTPUT_NODE = "-10", "-20"
"""What links inside a subgraph name as its boundary."""

Id = int | str
"""Ids of nodes and links are numbers, in some files texts."""


class Lenient(BaseModel):
    """A part of a file, of which only what is declared is read."""

    model_config = ConfigDict(extra="ignore", strict=True)


def absent_as_list(value: Any) -> Any:
    """A list that may be left out or null."""
    return [] if value is None else value


def _absent_as_object(value: Any) -> Any:
    return {} if value is None else value


def _as_object(value: Any) -> Any:
    """A link of version 0.4, `[id, from, slot, to, slot, type]`, as version 1 has it."""
    if isinstance(value, list):
        if len(value) < 5:
            raise ValueError("expected [id, from node, from slot, to node, to slot, type]")
        names = ("id", "origin_id", "origin_slot", "target_id", "target_slot")
        return dict(zip(names, value, strict=False))
    return value


def _present(values: Any) -> Any:
    return [one for one in values if one is not None] if isinstance(values, list) else values


class Slot(Lenient):
    """An input or an output of a node; `widget` says that it stands for a widget too.

    `shape` is 7 at inputs that may be left open.
    """

    name: str = ""
    type: Any = "*"
    link: Id | None = None
    widget: Any = None
    shape: Any = None


Slots = Annotated[list[Slot], BeforeValidator(absent_as_list)]


class NodeModel(Lenient):
    """A node; `mode` 2 is muted, 4 bypassed, all else active."""

    id: Id
    type: str = Field(min_length=1)
    pos: Any = None
    size: Any = None
    mode: int = 0
    inputs: Slots = []
    outputs: Slots = []
    widgets_values: list[Any] | dict[str, Any] | None = None
    properties: Annotated[dict[str, Any], BeforeValidator(_absent_as_object)] = {}
    title: str | None = None
    color: str | None = None
    bgcolor: str | None = None

    @property
    def key(self) -> str:
        """The id as text."""
        return str(self.id)


class LinkEntry(Lenient):
    """From an output to an input; -10 and -20 are the boundary of a subgraph."""

    id: Id
    origin_id: Id
    origin_slot: int = Field(ge=0)
    target_id: Id
    target_slot: int = Field(ge=0)


class Group(Lenient):
    """A box around nodes: `bounding` is x, y, width, height."""

    title: str | None = None
    bounding: Any = None
    color: str | None = None


class Graph(Lenient):
    """One level of a workflow."""

    nodes: list[NodeModel]
    links: Annotated[
        list[Annotated[LinkEntry, BeforeValidator(_as_object)]],
        BeforeValidator(_present),
        BeforeValidator(absent_as_list),
    ] = []
    groups: Annotated[list[Group], BeforeValidator(absent_as_list)] = []

    @property
    def parts(self) -> int:
        """How many nodes and links it has."""
        return len(self.nodes) + len(self.links)

    @cached_property
    def by_key(self) -> dict[str, NodeModel]:
        """The nodes by id."""
        return {node.key: node for node in self.nodes}

    @cached_property
    def links_by_key(self) -> dict[str, LinkEntry]:
        """The links by id."""
        return {str(link.id): link for link in self.links}

    @cached_property
    def results(self) -> dict[int, LinkEntry]:
        """For a subgraph: the links to its outputs, by their number."""
        ends = (link for link in self.links if str(link.target_id) == OUTPUT_NODE)
        return {link.target_slot: link for link in ends}


class Subgraph(Graph):
    """A graph that nodes of the type `id` stand for."""

    id: str
    name: str = ""
    inputs: Slots = []
    outputs: Slots = []


class _Definitions(Lenient):
    subgraphs: Annotated[list[Subgraph], BeforeValidator(absent_as_list)] = []


class _Document(Graph):
    definitions: Annotated[_Definitions, BeforeValidator(_absent_as_object)] = _Definitions()


def read_ui(raw: dict[str, Any]) -> tuple[Graph, dict[str, Subgraph]]:
    """Check the structure of a file: the graph, and its subgraphs by id.

    Raises:
        InvalidWorkflow: with what is malformed, each with its node and field.
    """
    try:
        made = _Document.model_validate(raw)
    except ValidationError as error:
        raise InvalidWorkflow(_problems(raw, error)) from None
    graphs: list[tuple[str, Graph]] = [("", made)]
    graphs += [(f"{one.id}/", one) for one in made.definitions.subgraphs]
    if twice := [p for prefix, graph in graphs for p in _twice(prefix, graph)]:
        raise InvalidWorkflow(twice[:MAX_PROBLEMS])
    return made, {one.id: one for one in made.definitions.subgraphs}


def _twice(prefix: str, graph: Graph) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for node in graph.nodes:
        if node.key in seen:
            text = "two nodes have this id"
            found.append(Problem("duplicate_node", text, node=f"{prefix}{node.key}", field="id"))
        seen.add(node.key)
    return found


def _problems(raw: dict[str, Any], error: ValidationError) -> list[Problem]:
    found = []
    for item in error.errors(include_url=False)[:MAX_PROBLEMS]:
        node, field = _place(raw, item["loc"])
        got = show(item["input"])
        said = item["msg"].removeprefix("Value error, ")
        text = f"{said[0].lower()}{said[1:]}, got {got}"
        found.append(Problem("malformed", text, node=node, field=field, got=got))
    return found


def _place(raw: Any, place: tuple[int | str, ...]) -> tuple[str | None, str | None]:
    """The id of the node that a place in the file lies in, and the rest of the way."""
    node: str | None = None
    rest = list(place)
    inside = raw
    for depth, part in enumerate(place):
        try:
            inside = inside[part]
        except (KeyError, IndexError, TypeError):
            break
        if depth and place[depth - 1] == "nodes" and isinstance(inside, dict):
            node = str(inside.get("id", f"number {part}"))
            rest = list(place[depth + 1 :])
    shown = [str(part) for part in rest if part not in ("int", "str")]
    return node, ".".join(shown) or None
