"""Saved workflows: every save is a version, nobody overwrites what they have not seen.

Beside the versions, each workflow has at most one draft: what an editor had open and unsaved.
A deleted workflow leaves a mark that goes on counting, so that a tab which still shows an old
version can never overwrite what is saved later under the same name. Drafts are told apart by
their content, so that no tab overwrites another's unsaved edit without having seen it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from blake3 import blake3
from sqlalchemy import Connection, and_, delete, func, insert, select, update

from nodegraph.jobs.database import Database
from nodegraph.jobs.errors import Conflict, NotFound
from nodegraph.jobs.tables import workflows

__all__ = ["ANY", "KEPT_VERSIONS", "SavedWorkflow", "WorkflowInfo", "WorkflowStore"]

KEPT_VERSIONS = 100
"""How many versions of one workflow are kept."""
ANY = "*"
"""Over whatever draft there is."""

_MINE = workflows.c


@dataclass(frozen=True)
class WorkflowInfo:
    """A saved workflow or draft without its document. Times are seconds since 1970."""

    name: str
    version: int
    saved_at: float
    size: int


@dataclass(frozen=True)
class SavedWorkflow:
    """A version of a workflow; `document` is the JSON text as it was saved.

    Of a draft, `version` is the version it was begun from (0 for none).
    """

    name: str
    version: int
    saved_at: float
    document: str

    @property
    def revision(self) -> str:
        """Says which content this is, from which version: two drafts with it are the same."""
        return blake3(f"{self.version} {self.document}".encode()).hexdigest()[:32]


class WorkflowStore:
    """The saved workflows of all owners. Every method blocks for a moment."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    def save(
        self,
        owner: str,
        name: str,
        document: str,
        base_version: int | None = None,
        *,
        draft: tuple[str, str] | None = None,
    ) -> SavedWorkflow:
        """Save the next version, and drop the draft that holds the same.

        Args:
            document: the workflow as JSON text.
            base_version: the version that was edited; None for a new workflow.
            draft: name and revision of another draft to drop: the edit that is saved.

        Raises:
            Conflict: the newest version is another than `base_version`.
        """
        with self._database.write() as db:
            newest = self._newest(db, owner, name)
            there = newest is not None and bool(newest.document)
            last = newest.version if newest is not None else 0
            if there and base_version != last:
                edited = f"version {base_version}" if base_version else "nothing"
                text = f"'{name}' is at version {last} by now, this edit began from {edited}"
                raise Conflict(text, last)
            if not there and base_version is not None:
                raise Conflict(f"'{name}' was deleted meanwhile", last)
            made = SavedWorkflow(name, last + 1, self._clock(), document)
            db.execute(insert(workflows).values(owner=owner, draft=0, **vars(made)))
            mine = (_MINE.owner == owner, _MINE.name == name)
            db.execute(delete(workflows).where(*mine, _MINE.draft == 1, _MINE.document == document))
            if draft is not None:
                self._drop(db, owner, *draft)
            old = last + 1 - KEPT_VERSIONS
            db.execute(delete(workflows).where(*mine, _MINE.draft == 0, _MINE.version <= old))
        return made

    def load(self, owner: str, name: str, version: int | None = None) -> SavedWorkflow:
        """A version, by default the newest.

        Raises:
            NotFound: there is no such workflow or version.
        """
        with self._database.read() as db:
            row = self._newest(db, owner, name, version)
        if row is None or not row.document:
            which = f" in version {version}" if version is not None else ""
            raise NotFound(f"there is no workflow '{name}'{which}")
        return _saved(row)

    def list(
        self, owner: str, *, search: str = "", limit: int = 100, offset: int = 0
    ) -> tuple[Sequence[WorkflowInfo], int]:
        """The newest version of each workflow by name, and how many workflows there are.

        Args:
            search: only those with this text in their name, whatever its case.
        """
        latest = (
            select(_MINE.name, func.max(_MINE.version).label("version"))
            .where(_MINE.owner == owner, _MINE.draft == 0)
            .group_by(_MINE.name)
            .subquery()
        )
        joined = workflows.join(
            latest, and_(_MINE.name == latest.c.name, _MINE.version == latest.c.version)
        )
        mine: tuple[Any, ...] = (_MINE.owner == owner, _MINE.draft == 0, _MINE.document != "")
        if search:
            found = func.lower(_MINE.name).contains(search.lower(), autoescape=True)
            # SQLite knows the lower case of ASCII only.
            mine = (*mine, found | _MINE.name.contains(search, autoescape=True))
        query = select(*_INFO).select_from(joined).where(*mine).order_by(_MINE.name)
        count = select(func.count()).select_from(joined).where(*mine)
        with self._database.read() as db:
            rows = db.execute(query.limit(limit).offset(offset)).all()
            return [_info(row) for row in rows], db.scalar(count) or 0

    def versions(
        self, owner: str, name: str, *, limit: int = 100, offset: int = 0
    ) -> Sequence[WorkflowInfo]:
        """The versions that are kept, newest first.

        Raises:
            NotFound: there is no such workflow.
        """
        self.load(owner, name)
        query = (
            select(*_INFO)
            .where(*_is(owner, name, draft=0), _MINE.document != "")
            .order_by(_MINE.version.desc())
        )
        with self._database.read() as db:
            return [_info(row) for row in db.execute(query.limit(limit).offset(offset)).all()]

    def delete(self, owner: str, name: str) -> None:
        """Delete a workflow with its versions and its draft.

        Raises:
            NotFound: there is no such workflow.
        """
        with self._database.write() as db:
            newest = self._newest(db, owner, name)
            if newest is None or not newest.document:
                raise NotFound(f"there is no workflow '{name}'")
            db.execute(delete(workflows).where(_MINE.owner == owner, _MINE.name == name))
            mark = SavedWorkflow(name, newest.version + 1, self._clock(), "")
            db.execute(insert(workflows).values(owner=owner, draft=0, **vars(mark)))

    def move(self, owner: str, name: str, to: str) -> SavedWorkflow:
        """Give a workflow, its versions and its draft another name.

        Versions go on counting where an earlier workflow of the new name ended.

        Returns:
            The newest version as it is called now.

        Raises:
            NotFound: there is no such workflow.
            Conflict: there is one of the new name, or an unsaved edit of that name.
        """
        with self._database.write() as db:
            newest, taken = self._newest(db, owner, name), self._newest(db, owner, to)
            if newest is None or not newest.document:
                raise NotFound(f"there is no workflow '{name}'")
            if taken is not None and taken.document:
                raise Conflict(f"there is a workflow '{to}' already", taken.version)
            if self._draft(db, owner, to) is not None:
                raise Conflict(f"there is an unsaved edit of '{to}'", 0)
            before = taken.version if taken is not None else 0
            mine = (_MINE.owner == owner, _MINE.name == name)
            mark = SavedWorkflow(name, newest.version + 1, self._clock(), "")
            db.execute(delete(workflows).where(*mine, _MINE.document == ""))
            db.execute(
                update(workflows).where(*mine).values(name=to, version=_MINE.version + before)
            )
            db.execute(insert(workflows).values(owner=owner, draft=0, **vars(mark)))
            return _saved(self._newest(db, owner, to))

    def journal(
        self, owner: str, name: str, document: str, base_version: int = 0, over: str | None = ANY
    ) -> SavedWorkflow:
        """Keep an unsaved edit, in place of the one that was kept before.

        Args:
            over: the revision of the draft that the client has seen last, None for none.

        Raises:
            Conflict: another draft is there than `over` says.
        """
        made = SavedWorkflow(name, base_version, self._clock(), document)
        with self._database.write() as db:
            there = self._draft(db, owner, name)
            if over != ANY and there is not None and there.revision not in (over, made.revision):
                raise Conflict(f"another unsaved edit of '{name}' was kept", there.version)
            db.execute(delete(workflows).where(*_is(owner, name, draft=1)))
            db.execute(insert(workflows).values(owner=owner, draft=1, **vars(made)))
        return made

    def draft(self, owner: str, name: str) -> SavedWorkflow | None:
        """The unsaved edit of a workflow, if one was kept."""
        with self._database.read() as db:
            return self._draft(db, owner, name)

    def drafts(self, owner: str) -> Sequence[WorkflowInfo]:
        """Every unsaved edit, newest first."""
        query = select(*_INFO).where(_MINE.owner == owner, _MINE.draft == 1)
        with self._database.read() as db:
            rows = db.execute(query.order_by(_MINE.saved_at.desc(), _MINE.number.desc())).all()
        return [_info(row) for row in rows]

    def drop_draft(self, owner: str, name: str, revision: str = ANY) -> bool:
        """Forget an unsaved edit, if it is at this revision; whether it was."""
        with self._database.write() as db:
            return self._drop(db, owner, name, revision)

    def _drop(self, db: Connection, owner: str, name: str, revision: str) -> bool:
        there = self._draft(db, owner, name)
        found = there is not None and revision in (ANY, there.revision)
        if found:
            db.execute(delete(workflows).where(*_is(owner, name, draft=1)))
        return found

    def _draft(self, db: Connection, owner: str, name: str) -> SavedWorkflow | None:
        row = db.execute(select(workflows).where(*_is(owner, name, draft=1))).one_or_none()
        return _saved(row) if row is not None else None

    def _newest(self, db: Connection, owner: str, name: str, version: int | None = None) -> Any:
        query = select(workflows).where(*_is(owner, name, draft=0))
        if version is not None:
            query = query.where(_MINE.version == version)
        return db.execute(query.order_by(_MINE.version.desc()).limit(1)).one_or_none()


_INFO = (
    workflows.c.name,
    workflows.c.version,
    workflows.c.saved_at,
    func.length(workflows.c.document).label("size"),
)


def _is(owner: str, name: str, draft: int) -> tuple[Any, ...]:
    return (_MINE.owner == owner, _MINE.name == name, _MINE.draft == draft)


def _info(row: Any) -> WorkflowInfo:
    return WorkflowInfo(row.name, row.version, row.saved_at, row.size)


def _saved(row: Any) -> SavedWorkflow:
    return SavedWorkflow(row.name, row.version, row.saved_at, row.document)
