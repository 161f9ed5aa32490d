"""What became of a file of another program: everything that could not be carried over, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = ["Remark", "Report"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is not in the new file as it was in the old one.

    Attributes:
        code: what kind of thing it is, for programs.
        message: the same for people.
        node: the id of the node, None for the whole file.
        lost: nothing in the new file stands for it any more.
    """

    code: str
    message: str
    node: str | None = None
    field: str | None = None
    lost: bool = False

    def __str__(self) -> str:
        place = f"node '{self.node}'" if self.node is not None else "workflow"
        if self.field is not None:
            place += f", '{self.field}'"
        return f"{place}: {self.message}"

    def as_dict(self) -> dict[str, Any]:
        """The JSON form: every field, absent ones as null."""
        return asdict(self)


@dataclass
class Report:
    """What a file was, and all remarks on reading or writing it.

    Attributes:
        source: `nodegraph`, `comfyui-api` or `comfyui-ui`.
    """

    source: str = "nodegraph"
    remarks: list[Remark] = field(default_factory=list)

    @property
    def foreign(self) -> bool:
        """Whether the file was written by another program."""
        return self.source != "nodegraph"

    @property
    def lost(self) -> list[Remark]:
        """The remarks on what is gone."""
        return [remark for remark in self.remarks if remark.lost]

    def say(
        self,
        code: str,
        message: str,
        node: str | None = None,
        field: str | None = None,
        *,
        lost: bool = False,
    ) -> None:
        """Add a remark."""
        self.remarks.append(Remark(code, message, node, field, lost))

    def lines(self, limit: int | None = 20) -> Iterator[str]:
        """For people: what is lost first, `limit` lines of it all at most."""
        ordered = sorted(self.remarks, key=lambda remark: not remark.lost)
        for remark in ordered[:limit]:
            yield f"{'not carried over: ' if remark.lost else 'note: '}{remark}"
        if limit is not None and len(ordered) > limit:
            yield f"... and {len(ordered) - limit} more"
