"""`--set NAME=VALUE`: the value is read as what the input it names is declared to take."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from nodegraph.cli.failures import UsageError
from nodegraph.errors import InvalidWorkflow, Problem
from nodegraph.graph.node import InputSpec
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow

__all__ = ["name_settings", "read_settings", "read_value", "split_settings"]

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def split_settings(given: Sequence[str]) -> dict[str, str]:
    """Names and texts; a name given twice takes the last text.

    Raises:
        UsageError: for one without `=` or without a name.
    """
    found: dict[str, str] = {}
    for one in given:
        name, sign, text = one.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"--set takes NAME=VALUE, such as --set seed=7, got '{one}'")
        found[name.strip()] = text
    return found


def read_settings(
    texts: Mapping[str, str], workflow: Workflow, registry: Registry
) -> dict[str, Any]:
    """The values to set. What does not fit is passed on, to be refused with its range and type."""
    return {name: read_value(text, _spec(name, workflow, registry)) for name, text in texts.items()}


def name_settings(
    error: InvalidWorkflow, texts: Mapping[str, str], workflow: Workflow
) -> InvalidWorkflow:
    """The error, with `--set NAME` said in each problem of a field that was set."""
    options: dict[tuple[str | None, str | None], str] = {
        workflow.address(name): name for name in texts
    }

    def named(problem: Problem) -> Problem:
        name = options.get((problem.node, problem.field))
        return replace(problem, message=f"--set {name}: {problem.message}") if name else problem

    return type(error)([named(problem) for problem in error.problems])


def read_value(text: str, spec: InputSpec | None) -> Any:
    """A text as a value of the input's type, or as nearly one as it can be read."""
    if spec is None:
        return text
    types = spec.wire.types
    if spec.wire.is_list or not spec.check.allowed:
        return _json(text)
    if types == (str,):
        return text
    word = text.strip().lower()
    if bool in types and word in _BOOLEANS:
        return _BOOLEANS[word]
    if int in types and re.fullmatch(r"[+-]?\d{1,100}", word):
        return int(word)
    if float in types and (number := _float(word)) is not None:
        return number
    if str in types:
        return text
    return None if spec.wire.optional and word == "none" else _json(text)


def _spec(name: str, workflow: Workflow, registry: Registry) -> InputSpec | None:
    node, field = workflow.address(name)
    entry = workflow.nodes.get(node)
    node_type = registry.get(entry.type) if entry is not None else None
    return node_type.by_name.get(field) if node_type is not None else None


def _float(word: str) -> float | None:
    try:
        return float(word) if "_" not in word else None
    except ValueError:
        return None


def _json(text: str) -> Any:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value
