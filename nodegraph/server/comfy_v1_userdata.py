"""Version 1: the files and settings that a front end keeps for its user.

A file's name is one segment of the path, its `/` written as `%2F`.
"""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from nodegraph.jobs.errors import NotFound, TooLarge
from nodegraph.server.call import owner_of, read_value, service_of, settings_of
from nodegraph.server.comfy_v1_routes import answer, both
from nodegraph.server.errors import ApiError
from nodegraph.server.files import send_file
from nodegraph.server.user_files import UserFiles

__all__ = ["ROUTES"]

LONGEST_SETTINGS = 2**20
_STYLE = "user.css"
_SETTINGS = "comfy.settings.json"
_TYPES = {".css": "text/css", ".json": "application/json", ".txt": "text/plain"}
_LOCK = threading.Lock()


def files_of(request: web.Request) -> UserFiles:
    """The files of whoever asks."""
    return UserFiles(service_of(request).output_dir(owner_of(request)).parent)


@contextmanager
def _disk() -> Iterator[None]:
    """A full or read-only disk is said to be one; what was there before is untouched."""
    try:
        yield
    except OSError as error:
        status = 507 if error.errno in (errno.ENOSPC, errno.EDQUOT) else 503
        text = f"nothing was changed: {error.strerror or error}"
        raise ApiError(status, "storage_unavailable", text) from error


def _flag(request: web.Request, name: str, default: bool) -> bool:
    return request.query.get(name, str(default)).lower() == "true"


async def users(request: web.Request) -> web.Response:
    """Files are kept here, and who a user is follows from the token."""
    return answer({"storage": "server", "migrated": True})


async def list_files(request: web.Request) -> web.Response:
    """The files in a folder, as names, as names and their parts, or with size and time."""
    if "dir" not in request.query:
        raise ApiError(400, "invalid_request", "Directory not provided")
    files, name = files_of(request), request.query["dir"].strip("/")
    recurse, full = _flag(request, "recurse", False), _flag(request, "full_info", False)
    split = _flag(request, "split", False)

    def read() -> list[Any]:
        folder = files.folder_of(name)
        found = files.listing(folder, recurse=recurse)
        if full:
            return [files.described(path, folder) for path in found]
        names = [files.name_of(path, folder) for path in found]
        return [[one, *one.split("/")] for one in names] if split else names

    return answer(await service_of(request).blocking(read))


async def list_entries(request: web.Request) -> web.Response:
    """The files and folders in a folder, not what is in those."""
    files, name = files_of(request), request.query.get("path", "").strip("/")

    def describe(path: Path) -> dict[str, Any]:
        kind = "directory" if path.is_dir() else "file"
        known = files.described(path)
        if kind == "directory":
            del known["size"]
        return {"name": path.name, "type": kind, **known}

    def read() -> list[Any]:
        return [describe(path) for path in files.entries(files.folder_of(name))]

    return answer(await service_of(request).blocking(read))


async def get_file(request: web.Request) -> web.StreamResponse:
    """What a file holds."""
    files, name = files_of(request), request.match_info["file"]
    try:
        path = await service_of(request).blocking(files.path, name)
    except NotFound:
        if name == _STYLE:  # every page asks for it, whether it is there or not
            return web.Response(content_type="text/css")
        raise
    return await _send(request, path, name)


async def _send(request: web.Request, path: Path, name: str) -> web.StreamResponse:
    kind = _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
    # The page asks for the user's own style sheet by this name; no other may act as one.
    headers = {"Content-Type": "text/css; charset=utf-8"} if name == _STYLE else None
    return await send_file(request, path, name=name, content_type=kind, headers=headers)


async def put_file(request: web.Request) -> web.Response:
    """Keep the body as a file; 409 where there is one and `overwrite` is not set."""
    files, name = files_of(request), request.match_info["file"]
    try:
        data = await request.read()
    except web.HTTPRequestEntityTooLarge:
        most = settings_of(request).max_json
        raise TooLarge(f"the file is longer than the {most} bytes that are taken") from None
    overwrite = _flag(request, "overwrite", True)
    service = service_of(request)
    with _disk():
        path = await service.blocking(files.write, name, data, overwrite=overwrite)
    return await _named(request, files, path)


async def move_file(request: web.Request) -> web.Response:
    """Give a file another name; 409 where that is taken and `overwrite` is not set."""
    files, names = files_of(request), request.match_info
    overwrite = _flag(request, "overwrite", False)
    service = service_of(request)
    with _disk():
        path = await service.blocking(files.move, names["file"], names["dest"], overwrite=overwrite)
    return await _named(request, files, path)


async def _named(request: web.Request, files: UserFiles, path: Path) -> web.Response:
    if _flag(request, "full_info", False):
        return answer(await service_of(request).blocking(files.described, path))
    return answer(files.name_of(path))


async def delete_file(request: web.Request) -> web.Response:
    """Put a file away; what it held can be had back."""
    files = files_of(request)
    with _disk():
        await service_of(request).blocking(files.delete, request.match_info["file"])
    return web.Response(status=204)


async def list_former(request: web.Request) -> web.Response:
    """What a file held before it was overwritten, moved over or deleted."""
    files = files_of(request)
    return answer(await service_of(request).blocking(files.former, request.match_info["file"]))


async def get_former(request: web.Request) -> web.StreamResponse:
    """What a file held once."""
    files, names = files_of(request), request.match_info
    service = service_of(request)
    path = await service.blocking(files.former_path, names["file"], names["version"])
    return await _send(request, path, names["file"])


# -- settings ----------------------------------------------------------------------------


def _read_settings(files: UserFiles) -> dict[str, Any]:
    try:
        found = json.loads(files.path(_SETTINGS).read_bytes())
    except (NotFound, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _change_settings(files: UserFiles, changed: dict[str, Any]) -> None:
    with _LOCK:
        made = json.dumps(_read_settings(files) | changed, indent=1).encode()
        if len(made) > LONGEST_SETTINGS:
            raise TooLarge(f"the settings are longer than {LONGEST_SETTINGS} bytes")
        files.write(_SETTINGS, made, overwrite=True)


async def get_settings(request: web.Request) -> web.Response:
    """All settings: name -> value."""
    return answer(await service_of(request).blocking(_read_settings, files_of(request)))


async def get_setting(request: web.Request) -> web.Response:
    """One setting; null if it was never set."""
    found = await service_of(request).blocking(_read_settings, files_of(request))
    return answer(found.get(request.match_info["id"]))


async def put_settings(request: web.Request) -> web.Response:
    """Change some settings."""
    changed = await read_value(request)
    if not isinstance(changed, dict):
        raise ApiError(400, "invalid_request", "the settings are no object of values by name")
    with _disk():
        await service_of(request).blocking(_change_settings, files_of(request), changed)
    return web.Response()


async def put_setting(request: web.Request) -> web.Response:
    """Change one setting."""
    changed = {request.match_info["id"]: await read_value(request)}
    with _disk():
        await service_of(request).blocking(_change_settings, files_of(request), changed)
    return web.Response()


ROUTES = (
    *both("GET", "/users", users),
    *both("GET", "/settings", get_settings),
    *both("POST", "/settings", put_settings),
    *both("GET", "/settings/{id}", get_setting),
    *both("POST", "/settings/{id}", put_setting),
    *both("GET", "/userdata", list_files),
    *both("GET", "/v2/userdata", list_entries),
    *both("GET", "/userdata/{file}", get_file),
    *both("POST", "/userdata/{file}", put_file),
    *both("DELETE", "/userdata/{file}", delete_file),
    *both("POST", "/userdata/{file}/move/{dest}", move_file),
    *both("GET", "/userdata/{file}/former", list_former),
    *both("GET", "/userdata/{file}/former/{version}", get_former),
)
