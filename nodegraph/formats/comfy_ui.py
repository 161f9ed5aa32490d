"""The files of ComfyUI's editor (versions 0.4 and 1) as workflows of ours.

Everything that exists only in the editor is resolved: values of widgets get names, reroutes,
primitives, muted and bypassed nodes and subgraphs go. What is left is the API format, with the
ids of the file, and is read as such.
"""

from __future__ import annotations

from typing import Any

from nodegraph.formats.aliases import VIRTUAL
from nodegraph.formats.comfy_api import from_api
from nodegraph.formats.comfy_groups import group_nodes
from nodegraph.formats.comfy_layout import Sheet
from nodegraph.formats.comfy_missing import Missing, drop_missing
from nodegraph.formats.comfy_model import NodeModel, Slot, read_ui
from nodegraph.formats.comfy_sources import Gone, Output, Source, Tracer, Value
from nodegraph.formats.comfy_subgraphs import BYPASSED, MUTED, Place, expand
from nodegraph.formats.comfy_values import keep
from nodegraph.formats.comfy_widgets import by_order, by_slots
from nodegraph.formats.report import Report
from nodegraph.graph.node_type import NodeType
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow

__all__ = ["from_ui", "is_ui"]

_NOTES = ("Note", "MarkdownNote")


def is_ui(raw: object) -> bool:
    """Whether parsed JSON looks like a file of ComfyUI's editor."""
    return isinstance(raw, dict) and isinstance(raw.get("nodes"), list)


def from_ui(raw: dict[str, Any], registry: Registry) -> tuple[Workflow, Report]:
    """Read a file of ComfyUI's editor.

    Raises:
        InvalidWorkflow: it is malformed, too large, or a subgraph contains itself.
    """
    graph, subgraphs = read_ui(raw)
    report = Report("comfyui-ui")
    top = expand(graph, group_nodes(raw.get("extra")) | subgraphs, report)
    importer = _Importer(registry, report)
    for place, node in top.walk():
        importer.add(place, node)
    importer.sheet.groups(top)
    return importer.finish()


class _Importer:
    """Builds the API format, and beside it what that has no place for."""

    def __init__(self, registry: Registry, report: Report) -> None:
        self.registry = registry
        self.report = report
        self.sheet = Sheet()
        self.tracer = Tracer()
        self.document: dict[str, dict[str, Any]] = {}
        self.missing: list[Missing] = []
        self.packs: dict[str, str] = {}
        self.unnamed: dict[str, list[Any] | dict[str, Any]] = {}
        self.slots: dict[str, list[str]] = {}

    def add(self, place: Place, node: NodeModel) -> None:
        """One node of the file, in whatever way it is carried."""
        name = place.id_of(node)
        if node.type in _NOTES:
            self.sheet.note(place, node)
        elif node.type in VIRTUAL:
            return
        elif node.mode == MUTED:
            self.report.say("muted", f"{node.type} is muted and left out", name, lost=True)
        elif node.mode == BYPASSED:
            text = f"{node.type} is bypassed: what goes in is connected to what follows"
            self.report.say("bypassed", text, name)
        else:
            self._carry(place, node, name)
            self.sheet.put(place, node)

    def finish(self) -> tuple[Workflow, Report]:
        """The workflow of all nodes that were added."""
        drop_missing(self.document, self.missing, self.registry, self.report)
        made, report = from_api(self.document, self.registry, self.packs)
        for name, entry in made.nodes.items():
            if self.registry.get(entry.type) is None:
                keep(entry, widgets_values=self.unnamed.get(name), outputs=self.slots.get(name))
        for gone in self.sheet.layout.keys() - made.nodes.keys():
            del self.sheet.layout[gone]
        made.layout = self.sheet.finished(made.layout)
        report.source = self.report.source
        report.remarks = [*self.report.remarks, *report.remarks]
        return made, report

    def _carry(self, place: Place, node: NodeModel, name: str) -> None:
        node_type = self.registry.get(node.type)
        values = self._widgets(node, node_type, name)
        for (inside, widget), value in place.overrides.items():
            if inside == node.key and (widget in values or _takes(node_type, widget)):
                values[widget] = value
        inputs = {key: _wrapped(value) for key, value in values.items()}
        for slot in node.inputs:
            if slot.link is not None:
                self._connect(place, name, slot, inputs)
        self.document[name] = {"class_type": node.type, "inputs": inputs}
        if node.title is not None:
            self.document[name]["_meta"] = {"title": node.title}
        if isinstance(pack := node.properties.get("cnr_id"), str):
            version = node.properties.get("ver")
            self.packs[name] = f"{pack} {version}" if isinstance(version, str) else pack
        self.slots[name] = [slot.name for slot in node.outputs]

    def _connect(self, place: Place, name: str, slot: Slot, inputs: dict[str, Any]) -> None:
        link = place.incoming(slot)
        gone = Gone(f"link {slot.link} is not there")
        source: Source = self.tracer.trace(place, link) if link is not None else gone
        match source:
            case Output():
                inputs[slot.name] = [source.place.id_of(source.node), source.number]
            case Value():
                inputs[slot.name] = _wrapped(source.value)
            case Gone():
                self.missing.append(Missing(name, slot.name, source.why, slot.shape == 7))

    def _widgets(self, node: NodeModel, node_type: NodeType | None, name: str) -> dict[str, Any]:
        """The values written on a node, by name."""
        values = node.widgets_values
        if node_type is None:
            named = dict(values) if isinstance(values, dict) else by_slots(node)
            if named is None and values:
                self.unnamed[name] = values
                text = "its values have no names and are kept as a list"
                self.report.say("unnamed_values", text, name)
            return named or {}
        rest: list[Any]
        if isinstance(values, dict):
            named = {key: value for key, value in values.items() if _takes(node_type, key)}
            rest = [{key: value} for key, value in values.items() if key not in named]
        else:
            named, rest = by_order(node.type, node_type, values or [])
        if left := [value for value in rest if value is not None and value != ""]:
            text = f"{node_type.name} has no inputs for these of its values: {left!r:.100}"
            self.report.say("unnamed_values", text, name, lost=True)
        return {
            key: value
            for key, value in named.items()
            if value is not None or not _takes(node_type, key) or _may_be_null(node_type, key)
        }


def _takes(node_type: NodeType | None, name: str) -> bool:
    if node_type is None:
        return False
    return name in node_type.by_name or node_type.extras is not None


def _may_be_null(node_type: NodeType, name: str) -> bool:
    spec = node_type.by_name.get(name)
    return spec is None or spec.wire.optional


def _wrapped(value: Any) -> Any:
    """A literal in the API format, in which a bare list could be a link."""
    return {"__value__": value} if isinstance(value, list) else value
