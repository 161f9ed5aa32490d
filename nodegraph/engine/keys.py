"""Content-addressed keys and value digests (BLAKE3, 32 bytes), equal in every process."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from blake3 import blake3

from nodegraph.engine.tensors import array_buffer, has_bytes, is_array
from nodegraph.graph.node import NodeType

__all__ = ["constant_digest", "digest_value", "node_prefix", "opaque_digest"]

_DEEP = 60


class _Opaque(Exception):
    """The value has no content that can be hashed."""


def node_prefix(node_type: NodeType, pack_version: str) -> bytes:
    """The part of every key of a node type: its name, version, code and package version."""
    parts = [node_type.name, node_type.version, node_type.pack, pack_version, node_type.code]
    return blake3(json.dumps(parts).encode()).digest()


def opaque_digest(key: bytes, output: int) -> bytes:
    """The digest of an opaque value: who made it, and which output it was."""
    return blake3(b"opaque" + key + struct.pack("<I", output)).digest()


def digest_value(value: Any) -> bytes | None:
    """The digest of a plain value's content, or None if it (or a part of it) is opaque.

    Plain are None, bool, int, float, str, bytes, arrays, tensors, enums, and lists, tuples,
    dicts and frozen dataclasses of those, unless their class sets `__opaque__`.
    """
    cls = type(value)
    if cls in _SCALARS:
        return blake3(_scalar(cls, value)).digest()
    hasher = blake3()
    try:
        _feed(hasher, value, 0)
    except _Opaque:
        return None
    return hasher.digest()


def _feed(hasher: Any, value: Any, depth: int) -> None:
    cls = type(value)
    if cls in _SCALARS:
        hasher.update(_scalar(cls, value))
    elif depth > _DEEP or getattr(cls, "__opaque__", False):
        raise _Opaque
    elif isinstance(value, Enum):
        hasher.update(f"{cls.__module__}.{cls.__qualname__}.{value.name}\0".encode())
    elif is_array(value):
        if not has_bytes(value):
            raise _Opaque
        head, buffer = array_buffer(value)
        hasher.update(head.encode() + struct.pack("<Q", len(buffer)))
        hasher.update(buffer)
    elif isinstance(value, list | tuple):
        hasher.update(f"{cls.__name__} {len(value)}".encode())
        for item in value:
            _feed(hasher, item, depth + 1)
    elif isinstance(value, dict):
        hasher.update(f"dict {len(value)}".encode())
        for name, item in sorted(value.items(), key=lambda pair: repr(pair[0])):
            _feed(hasher, name, depth + 1)
            _feed(hasher, item, depth + 1)
    elif is_dataclass(value) and cls.__dataclass_params__.frozen:
        hasher.update(f"{cls.__module__}.{cls.__qualname__}".encode())
        for field in fields(value):
            _feed(hasher, getattr(value, field.name), depth + 1)
    else:
        raise _Opaque


def _scalar(cls: type, value: Any) -> bytes:
    name, stored = _SCALARS[cls]
    data = stored(value)
    return b"%b%b%b" % (name, len(data).to_bytes(8, "little"), data)


_SCALARS: dict[type, tuple[bytes, Callable[[Any], bytes]]] = {
    type(None): (b"NoneType", lambda v: b""),
    bool: (b"bool", lambda v: b"1" if v else b"0"),
    int: (b"int", b"%x".__mod__),
    float: (b"float", struct.Struct("<d").pack),
    str: (b"str", lambda v: v.encode("utf-8", "surrogatepass")),
    bytes: (b"bytes", bytes),
}


def constant_digest(value: Any, key: bytes, place: str) -> bytes:
    """The digest of a value inside a fragment; an opaque one is known by who made it and where."""
    return digest_value(value) or blake3(b"constant" + key + place.encode()).digest()
