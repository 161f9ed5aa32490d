"""What a running node may do besides compute: report, look, stop, read and write files.

It is narrow on purpose: a node that could reach the executor, the cache or other nodes could
not be reused, moved to another process or tested alone.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from nodegraph.engine.files import Files, NodeFiles
from nodegraph.errors import Cancelled

__all__ = ["CancelToken", "Context"]


class CancelToken:
    """Says to every node of one run that it should stop."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._hooks: list[Callable[[], None]] = []

    def cancel(self) -> None:
        """Ask for the stop; may be called from any thread or a signal handler."""
        self._event.set()
        for hook in self._hooks:
            hook()

    def on_cancel(self, hook: Callable[[], None]) -> None:
        """Call `hook` when the stop is asked for."""
        self._hooks.append(hook)

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise `Cancelled` if the stop was asked for."""
        if self._event.is_set():
            raise Cancelled("cancelled")


class Context:
    """Injected into a node that has a parameter of this type.

    Attributes:
        node: the node's id in the workflow.
        files: models, input files, and where results go.
        device: the torch device of the run, such as `cpu` or `cuda:0`.
        dtype: the precision asked for: `auto`, `float32`, `float16` or `bfloat16`.
    """

    __node_context__: ClassVar[bool] = True

    def __init__(
        self,
        node: str,
        files: NodeFiles,
        *,
        cancel: CancelToken | None = None,
        on_progress: Callable[[int, int], None] | None = None,
        on_preview: Callable[[Any], None] | None = None,
        device: str = "cpu",
        dtype: str = "auto",
    ) -> None:
        self.node, self.files, self.device, self.dtype = node, files, device, dtype
        self._cancel = cancel or CancelToken()
        self._on_progress = on_progress
        self._on_preview = on_preview

    @classmethod
    def local(
        cls,
        output_dir: str | os.PathLike[str] | None = None,
        input_dir: str | os.PathLike[str] | None = None,
        **options: Any,
    ) -> Context:
        """A context outside a run, for trying and testing nodes."""
        out = Path(output_dir) if output_dir is not None else Path(tempfile.mkdtemp())
        files = Files(out, output_dir=out, input_dirs=[Path(input_dir)] if input_dir else [])
        return cls("node", NodeFiles(files, "node"), **options)

    def progress(self, value: int, total: int) -> None:
        """Report that `value` of `total` steps are done."""
        if self._on_progress is not None:
            self._on_progress(value, total)

    def preview(self, image: Any) -> None:
        """Show a picture (a PIL image) of what there is so far."""
        if self._on_preview is not None:
            self._on_preview(image)

    @property
    def wants_preview(self) -> bool:
        """Whether anybody would see a preview; making one can be saved otherwise."""
        return self._on_preview is not None

    def check_cancelled(self) -> None:
        """Raise `Cancelled` if the run was cancelled; call it between steps of long work."""
        self._cancel.check()
