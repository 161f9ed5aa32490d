"""Workflow + registry -> a validated plan. Linear in nodes and links; all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nodegraph.errors import InvalidWorkflow, Problem, nearest
from nodegraph.graph.collector import collector_paused
from nodegraph.graph.inputs import InputReader
from nodegraph.graph.lowering import lower
from nodegraph.graph.order import circles, in_order
from nodegraph.graph.planned import Plan, PlannedNode, Written
from nodegraph.graph.registry import Registry
from nodegraph.graph.requirements import requirement_problems
from nodegraph.graph.widgets import Names
from nodegraph.graph.workflow import Workflow, is_link

__all__ = ["check", "plan"]


def plan(
    workflow: Workflow,
    registry: Registry,
    *,
    names: Names | None = None,
    only: Sequence[str] | None = None,
    fragment: bool = False,
) -> Plan:
    """Plan a run of the workflow's effect nodes and declared outputs, or of `only` some nodes.

    Args:
        names: where model and input file names are looked up; None leaves them unchecked.
        only: ids of the nodes wanted; everything they need is planned, nothing else.
        fragment: the workflow was made by a node; its inputs may hold values of any wire type.

    Raises:
        InvalidWorkflow: with every problem of the nodes that are needed.
        MissingPart: when all that is wrong is that models or node types are not installed.
    """
    with collector_paused():
        lowered = lower(workflow, registry)
        wanted = lowered.wanted(only, registry) if only is not None else None
        planner = _Planner(lowered.workflow, registry, names, fragment, lowered.muted)
        made, problems = planner.run(wanted)
    if only and not wanted:
        problems = lowered.nothing_wanted(only)
    made.left_out = lowered.left_out
    if problems := [*requirement_problems(workflow, registry), *lowered.problems, *problems]:
        raise InvalidWorkflow.of(problems)
    return made


def check(workflow: Workflow, registry: Registry, names: Names | None = None) -> list[Problem]:
    """Every problem of every node, needed or not."""
    lowered = lower(workflow, registry)
    seen = lowered.workflow
    _, problems = _Planner(seen, registry, names, muted=lowered.muted).run(None)
    _, others = _Planner(seen, registry, names).run([*seen.nodes])
    first = [*requirement_problems(workflow, registry), *lowered.problems, *problems]
    return [*first, *(p for p in others if p not in problems)]


class _Planner:
    """One planning: the pieces of state that its steps share."""

    def __init__(
        self,
        workflow: Workflow,
        registry: Registry,
        names: Names | None,
        fragment: bool = False,
        muted: str | None = None,
    ) -> None:
        self.workflow = workflow
        self.muted = muted
        self.registry = registry
        self.fragment = fragment
        self.problems: list[Problem] = []
        self.reader = InputReader(workflow, names, self.problems, fragment)

    def run(self, only: Sequence[str] | None) -> tuple[Plan, list[Problem]]:
        targets = self._targets(only)
        needed = self._needed(targets)
        order = self._order(needed)
        outputs = Plan.outputs_of(self.workflow)
        made = Plan(self.workflow, ids=[*self.workflow.nodes], outputs=outputs)
        for node_id in order:
            self._add(made, node_id)
        if only is None:
            self._check_outputs(made)
        made.targets = tuple(made.by_id[t] for t in targets if t in made.by_id)
        made.not_needed = {
            name: Written.of(entry)
            for name, entry in self.workflow.nodes.items()
            if name not in needed
        }
        return made, self.problems

    def _targets(self, only: Sequence[str] | None) -> list[str]:
        nodes = self.workflow.nodes
        if only is not None:
            known = [name for name in only if name in nodes]
            for name in only:
                if name not in nodes:
                    self._problem("missing_node", f"there is no node '{name}'", None, name, nodes)
            return known
        found = dict.fromkeys(name for name, e in nodes.items() if self._is_effect(e.type))
        for label, ref in self.workflow.outputs.items():
            if ref.node not in nodes:
                text = f"the declared output '{label}' names node '{ref.node}', which is not there"
                self._problem("missing_node", text, None, ref.node, nodes)
            else:
                found[ref.node] = None
        unknown = [n for n, e in nodes.items() if e.type not in self.registry]
        if not found and unknown:
            return unknown
        if not found and not self.problems:
            text = "no node saves or shows a result, and no output is declared"
            expected = "e.g. a SaveImage node"
            if self.muted is not None:
                text = f"without the muted nodes, and those that need them, {text}"
                expected += ", or fewer muted nodes"
            text = f"nothing to do: {text}"
            self.problems.append(Problem("no_outputs", text, self.muted, expected=expected))
        return [*found]

    def _check_outputs(self, made: Plan) -> None:
        """Report declared outputs that name no output of their node."""
        for label, ref in self.workflow.outputs.items():
            if ref.node not in made.by_id:
                continue
            planned = made.nodes[made.by_id[ref.node]]
            names = [output.name for output in planned.outputs]
            owner = f"'{ref.node}' ({planned.type.name})"
            listed = ", ".join(names) or "(none)"
            if ref.output is None and len(names) != 1 and not planned.type.effect:
                text = f"must name one of the outputs of {owner}: {listed}"
            elif ref.output is not None and ref.output not in names:
                text = f"names output '{ref.output}' of {owner}, which has: {listed}"
            else:
                continue
            text = f"the declared output '{label}' {text}"
            self._problem("missing_output", text, None, ref.output or "", names)

    def _is_effect(self, type_name: str) -> bool:
        found = self.registry.get(type_name)
        return found is not None and found.effect

    def _problem(
        self, code: str, text: str, node: str | None, got: str, known: Iterable[str]
    ) -> None:
        close = nearest(got, [*known])
        self.problems.append(Problem(code, text, node=node, got=got, nearest=close))

    def _needed(self, targets: list[str]) -> dict[str, list[str]]:
        """The nodes that the targets depend on, each with the nodes it is linked to."""
        nodes = self.workflow.nodes
        found: dict[str, list[str]] = {}
        stack = list(reversed(targets))
        while stack:
            name = stack.pop()
            if name in found:
                continue
            sources = [v["node"] for v in nodes[name].inputs.values() if is_link(v)]
            found[name] = known = [s for s in sources if isinstance(s, str) and s in nodes]
            stack.extend(known)
        return found

    def _order(self, needed: dict[str, list[str]]) -> list[str]:
        sources = {name: needed[name] for name in self.workflow.nodes if name in needed}
        order = in_order(sources)
        if len(order) < len(sources):
            for names in circles(sources):
                shown = names[:12] + (["..."] if len(names) > 12 else [])
                path = " -> ".join([*shown, names[0]])
                text = f"these nodes feed each other in a circle: {path}"
                self.problems.append(Problem("dependency_cycle", text, node=names[0], got=path))
            ordered = set(order)
            order.extend(name for name in sources if name not in ordered)
        return order

    def _add(self, made: Plan, node_id: str) -> None:
        entry = self.workflow.nodes[node_id]
        node_type = self.registry.get(entry.type)
        if node_type is None:
            text = f"the node type '{entry.type}' is not installed"
            close = self.registry.nearest(entry.type)
            self.problems.append(
                Problem("missing_node_type", text, node=node_id, got=entry.type, nearest=close)
            )
            return
        planned = PlannedNode(len(made.nodes), node_id, node_type, {}, {})
        if not self.fragment and not node_type.looks_up:  # a fragment's values must not be held
            planned.written = Written.of(entry)
        self.reader.read(planned, entry, made)
        for name in node_type.body_names:
            if isinstance(body := planned.literals.get(name), Workflow):
                self._check_body(node_id, name, body)
        made.nodes.append(planned)
        made.by_id[node_id] = planned.index

    def _check_body(self, node_id: str, field: str, body: Workflow) -> None:
        """Report what is wrong inside a workflow that is an input, but for inputs it will get."""
        open_fields = {(ref.node, ref.input) for ref in body.inputs.values()}
        lowered = lower(body, self.registry)
        inside = _Planner(lowered.workflow, self.registry, self.reader.names)
        _, problems = inside.run([*lowered.workflow.nodes])
        for problem in [*lowered.problems, *problems]:
            if (problem.node, problem.field) not in open_fields:
                place = ".".join(filter(None, (field, problem.node, problem.field)))
                self.problems.append(replace(problem, node=node_id, field=place))
