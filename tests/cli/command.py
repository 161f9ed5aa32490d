"""What the tests of the command line talk about: commands, how they ended, links."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The only entry of the document's errors."""
        (entry,) = self.document["errors"]
        return entry


Run = Callable[..., Outcome]
Start = Callable[..., "subprocess.Popen[str]"]
Write = Callable[..., Path]


def link(node: str, output: str | None = None) -> dict[str, str]:
    """A link in a workflow file."""
    return {"node": node} if output is None else {"node": node, "output": output}
