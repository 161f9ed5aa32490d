"""`nodegraph cache show` and `nodegraph cache clear`."""

from __future__ import annotations

from dataclasses import asdict

from nodegraph.cli.explain import size
from nodegraph.cli.shell import Shell, shown
from nodegraph.engine.disk import DiskCache
from nodegraph.session import DISK_CAP, cache_folder

__all__ = ["clear", "show"]

_NEWER = "the cache was made by a later nodegraph; it is neither used nor changed"


def show(shell: Shell) -> int:
    """How much the cache on disk holds, and where."""
    cache = _open(shell)
    figures = cache.figures()
    if shell.json:
        shell.document({"cache": asdict(figures) | {"newer": cache.newer}})
        return 0
    shell.print(f"folder   {shown(figures.folder)}")
    shell.print(f"values   {figures.values}, {size(figures.bytes)} of at most {size(figures.cap)}")
    shell.print(f"records  {figures.records}")
    if cache.newer:
        shell.say(_NEWER)
    return 0


def clear(shell: Shell) -> int:
    """Remove everything from the cache on disk, and say how much that was."""
    cache = _open(shell)
    before = cache.figures()
    cache.clear()
    after = cache.figures()
    freed = before.bytes - after.bytes
    values, records = before.values - after.values, before.records - after.records
    if shell.json:
        shell.document({"freed": {"bytes": freed, "values": values, "records": records}})
    elif cache.newer:
        shell.say(_NEWER)
    else:
        shell.print(f"freed {size(freed)}: {_count(values, 'value')}, {_count(records, 'record')}")
    return 0


def _open(shell: Shell) -> DiskCache:
    return DiskCache(cache_folder(shell.data), DISK_CAP)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
