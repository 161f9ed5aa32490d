"""What can go wrong with stored things; messages are for the client.

NodegraphError
├── StoreError              the store cannot be used at all
│   └── DataDirectoryBusy   another server has the data directory
├── QueueFull               the queue holds as many jobs as it may
├── IdempotencyMismatch     a key was used before for another request
├── NotFound                no such job, asset or workflow (or it is somebody else's)
├── WrongState              the job is not in a state that allows this
├── Conflict                somebody else saved a newer version
├── TooLarge                more bytes than an asset may have
├── MissingAsset            a workflow refers to an asset that the client does not have
├── UiFormat                the file of ComfyUI's editor where its API format is taken
├── Starting                the node types are not known yet
└── WorkerDied              the worker process ended while something waited for it
"""

from __future__ import annotations

from nodegraph.errors import NodegraphError, WorkflowFileError

__all__ = [
    "Conflict",
    "DataDirectoryBusy",
    "IdempotencyMismatch",
    "MissingAsset",
    "NotFound",
    "QueueFull",
    "Starting",
    "StoreError",
    "TooLarge",
    "UiFormat",
    "WorkerDied",
    "WrongState",
]


class StoreError(NodegraphError):
    """The store cannot be opened: it is newer than this program, locked, or not a database."""


class DataDirectoryBusy(StoreError):
    """Another server has the data directory; the message says which."""


class QueueFull(NodegraphError):
    """The queue holds as many jobs as it may."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the queue is full: it holds {limit} jobs; try again later")
        self.limit = limit


class IdempotencyMismatch(NodegraphError):
    """The idempotency key was used before, for another request."""


class NotFound(NodegraphError):
    """There is no such thing, or it belongs to somebody else."""


class WrongState(NodegraphError):
    """The job's state does not allow this."""


class Conflict(NodegraphError):
    """Somebody else saved a newer version; `version` is theirs."""

    def __init__(self, message: str, version: int) -> None:
        super().__init__(message)
        self.version = version


class TooLarge(NodegraphError):
    """More bytes than an asset may have."""


class MissingAsset(NodegraphError):
    """A workflow refers to an asset that is malformed, unknown or somebody else's."""

    def __init__(self, message: str, node: str, field: str) -> None:
        super().__init__(f"node '{node}', '{field}': {message}")
        self.node, self.field = node, field


class UiFormat(WorkflowFileError):
    """The file of ComfyUI's editor where its API format is taken."""


class Starting(NodegraphError):
    """The node types are not known yet: the first worker is still loading them."""


class WorkerDied(NodegraphError):
    """The worker process ended while something waited for it."""
