"""A workflow of ours in ComfyUI's API format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nodegraph.formats.aliases import COMFY_CLASSES, OWN, comfy_name
from nodegraph.formats.comfy_values import kept, output_names, to_literal
from nodegraph.formats.report import Report
from nodegraph.graph.node_type import NodeType
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import NodeEntry, Workflow, is_link

__all__ = ["to_api"]


def to_api(
    workflow: Workflow, registry: Registry, *, complete: bool = True
) -> tuple[dict[str, Any], Report]:
    """Write the API format.

    Args:
        complete: write the defaults of inputs that are left out: ComfyUI wants them all.

    Returns:
        The document, and a report of what has no place in it.
    """
    exporter = _Exporter(workflow, registry, Report(), complete)
    made = {name: exporter.node(name, entry) for name, entry in workflow.nodes.items()}
    exporter.rest()
    return made, exporter.report


@dataclass
class _Exporter:
    workflow: Workflow
    registry: Registry
    report: Report
    complete: bool

    def node(self, name: str, entry: NodeEntry) -> dict[str, Any]:
        """One node, with its title."""
        node_type = self.registry.get(entry.type)
        noted = kept(entry)
        class_type = self._class(name, entry, node_type, noted)
        inputs = self._inputs(name, entry, node_type, class_type)
        if isinstance(aside := noted.get("inputs"), dict):
            inputs |= {key: value for key, value in aside.items() if key not in inputs}
        if values := noted.get("widgets_values"):
            text = f"these values have no input's name, so there is no place for them: {values}"
            self._lose("unnamed_values", text[:200], name)
        fields = dict(found) if isinstance(found := noted.get("fields"), dict) else {}
        title = self._title(name)
        if title is not None:
            meta = fields.get("_meta")
            fields["_meta"] = {**(meta if isinstance(meta, dict) else {}), "title": title}
        return {"class_type": class_type, "inputs": inputs, **fields}

    def rest(self) -> None:
        """Report the parts of the workflow that the format has no place for."""
        places = self.workflow.layout.values()
        titles = all(isinstance(at, dict) and set(at) <= {"title"} for at in places)
        parts = [
            ("the declared inputs", self.workflow.inputs),
            ("the declared outputs", self.workflow.outputs),
            ("the positions, groups and notes", None if titles else self.workflow.layout),
        ]
        for what, content in parts:
            if content:
                self._lose("no_place", f"{what} have no place in the API format")

    def _class(
        self, name: str, entry: NodeEntry, node_type: NodeType | None, noted: dict[str, Any]
    ) -> str:
        if node_type is None:
            return entry.type
        original = noted.get("class_type")
        if isinstance(original, str) and self.registry.get(original) is node_type:
            return original
        made = comfy_name(node_type)
        if made not in COMFY_CLASSES:
            self._lose("unknown_to_comfyui", f"ComfyUI itself has no node '{made}'", name)
        return made

    def _inputs(
        self, name: str, entry: NodeEntry, node_type: NodeType | None, class_type: str
    ) -> dict[str, Any]:
        written = dict(entry.inputs)
        if node_type is None:
            return self._values(name, written)
        if entry.version < node_type.version and node_type.migrate is not None:
            written = self._migrated(name, node_type, written, entry.version)
        for secret in node_type.secret_names & written.keys():
            self._lose("secret", "a secret is not written into files", name, secret)
            del written[secret]
        own = OWN.get(class_type, ())
        for field in own:
            default = node_type.by_name[field].default if field in node_type.by_name else None
            if field in written and written[field] != default:
                self._lose("own_input", f"ComfyUI's {class_type} ignores it", name, field)
        made = self._values(name, written)
        if self.complete:
            for spec in node_type.inputs:
                given = spec.name in written or spec.name in own or spec.default is None
                if not given and not spec.required and spec.check.allowed:
                    made[spec.name] = to_literal(spec.default)
        return made

    def _migrated(
        self, name: str, node_type: NodeType, written: dict[str, Any], version: int
    ) -> dict[str, Any]:
        assert node_type.migrate is not None
        try:
            return node_type.migrate(dict(written), version)
        except Exception as error:
            text = f"its inputs are written as of version {version}: {error}"
            self.report.say("migration_failed", text, name)
            return written

    def _values(self, name: str, written: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for field, value in written.items():
            if not is_link(value):
                made[field] = to_literal(value)
            elif (number := self._number(value)) is not None:
                made[field] = [value["node"], number]
            else:
                text = f"it is linked to an output without a number: {value}"
                self._lose("unknown_output", text[:200], name, field)
        return made

    def _number(self, link: dict[str, Any]) -> int | None:
        """The number of the output that a link names."""
        output = link.get("output")
        if isinstance(output, str) and output.isascii() and output.isdigit() and len(output) < 9:
            return int(output)
        source = self.workflow.nodes.get(str(link["node"]))
        node_type = self.registry.get(source.type) if source is not None else None
        if source is None or node_type is None:
            return 0 if output is None else None
        names = output_names(node_type, source.inputs)
        if output is None and len(names) == 1:
            return 0
        return names.index(output) if output in names else None

    def _title(self, name: str) -> str | None:
        at = self.workflow.layout.get(name)
        title = at.get("title") if isinstance(at, dict) else None
        return title if isinstance(title, str) else None

    def _lose(
        self, code: str, text: str, node: str | None = None, field: str | None = None
    ) -> None:
        self.report.say(code, text, node, field, lost=True)
