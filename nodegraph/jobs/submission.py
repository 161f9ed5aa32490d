"""How jobs are submitted: what a client may choose, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, TypedDict

from blake3 import blake3

from nodegraph.errors import Problem
from nodegraph.jobs.errors import WrongState
from nodegraph.jobs.model import Hook, Job, JobFormat
from nodegraph.jobs.parts import OWNER, is_name
from nodegraph.jobs.tables import NAME
from nodegraph.jobs.texts import storable, storable_value

__all__ = ["Submission", "SubmitOptions", "digest_of", "request_of"]


class Submission(NamedTuple):
    """What became of a submission.

    Attributes:
        job: the job, waiting or already further.
        new: false if it was made by an earlier request with the same idempotency key.
        problems: of the parts that were left out (only with `partial=True`).
    """

    job: Job
    new: bool
    problems: tuple[Problem, ...] = ()


class SubmitOptions(TypedDict, total=False):
    """How a job is submitted.

    Attributes:
        format: of the document; by default seen from it.
        owner: whose job it is, "local" by default.
        client_id: clients of an owner take turns.
        job_id: the id the job shall have (version 1 clients may choose it).
        idempotency_key: a repeated request with the same key gets the same job.
        body_digest: tells requests apart under one key; by default a digest of the document,
            targets and extra.
        targets: ids of the nodes to run, with what they need; None for all effect nodes.
        extra: kept with the job, never looked at.
        priority: higher runs earlier.
        front: before all that waits with the same priority.
        pinned: never deleted by retention.
        retry: queue it again if the server stops or crashes while it runs.
        partial: leave out the outputs whose branch has problems as long as any is fine
            (version 1); the problems are in the result.
        hook: who is told of its end.
    """

    format: JobFormat | None
    owner: str
    client_id: str
    job_id: str | None
    idempotency_key: str | None
    body_digest: str | None
    targets: Sequence[str] | None
    extra: dict[str, Any] | None
    priority: int
    front: bool
    pinned: bool
    retry: bool
    partial: bool
    hook: Hook | None


def request_of(options: SubmitOptions) -> dict[str, Any]:
    """What a client may choose of a `NewJob`, in a form that every database takes.

    Raises:
        WrongState: the job id is no name.
    """
    job_id, key = options.get("job_id"), options.get("idempotency_key")
    if job_id is not None and not is_name(job_id):
        raise WrongState(f"a job id has 1 to 100 letters, digits and _.@+:- signs, got '{job_id}'")
    return {
        "id": job_id,
        "owner": options.get("owner", OWNER),
        "client_id": storable(options.get("client_id", ""))[:NAME],
        "extra": storable_value(options.get("extra")),
        "priority": options.get("priority", 0),
        "front": options.get("front", False),
        "idempotency_key": blake3(key.encode("utf-8", "replace")).hexdigest() if key else None,
        "body_digest": options.get("body_digest") or "",
        "pinned": options.get("pinned", False),
        "retry": options.get("retry", False),
        "hook": options.get("hook"),
    }


def digest_of(
    source: str, targets: Sequence[str] | None, partial: bool, extra: dict[str, Any] | None
) -> str:
    """Of everything that makes two requests the same."""
    rest = json.dumps([list(targets) if targets is not None else None, partial, extra])
    return blake3(f"{source}\n{rest}".encode()).hexdigest()
