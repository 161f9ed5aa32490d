"""Names of workflows, drafts and input files: folders with `/`, one segment of a path as `%2F`."""

from __future__ import annotations

import unicodedata

from aiohttp import web

from nodegraph.server.errors import ApiError

__all__ = ["UNNAMED", "checked_name", "path_name"]

LONGEST = 200
UNNAMED = "~"
"""Drafts of workflows without a name have keys that begin with this; no workflow has."""


def path_name(request: web.Request, *, unnamed: bool = False) -> str:
    """The `{name}` of the path, checked.

    Raises:
        ApiError: 400 `invalid_name`.
    """
    return checked_name(request.match_info["name"], unnamed=unnamed)


def checked_name(name: str, *, unnamed: bool = False) -> str:
    """A name that can stand in a list, a URL and a file system.

    Args:
        unnamed: whether it may be the key of a draft without a name.

    Raises:
        ApiError: 400 `invalid_name`; says why.
    """
    why = _fault(name, unnamed)
    if why is not None:
        raise ApiError(400, "invalid_name", f"this is no name: {why}", {"name": name[:LONGEST]})
    return name


def _fault(name: str, unnamed: bool) -> str | None:
    if not 1 <= len(name) <= LONGEST:
        return f"it has {len(name)} characters, of 1 to {LONGEST}"
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in name) or "\\" in name:
        return "it holds a control character or a backslash"
    if name.startswith(UNNAMED) and not unnamed:
        return f"names that begin with {UNNAMED} are for drafts without a name"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return "a folder or the name itself is empty, '.' or '..'"
        if part != part.strip():
            return "a folder or the name itself begins or ends with a space"
    return None
