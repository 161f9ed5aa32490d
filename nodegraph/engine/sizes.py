"""How many bytes a value holds: each piece of memory once, what nobody can tell by estimate."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from dataclasses import fields, is_dataclass
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from nodegraph.engine.tensors import (
    array_storage,
    is_array,
    is_module,
    is_picture,
    module_storages,
    picture_bytes,
)

__all__ = ["storages"]

LOOKED_AT = 50_000
"""How many objects of one value, and how many parts of one container, are looked at."""
SMALL = 256
"""Containers and objects below so many bytes are no pieces of their own."""

_NUMBERS = frozenset((type(None), bool, int, float, complex))
_TEXTS = (str, bytes, bytearray)
_CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def storages(value: Any) -> dict[int, int]:
    """The pieces of memory that a value holds, by identity, with their sizes in bytes.

    Objects that know better say so with a method `__storages__() -> dict[int, int]`. Arrays,
    modules and pictures are counted exactly; containers and other objects by
    `sys.getsizeof`, of large ones only the first parts, which stand for the rest.
    """
    if type(value) is tuple and _NUMBERS.issuperset(map(type, value)):
        return {}
    found: dict[int, int] = {}
    seen: set[int] = set()
    stack = [*value] if type(value) is tuple else [value]  # the outputs; their tuple is ours
    loose = looked = unseen = 0
    while stack and looked < LOOKED_AT:
        item = stack.pop()
        if type(item) in _NUMBERS or id(item) in seen or isinstance(item, _CODE):
            continue
        seen.add(id(item))
        looked += 1
        if (known := _known(item)) is not None:
            found.update(known)
            continue
        nbytes, parts, more = _estimate(item)
        stack.extend(parts)
        unseen += more
        if nbytes < SMALL:
            loose += nbytes
        else:
            found[id(item)] = nbytes
    if left := unseen + len(stack):
        loose += loose * left // looked
    if loose >= SMALL:
        found[id(value)] = found.get(id(value), 0) + loose
    return found


def _known(item: Any) -> dict[int, int] | None:
    """The pieces of a value that can say how large it is."""
    if is_array(item):
        return dict((array_storage(item),))
    if is_module(item):
        return dict(module_storages(item))
    declared: Callable[[Any], Any] | None = getattr(type(item), "__storages__", None)
    if declared is not None:
        return dict(declared(item))
    if isinstance(item, _TEXTS):
        return {id(item): len(item)}
    return {id(item): picture_bytes(item)} if is_picture(item) else None


def _estimate(item: Any) -> tuple[int, Collection[Any], int]:
    """The bytes of a container or an object with the numbers in it; its other parts; and how
    many more there are of these that are not looked at."""
    parts = _parts(item)
    first = list(islice(parts, LOOKED_AT))
    numbers = {id(one): sys.getsizeof(one) for one in first if type(one) in _NUMBERS}
    others = [one for one in first if type(one) not in _NUMBERS]
    inside, more = sum(numbers.values()), len(parts) - len(first)
    if more:
        inside = inside * len(parts) // len(first)
        more = more * len(others) // len(first)
    return _shallow(item) + inside, others, more


def _shallow(item: Any) -> int:
    try:
        nbytes = getattr(item, "nbytes", 0)
        return sys.getsizeof(item) + (nbytes if type(nbytes) is int else 0)
    except Exception:  # an object that does not tell is not worth a run
        return object.__sizeof__(item)


def _parts(item: Any) -> Collection[Any]:
    if isinstance(item, list | tuple | set | frozenset):
        return item
    if isinstance(item, dict):
        return [*item.values(), *item] if len(item) <= LOOKED_AT else item.values()
    if is_dataclass(item):
        return [getattr(item, field.name, None) for field in fields(item)]
    held = getattr(item, "__dict__", None)
    found = list(held.values()) if isinstance(held, dict) else []
    for cls in type(item).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        names = (slots,) if isinstance(slots, str) else slots
        found += [getattr(item, name, None) for name in names if name[:2] != "__"]
    return found
