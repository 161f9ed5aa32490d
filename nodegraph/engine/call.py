"""Calling one node's function: once, or once for each element of the lists it is mapped over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from nodegraph.errors import NodeError
from nodegraph.graph.planned import PlannedNode
from nodegraph.graph.wire import Wire
from nodegraph.graph.workflow import Workflow

__all__ = ["call", "call_async"]

Inputs = Mapping[str, Any]


def call(planned: PlannedNode, inputs: Inputs, check: Callable[[], None]) -> tuple[Any, ...]:
    """Run a plain node; `check` is called between the elements of a mapped one."""
    function = planned.type.function
    if not planned.mapped:
        return _as_outputs(planned, function(**inputs))
    results = []
    for element in _elements(planned, inputs):
        check()
        results.append(_as_outputs(planned, function(**element)))
    return _gather(planned, results)


async def call_async(
    planned: PlannedNode, inputs: Inputs, check: Callable[[], None]
) -> tuple[Any, ...]:
    """Run a node whose function is `async def`."""
    function: Callable[..., Awaitable[Any]] = planned.type.function
    if not planned.mapped:
        return _as_outputs(planned, await function(**inputs))
    results = []
    for element in _elements(planned, inputs):
        check()
        results.append(_as_outputs(planned, await function(**element)))
    return _gather(planned, results)


def _elements(planned: PlannedNode, inputs: Inputs) -> Iterator[dict[str, Any]]:
    lengths = {name: len(inputs[name]) for name in planned.mapped}
    longest = max(lengths.values()) if 0 not in lengths.values() else 0
    uneven = {name: n for name, n in lengths.items() if n not in (1, longest)}
    if uneven:
        listed = ", ".join(f"'{name}' has {n}" for name, n in lengths.items())
        raise NodeError(f"the lists it is run over differ in length: {listed}")
    for i in range(longest):
        picked = {n: inputs[n][i if lengths[n] > 1 else 0] for n in planned.mapped}
        yield {**inputs, **picked}


def _gather(planned: PlannedNode, results: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    if any(output.wire.is_list for output in planned.outputs):
        columns = list(zip(*results, strict=True)) if results else [()] * len(planned.wires)
        return tuple(
            [item for one in column for item in one] if output.wire.is_list else list(column)
            for output, column in zip(planned.outputs, columns, strict=True)
        )
    if not results:
        return tuple([] for _ in planned.wires)
    return tuple(list(column) for column in zip(*results, strict=True))


def _as_outputs(planned: PlannedNode, result: Any) -> tuple[Any, ...]:
    if planned.type.expands and isinstance(result, Workflow):
        if planned.mapped:
            raise NodeError("it grows the graph and takes no list in place of one value")
        return (result,)
    outputs = planned.outputs
    if not outputs:
        return ()
    values: tuple[Any, ...] = (result,)
    if len(outputs) == 1 and type(result) in outputs[0].wire.types and not outputs[0].wire.is_list:
        return values
    fields = getattr(type(result), "_fields", None)
    if fields is not None and fields == tuple(output.name for output in outputs):
        values = tuple(result)
    elif len(outputs) > 1:
        names = ", ".join(output.name for output in outputs)
        raise NodeError(
            f"it must return a NamedTuple of {names}; it returned {type(result).__name__}"
        )
    for output, value in zip(outputs, values, strict=True):
        if not output.wire.holds(value):
            raise NodeError(
                f"its output '{output.name}' must be {output.wire.name}, "
                f"it returned {_kind(value, output.wire)}"
            )
    return values


def _kind(value: Any, wanted: Wire) -> str:
    if isinstance(value, list) and wanted.is_list:
        element = wanted.element()
        odd = next(i for i, one in enumerate(value) if not element.holds(one))
        return f"a list whose element {odd} is {type(value[odd]).__name__}"
    return type(value).__name__
