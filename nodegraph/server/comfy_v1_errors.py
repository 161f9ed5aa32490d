"""What we refuse, in the words of version 1: error types, and which node each belongs to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from nodegraph.errors import Problem
from nodegraph.formats.comfy_values import is_comfy_link
from nodegraph.server.comfy_v1_types import comfy_types
from nodegraph.server.errors import ApiError

__all__ = ["body_of", "error_answer", "node_errors", "refusal"]

_TYPES = {
    "bad_linked_input": "bad_linked_input",
    "dependency_cycle": "dependency_cycle",
    "duplicate_node": "invalid_prompt",
    "invalid_input_type": "invalid_input_type",
    "link_to_missing_node": "bad_linked_input",
    "link_to_missing_output": "bad_linked_input",
    "malformed": "invalid_prompt",
    "migration_failed": "exception_during_inner_validation",
    "missing_input_file": "custom_validation_failed",
    "missing_model": "value_not_in_list",
    "missing_node_type": "missing_node_type",
    "newer_node_version": "exception_during_inner_validation",
    "required_input_missing": "required_input_missing",
    "type_mismatch": "return_type_mismatch",
    "unknown_input": "custom_validation_failed",
    "value_bigger_than_max": "value_bigger_than_max",
    "value_not_in_list": "value_not_in_list",
    "value_smaller_than_min": "value_smaller_than_min",
}
"""Our code of a problem -> the type of error that says it; what is not here is an exception."""

_TITLES = {
    "bad_linked_input": "Bad linked input",
    "custom_validation_failed": "Custom validation failed for node",
    "dependency_cycle": "Dependency cycle",
    "exception_during_inner_validation": "Exception when validating inner node",
    "invalid_input_type": "Failed to convert an input value",
    "invalid_prompt": "Invalid prompt",
    "missing_node_type": "Node type not found",
    "required_input_missing": "Required input is missing",
    "return_type_mismatch": "Return type mismatch between linked nodes",
    "value_bigger_than_max": "Value bigger than max",
    "value_not_in_list": "Value not in list",
    "value_smaller_than_min": "Value smaller than min",
}
_MOST_STEPS = 200_000
_LONGEST_VALUE = 200


def error_answer(error: ApiError) -> web.Response:
    """How version 1 paths write their errors; what is wrong with a request is a 400 there."""
    status = 400 if error.status == 422 else error.status
    body = body_of(error.code, error.message, extra=error.details)
    return web.Response(
        status=status,
        text=json.dumps(body),
        content_type="application/json",
        headers=error.headers,
    )


def body_of(
    kind: str,
    message: str,
    details: str = "",
    extra: Mapping[str, Any] | None = None,
    nodes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An error as version 1 has it."""
    error = {"type": kind, "message": message, "details": details, "extra_info": dict(extra or {})}
    return {"error": error, "node_errors": dict(nodes or {})}


def refusal(
    problems: Sequence[Problem], prompt: Mapping[str, Any], effects: frozenset[str]
) -> dict[str, Any]:
    """Why nothing of a prompt can run.

    Args:
        effects: the class names of the nodes that have results.
    """
    nodes = node_errors(problems, prompt, effects)
    first = next((p for p in problems if _type_of(p) == "missing_node_type"), None)
    if first is not None and first.node is not None:
        class_type = _class_of(prompt, first.node)
        about = {"node_id": first.node, "class_type": class_type, "node_title": class_type}
        return body_of("missing_node_type", first.message, f"Node ID '#{first.node}'", about, nodes)
    malformed = next((p for p in problems if _type_of(p) == "invalid_prompt"), None)
    if malformed is not None:
        return body_of("invalid_prompt", str(malformed), nodes=nodes)
    if not nodes:
        details = "; ".join(str(problem) for problem in problems)
        return body_of("prompt_no_outputs", "Prompt has no outputs", details)
    details = "\n".join(str(problem) for problem in problems[:20])
    text = "Prompt outputs failed validation"
    return body_of("prompt_outputs_failed_validation", text, details, nodes=nodes)


def node_errors(
    problems: Iterable[Problem], prompt: Mapping[str, Any], effects: frozenset[str]
) -> dict[str, Any]:
    """The problems by node, each with the outputs that cannot be made because of it."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for problem in problems:
        if problem.node is not None:
            found[problem.node].append(_error(problem, prompt))
    dependents = _Dependents(prompt, effects)
    return {
        node: {
            "errors": errors,
            "dependent_outputs": dependents.of(node),
            "class_type": _class_of(prompt, node),
        }
        for node, errors in found.items()
    }


def _type_of(problem: Problem) -> str:
    if problem.code == "malformed" and problem.field == "class_type":
        return "missing_node_type"
    return _TYPES.get(problem.code, "exception_during_inner_validation")


def _error(problem: Problem, prompt: Mapping[str, Any]) -> dict[str, Any]:
    kind = _type_of(problem)
    extra: dict[str, Any] = {}
    if problem.field is not None:
        extra["input_name"] = problem.field
        inputs = _inputs_of(prompt.get(problem.node or ""))
        if problem.field in inputs:
            extra["received_value"] = _shown(inputs[problem.field])
            if is_comfy_link(inputs[problem.field]):
                extra["linked_node"] = inputs[problem.field]
    if kind == "return_type_mismatch" and problem.expected and problem.got:
        extra["received_type"] = comfy_types(problem.got)
        extra["expected_type"] = comfy_types(problem.expected)
    hint = f" - did you mean '{problem.nearest}'?" if problem.nearest else ""
    field = f"{problem.field}: " if problem.field is not None else ""
    details = f"{field}{problem.message}{hint}"
    return {"type": kind, "message": _TITLES[kind], "details": details, "extra_info": extra}


def _shown(value: Any) -> Any:
    """A value that was sent, unless it is too long to send back."""
    plain = isinstance(value, bool | int | float | None) or is_comfy_link(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return value if plain or len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _class_of(prompt: Mapping[str, Any], node: str) -> str:
    entry = prompt.get(node)
    found = entry.get("class_type") if isinstance(entry, dict) else None
    return found if isinstance(found, str) else ""


def _inputs_of(entry: object) -> dict[str, Any]:
    inputs = entry.get("inputs") if isinstance(entry, dict) else None
    return inputs if isinstance(inputs, dict) else {}


class _Dependents:
    """The nodes with results that need a node. What it costs is bounded for all nodes together."""

    def __init__(self, prompt: Mapping[str, Any], effects: frozenset[str]) -> None:
        self._prompt, self._effects, self._left = prompt, effects, _MOST_STEPS
        self._consumers: dict[str, list[str]] = defaultdict(list)
        for name, entry in prompt.items():
            for value in _inputs_of(entry).values():
                if is_comfy_link(value):
                    self._consumers[value[0]].append(name)

    def of(self, node: str) -> list[str]:
        """Their ids; none once the whole has become too much."""
        seen, stack, found = {node}, [node], []
        while stack and self._left > 0:
            name = stack.pop()
            if _class_of(self._prompt, name) in self._effects:
                found.append(name)
            for consumer in self._consumers.get(name, ()):
                self._left -= 1
                if consumer not in seen:
                    seen.add(consumer)
                    stack.append(consumer)
        return found
