"""Forgetting finished jobs by age and size, and what crashes leave behind."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from nodegraph.errors import NodegraphError
from nodegraph.jobs.assets import AssetStore
from nodegraph.jobs.model import Job, JobOutput
from nodegraph.jobs.store import JobStore

__all__ = ["Retention", "remove_temporary"]

_TEMPORARY = re.compile(r"(\.(.+\.)?|.+\.)[0-9a-f]{8}\.tmp")


class Retention:
    """How long finished jobs and their results are kept. Never deletes what is pinned.

    Args:
        roots: the folders below which a job's files may be deleted with it.
        max_age: seconds; None for ever.
        max_bytes: of all outputs together; the oldest jobs go first; None for no limit.
    """

    def __init__(
        self,
        jobs: JobStore,
        assets: AssetStore,
        roots: list[Path],
        *,
        max_age: float | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self._jobs, self._assets, self._roots = jobs, assets, [root.resolve() for root in roots]
        self.max_age, self.max_bytes = max_age, max_bytes

    def apply(self) -> list[str]:
        """Delete what is over the limits; returns the ids of the jobs that went. Blocks."""
        gone = []
        if self.max_age is not None:
            before = self._jobs.clock() - self.max_age
            while went := [job.id for job in self._jobs.expired(before) if self.forget(job)]:
                gone += went
        return gone + [name for name in self._heavy() if self._forget(name)]

    def _heavy(self) -> list[str]:
        if self.max_bytes is None:
            return []
        sizes = self._jobs.sizes()
        over = sum(size for _, size, _ in sizes) - self.max_bytes
        going = []
        for name, size, pinned in sizes:
            if over <= 0:
                break
            if not pinned and size:
                going.append(name)
                over -= size
        return going

    def _forget(self, job_id: str) -> bool:
        try:
            return self.forget(self._jobs.get(job_id))
        except NodegraphError:
            return False

    def forget(self, job: Job) -> bool:
        """Delete a finished job with its files; false if it was deleted or pinned meanwhile."""
        with suppress(NodegraphError):
            self._jobs.delete(job.id, pinned=False)
            self._assets.forget_job(job.id)
            for output in job.outputs:
                if output.path is not None:
                    self._unlink(output, Path(output.path))
            return True
        return False

    def _unlink(self, output: JobOutput, path: Path) -> None:
        """Delete a result, unless another job made it too (a reused node's file is shared)."""
        inside = any(path.resolve().is_relative_to(root) for root in self._roots)
        with self._assets.lock, suppress(OSError):  # or a job could record it in between
            if inside and not self._jobs.has_output(output):
                path.unlink()


def remove_temporary(folders: list[Path]) -> int:
    """Delete the half-written files that a killed process left; returns how many.

    Call it while no worker runs: what it finds is then nobody's.
    """
    count = 0
    for folder in folders:
        for path in folder.rglob("*.tmp"):
            if _TEMPORARY.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                with suppress(OSError):
                    path.unlink()
                    count += 1
    return count
