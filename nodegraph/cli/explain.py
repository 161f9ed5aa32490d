"""`--explain`: every node with what became of it, why, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from nodegraph.cli.shell import printable
from nodegraph.result import Result

__all__ = ["node_table", "plain_table", "size"]

_KEY_SHOWN = 8


def node_table(result: Result) -> Table:
    """A row for each node, in the order of the run."""
    rows = [
        (
            done.node,
            result.workflow.nodes[done.node].type if done.node in result.workflow.nodes else "",
            done.status,
            done.reason,
            f"{done.seconds:.2f}" if done.status == "ran" else "",
            size(done.nbytes) if done.nbytes else "",
            done.key[:_KEY_SHOWN],
        )
        for done in result.nodes.values()
    ]
    return plain_table(("node", "type", "status", "reason", "seconds", "size", "key"), rows, {4, 5})


def plain_table(
    heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], right: set[int] | None = None
) -> Table:
    """Columns without lines between them; those numbered in `right` stand flush right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, head in enumerate(heads):
        flush = number in (right or set())
        table.add_column(head, justify="right" if flush else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


def size(count: float) -> str:
    """Bytes as people read them: `512 B`, `1.5 MiB`."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
