"""What server and worker say to each other: frames over a socket pair.

A frame is a header and a payload, each with its length before it (4 bytes, big-endian): the
header is a JSON object, the payload is bytes (a workflow, a preview, the node schemas).

To the worker, `do` names the order:
    run       job, targets, output_dir, input_dirs; payload: the workflow as JSON
    cancel    job
    update    ask; payload: a document that holds nodes of older versions; answered at once
    free      let go of cached values and idle models
    stop      end after the running job

From the worker, `is` names what happened:
    ready     pid, versions, devices, models (kind -> name -> path); payload: the node schemas
    heartbeat rss, cache_bytes, devices
    updated   ask, updates: [{node, type, before, after, error}, ...]; payload: the document
    plan      job, nodes: [[id, type, weight], ...]
    node      job, node, type, status, reason, seconds, error
    progress  job, node, value, total
    preview   job, node, width, height; payload: a JPEG
    output    job, node, name, type, path, text, temporary, hash, size
    done      job, status, seconds, error
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

__all__ = ["MAX_HEADER", "MAX_PAYLOAD", "Decoder", "Frame", "ProtocolError", "encode"]

MAX_HEADER = 64 * 2**20
MAX_PAYLOAD = 256 * 2**20
_LENGTH = struct.Struct(">I")


class ProtocolError(Exception):
    """What came is no frame; the connection is of no use any more."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    header: dict[str, Any]
    payload: bytes = b""


def encode(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """A frame as bytes.

    Raises:
        ValueError: it is larger than the other side would take.
    """
    text = json.dumps(header, separators=(",", ":")).encode()
    if len(text) > MAX_HEADER or len(payload) > MAX_PAYLOAD:
        raise ValueError(f"a message of {len(text)} + {len(payload)} bytes is too large")
    return b"".join((_LENGTH.pack(len(text)), text, _LENGTH.pack(len(payload)), payload))


class Decoder:
    """Puts frames together from whatever pieces arrive."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole by now.

        Raises:
            ProtocolError: a length is beyond the limits, or a header is no JSON object.
        """
        self._buffer += data
        found: list[Frame] = []
        start = 0
        while (read := self._read(start)) is not None:
            frame, start = read
            found.append(frame)
        del self._buffer[:start]
        return found

    def _read(self, start: int) -> tuple[Frame, int] | None:
        header = self._part(start, MAX_HEADER)
        if header is None:
            return None
        payload = self._part(header[1], MAX_PAYLOAD)
        if payload is None:
            return None
        try:
            parsed = json.loads(header[0])
        except ValueError as error:
            raise ProtocolError(f"a header is not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise ProtocolError("a header is not an object")
        return Frame(parsed, payload[0]), payload[1]

    def _part(self, start: int, most: int) -> tuple[bytes, int] | None:
        body = start + _LENGTH.size
        if len(self._buffer) < body:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer, start)
        if length > most:
            raise ProtocolError(f"a message of {length} bytes is too large")
        end = body + length
        return (bytes(self._buffer[body:end]), end) if len(self._buffer) >= end else None
