"""Values to bytes and back: a JSON tree in the metadata of a safetensors file. No pickle.

Arrays are stored as flat bytes with their dtype and shape in the tree. A dataclass is rebuilt
only if its class is frozen and a node pack has imported it already; decoding imports nothing.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from safetensors import safe_open

from nodegraph.engine.tensors import (
    array_buffer,
    array_kind,
    has_bytes,
    is_array,
    make_array,
)

if TYPE_CHECKING:  # a server loads this module, but never an array
    import numpy as np

__all__ = ["NotKnown", "NotStorable", "decode", "encode"]


class NotStorable(Exception):
    """The value is opaque, or of a kind that has no stored form."""


class NotKnown(Exception):
    """The value is of a class, or a kind of array, that this process has not imported."""


class Damaged(Exception):
    """The bytes are not what `encode` made."""


def encode(values: tuple[Any, ...]) -> bytes:
    """The stored form of a node's outputs.

    Raises:
        NotStorable: for opaque values.
    """
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    try:
        tree = json.dumps([_encode(value, arrays) for value in values])
    except (RecursionError, ValueError) as error:  # endless, or a number of endless digits
        raise NotStorable from error
    from safetensors.numpy import save

    return save(arrays, {"nodegraph": tree})


def decode(path: str) -> tuple[Any, ...] | None:
    """The outputs stored in a file, or None if it is missing, damaged or foreign.

    Raises:
        NotKnown: another process, which has imported more, may be able to read it.
    """
    try:
        with safe_open(path, framework="np") as file:
            tree = json.loads((file.metadata() or {})["nodegraph"])
            if not isinstance(tree, list):
                return None
            return tuple(_decode(item, file) for item in tree)
    except NotKnown:
        raise
    except Exception:  # whatever a damaged or foreign file does, it is a miss
        return None


def _encode(value: Any, arrays: dict[str, np.ndarray[Any, Any]]) -> Any:
    cls = type(value)
    if value is None or cls in (bool, int, str):
        return value
    if cls is float:
        return {"float": value.hex()}
    if cls is bytes:
        return {"bytes": base64.b64encode(value).decode()}
    if getattr(cls, "__opaque__", False):
        raise NotStorable
    if is_array(value):
        if not has_bytes(value):
            raise NotStorable
        import numpy as np

        name = str(len(arrays))
        _, buffer = array_buffer(value)
        arrays[name] = np.frombuffer(buffer, np.uint8)
        return {"array": name, "kind": array_kind(value), "shape": list(value.shape)}
    if cls in (list, tuple):
        return {cls.__name__: [_encode(item, arrays) for item in value]}
    if cls is dict:
        pairs = [[_encode(k, arrays), _encode(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    if is_dataclass(value) and _storable(cls):
        parts = {f.name: _encode(getattr(value, f.name), arrays) for f in fields(value)}
        return {"class": f"{cls.__module__}:{cls.__qualname__}", "fields": parts}
    raise NotStorable


def _storable(cls: type) -> bool:
    params = getattr(cls, "__dataclass_params__", None)
    return params is not None and params.frozen and not getattr(cls, "__opaque__", False)


def _decode(tree: Any, file: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    match tree:
        case {"float": text}:
            return float.fromhex(text)
        case {"bytes": text}:
            return base64.b64decode(text, validate=True)
        case {"array": name, "kind": kind, "shape": shape}:
            if kind.startswith("torch ") and "torch" not in sys.modules:
                raise NotKnown
            return make_array(kind, tuple(shape), file.get_tensor(name))
        case {"list": items}:
            return [_decode(item, file) for item in items]
        case {"tuple": items}:
            return tuple(_decode(item, file) for item in items)
        case {"dict": pairs}:
            return {_decode(k, file): _decode(v, file) for k, v in pairs}
        case {"class": name, "fields": parts}:
            return _class(name)(**{k: _decode(v, file) for k, v in parts.items()})
    raise Damaged


def _class(name: str) -> type:
    module, _, path = name.partition(":")
    found: Any = sys.modules.get(module)
    for part in path.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise NotKnown
    if not isinstance(found, type) or not _storable(found):
        raise Damaged
    return found
