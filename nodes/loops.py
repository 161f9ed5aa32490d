"""Loops: a body, which is a workflow with inputs and outputs, run again and again.

Each returns the graph of its iterations, which runs in its place: iterations are cached one by
one, reported as `loop/0/...`, `loop/1/...`, and what they hold between is let go.
"""

from typing import Annotated, Any

from nodegraph import BodyOutputs, Extras, NodeError, Range, Workflow, node

__all__ = ["NODES"]


def _given(body: Workflow, **values: Any) -> dict[str, Any]:
    """Those of the values that the body declares as inputs."""
    return {name: value for name, value in values.items() if name in body.inputs}


def _need_outputs(body: Workflow) -> None:
    if not body.outputs:
        raise NodeError("the body declares no outputs; name what one iteration gives")


@node(category="loop", outputs_of=BodyOutputs(listed=True))
def for_each(items: list[object], body: Workflow, extras: Extras) -> Workflow:
    """Run a body once for each item of a list and gather what it gives into lists.

    The body gets the item as its input `item` and the number as `index` (from 0), if it
    declares them; further inputs of this node go to the body's inputs of the same name.

    Args:
        items: the list.
        body: a workflow with declared inputs and outputs.
    """
    _need_outputs(body)
    fragment = Workflow(name="for each")
    results: dict[str, dict[str, Any]] = {name: {} for name in body.outputs}
    for index, item in enumerate(items):
        inputs = {**extras, **_given(body, item=item, index=index)}
        made = fragment.include(body, str(index), inputs)
        for name, value in made.items():
            results[name][str(index)] = value
    for name, values in results.items():
        fragment.declare_output(name, fragment.add(gather_list, id=f"gather {name}", **values))
    return fragment


@node(category="loop", outputs_of=BodyOutputs())
def repeat(times: Annotated[int, Range(0, 100_000)], body: Workflow, extras: Extras) -> Workflow:
    """Run a body a number of times; what it gives under an input's name is carried on.

    An output of the body that has the name of one of its inputs is that input of the next
    iteration; the first one gets it from this node's input of that name. `index` counts from 0.

    Args:
        times: how often; 0 gives the carried values as they came.
        body: a workflow with declared inputs and outputs.
    """
    _need_outputs(body)
    fragment = Workflow(name="repeat")
    carried: dict[str, Any] = dict(extras)
    made: dict[str, Any] = {}
    for index in range(times):
        inputs = {k: v for k, v in carried.items() if k in body.inputs}
        made = fragment.include(body, str(index), {**inputs, **_given(body, index=index)})
        carried.update(made)
    for name in body.outputs:
        if name not in made and name not in extras:
            raise NodeError(f"with no iteration, '{name}' has no value; give it as an input")
        value = made[name] if name in made else fragment.add(pass_on, id=name, value=extras[name])
        fragment.declare_output(name, value)
    return fragment


@node(category="loop", name="While", outputs_of=BodyOutputs())
def repeat_while(
    condition: Workflow,
    body: Workflow,
    extras: Extras,
    limit: Annotated[int, Range(1, 100_000)] = 1000,
) -> Workflow:
    """Run a body as long as a condition holds, asked before each iteration.

    Values are carried as in Repeat. The condition is a workflow that declares one output, a
    boolean, and as inputs those carried values (and `index`) that it looks at.

    Args:
        condition: a workflow that says whether to go on.
        body: a workflow with declared inputs and outputs.
        limit: the number of iterations at which the loop is given up as a runaway.
    """
    _need_outputs(body)
    if len(condition.outputs) != 1:
        raise NodeError(
            f"the condition must declare one output, it declares {len(condition.outputs)}"
        )
    return _ask(condition, body, dict(extras), 0, limit)


def _ask(
    condition: Workflow, body: Workflow, carried: dict[str, Any], index: int, limit: int
) -> Workflow:
    fragment = Workflow(name="while")
    known = {**carried, "index": index}
    asked = {name: value for name, value in known.items() if name in condition.inputs}
    (answer,) = fragment.include(condition, f"{index}/condition", asked).values()
    step = fragment.add(
        while_step,
        id=f"{index}",
        go_on=answer,
        condition=condition,
        body=body,
        index=index,
        limit=limit,
        **carried,
    )
    for name in body.outputs:
        fragment.declare_output(name, getattr(step, name))
    return fragment


@node(category="loop/internal", outputs_of=BodyOutputs(), tail=True)
def while_step(
    go_on: bool, condition: Workflow, body: Workflow, index: int, limit: int, extras: Extras
) -> Workflow:
    """One step of While: made by it, not placed by hand."""
    fragment = Workflow(name="while step")
    if not go_on:
        for name in body.outputs:
            if name not in extras:
                raise NodeError(f"the loop ended before '{name}' had a value; give it as an input")
            fragment.declare_output(
                name, fragment.add(pass_on, id=f"{index} {name}", value=extras[name])
            )
        return fragment
    if index >= limit:
        raise NodeError(f"the loop did not end within its limit of {limit} iterations")
    known = {**extras, "index": index}
    inputs = {name: value for name, value in known.items() if name in body.inputs}
    made = fragment.include(body, f"{index}", inputs)
    after = _ask(condition, body, {**extras, **made}, index + 1, limit)
    fragment.nodes.update(after.nodes)
    for name, ref in after.outputs.items():
        fragment.outputs[name] = ref
    fragment.outputs = fragment.outputs
    return fragment


@node(category="group", outputs_of=BodyOutputs())
def subgraph(body: Workflow, extras: Extras) -> Workflow:
    """Several nodes drawn as one: a workflow with inputs and outputs of its own.

    Its nodes run as if they stood outside, under the ids `id of this node/their id`.

    Args:
        body: a workflow with declared inputs and outputs.
    """
    fragment = Workflow(name="subgraph")
    for name, value in fragment.include(body, "inside", extras).items():
        fragment.declare_output(name, value)
    return fragment


@node(category="list")
def gather_list(extras: Extras) -> list[object]:
    """A list of everything that is linked to it, in the order of the inputs."""
    return list(extras.values())


@node(category="loop/internal")
def pass_on(value: object) -> object:
    """The value as it is."""
    return value


NODES = (subgraph, for_each, repeat, repeat_while, while_step, gather_list, pass_on)
