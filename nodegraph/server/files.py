"""How the bytes of a file are sent, and how a name from a client becomes a path.

What clients upload and what nodes write is never trusted to be what it says: only types that
no browser runs anything from are shown, all else is offered for saving, as bytes.
"""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import ETag, web

from nodegraph.server.errors import ApiError

__all__ = ["content_disposition", "inside", "safe_type", "send_file"]

_FAMILIES = {
    "image": ["png", "jpeg", "webp", "gif", "avif", "bmp", "apng", "tiff", "x-icon"],
    "video": ["mp4", "webm", "ogg", "quicktime", "x-matroska"],
    "audio": ["mpeg", "wav", "x-wav", "wave", "ogg", "flac", "x-flac", "mp4", "aac", "webm"],
}
_SHOWN = frozenset(f"{family}/{kind}" for family, kinds in _FAMILIES.items() for kind in kinds)
_KEPT = frozenset(
    {
        "application/gzip",
        "application/json",
        "application/pdf",
        "application/x-ndjson",
        "application/zip",
        "text/csv",
        "text/markdown",
        "text/plain",
    }
)
_UNKNOWN = "application/octet-stream"
_FILE_POLICY = (
    "default-src 'none'; img-src 'self'; media-src 'self'; frame-ancestors 'none'; sandbox"
)
_DRIVE = re.compile(r"[A-Za-z]:")
_UNSAFE = re.compile(r"[^\w.() +,=@~^-]", re.ASCII)
# Control characters, halves of pairs, and marks that turn the direction of what follows.
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_RANGE = re.compile(r"bytes=(\d{0,19})-(\d{0,19})")
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul"] + [f"{port}{n}" for port in ("com", "lpt") for n in range(10)]
)


def inside(folder: Path, name: str) -> Path:
    """The path of `name` in `folder`; there need be nothing at it yet.

    Args:
        name: a relative path with `/`.

    Raises:
        ApiError: 400 `invalid_name`: it is no plain relative path; 403 `forbidden`: it leads
            out of the folder by a symbolic link.
    """
    wrong = _wrong_name(name)
    if wrong:
        raise ApiError(400, "invalid_name", f"{name[:200]!a} is no file name here: {wrong}")
    try:
        root = folder.resolve()
        path = root.joinpath(*name.split("/")).resolve()
    except (OSError, RuntimeError, ValueError):  # a circle of links, or too long
        raise ApiError(400, "invalid_name", "the name leads to nothing") from None
    if not path.is_relative_to(root):
        raise ApiError(403, "forbidden", "the name leads out of its folder")
    return path


def _wrong_name(name: str) -> str | None:
    """What is wrong with a relative path from a client, whatever system it is meant for."""
    if not name:
        return "it is empty"
    if len(name) > 1024:
        return "it is longer than 1024 characters"
    if _HIDDEN.search(name):
        return "it has control characters"
    if "\\" in name:
        return "it has a backslash; folders are separated by '/'"
    if name.startswith("/") or _DRIVE.match(name):
        return "it is not relative"
    for part in name.split("/"):
        if part in ("", ".", ".."):
            return f"it has the part '{part}'"
        if len(part.encode()) > 255:
            return "a part of it is longer than 255 bytes"
        if part.partition(".")[0].lower() in _DEVICES:
            return f"'{part}' is the name of a device"
        if os.name == "nt" and (":" in part or part[-1] in ". "):
            return f"'{part}' is another file's name on this system"
    return None


def safe_type(content_type: str) -> str:
    """The type under which content may be sent: what browsers could run becomes plain bytes."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind if kind in _SHOWN or kind in _KEPT else _UNKNOWN


def content_disposition(name: str, *, inline: bool) -> str:
    """The header that says what a file is called, after RFC 6266 and 5987.

    Nothing in a name can end the header or pass for a folder.
    """
    last = re.split(r"[/\\]", _HIDDEN.sub("_", name))[-1].strip(" .")[-200:] or "file"
    kind = "inline" if inline else "attachment"
    plain = _UNSAFE.sub("_", last)
    if plain == last:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(last, safe='')}"


async def send_file(
    request: web.Request,
    path: Path,
    *,
    name: str,
    content_type: str,
    inline: bool | None = None,
    headers: Mapping[str, str] | None = None,
    digest: str | None = None,
) -> web.StreamResponse:
    """Send a file, or the part that was asked for; answers GET and HEAD, Range and If-*.

    Args:
        path: a regular file; the caller has made sure that the client may see it (`inside`).
            A symbolic link in its last part is not followed.
        name: what a browser shall call it when it saves it.
        content_type: what it claims to be; sent only as far as no browser runs it.
        inline: whether a browser may show it. None and True: pictures, sound and video are
            shown, nothing else ever is; False: offered for saving in any case.
        headers: more headers, such as Cache-Control.
        digest: of the content, for the ETag; by default size and time of the last change.

    Raises:
        ApiError: 404: there is no such file; 412, 416: what If-Match or Range ask is not there.
    """
    loop = asyncio.get_running_loop()
    try:
        stream = await loop.run_in_executor(None, _open, path)
    except (OSError, ValueError):
        raise ApiError(404, "not_found", "there is no such file") from None
    try:
        return await _answer(
            request, stream, _describe(stream, name, content_type, inline, headers, digest)
        )
    finally:
        stream.close()


@dataclass(frozen=True)
class _File:
    """What is said of an open file."""

    size: int
    changed: int
    tag: str
    headers: dict[str, str]


def _open(path: Path) -> BinaryIO:
    """Open a regular file; never a device, a pipe or a link to elsewhere."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(path)
    return os.fdopen(descriptor, "rb")


def _describe(
    stream: BinaryIO,
    name: str,
    content_type: str,
    inline: bool | None,
    headers: Mapping[str, str] | None,
    digest: str | None,
) -> _File:
    found = os.fstat(stream.fileno())
    kind = safe_type(content_type)
    tag = digest or f"{found.st_mtime_ns:x}-{found.st_size:x}"
    said = {
        "Content-Type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
        "Content-Disposition": content_disposition(
            name, inline=inline is not False and kind in _SHOWN
        ),
        "Content-Security-Policy": _FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{tag}"',
        **(headers or {}),
    }
    return _File(found.st_size, int(found.st_mtime), tag, said)


async def _answer(request: web.Request, stream: BinaryIO, file: _File) -> web.StreamResponse:
    if (match := request.if_match) is not None and not _is_among(file.tag, match):
        raise ApiError(412, "precondition_failed", "the file is not the one that was asked for")
    if _is_unchanged(request, file):
        unchanged = {k: v for k, v in file.headers.items() if k in ("ETag", "Cache-Control")}
        return web.Response(status=304, headers=unchanged)
    start, end = 0, file.size
    part = _part(request, file)
    if part is not None:
        start, end = part
    response = web.StreamResponse(status=200 if part is None else 206, headers=file.headers)
    if part is not None:
        response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{file.size}"
    response.last_modified = file.changed
    response.content_length = end - start
    await response.prepare(request)
    with suppress(ConnectionError):  # the client has gone, which is its affair
        if request.method != "HEAD" and end > start:
            await _send(request, stream, start, end - start)
        await response.write_eof()
    return response


async def _send(request: web.Request, stream: BinaryIO, start: int, count: int) -> None:
    """Hand the bytes over; memory stays the same whatever the size and however slow the reader."""
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the client has gone")
    sent = await asyncio.get_running_loop().sendfile(transport, stream, start, count)
    if sent < count:  # cut short meanwhile: what was promised cannot be kept
        transport.abort()


def _is_among(tag: str, wanted: tuple[ETag, ...]) -> bool:
    return any(one.value == "*" or one.value == tag for one in wanted)


def _is_unchanged(request: web.Request, file: _File) -> bool:
    if (none_match := request.if_none_match) is not None:
        return _is_among(file.tag, none_match)
    since = request.if_modified_since
    return since is not None and file.changed <= since.timestamp()


def _part(request: web.Request, file: _File) -> tuple[int, int] | None:
    """First byte and the one after the last, if a part was asked for; several are sent whole."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or asked[0] == "bytes=-" or not _still(request, file):
        return None
    first, last = asked[1], asked[2]
    if not first:
        start, end = max(0, file.size - int(last)), file.size
    else:
        start, end = int(first), min(file.size, int(last) + 1 if last else file.size)
        if last and int(last) < start:
            return None  # malformed: as if it were not there
    if start >= file.size or start >= end:
        said = {"Content-Range": f"bytes */{file.size}"}
        text = f"the file has {file.size} bytes, none of those asked for"
        raise ApiError(416, "range_not_satisfiable", text, {"size_bytes": file.size}, said)
    return start, end


def _still(request: web.Request, file: _File) -> bool:
    """Whether the file is the one that If-Range means, if it means any."""
    wanted = request.headers.get("If-Range", "").strip()
    if not wanted:
        return True
    if wanted.startswith('"'):
        return wanted == f'"{file.tag}"'
    with suppress(ValueError, OverflowError):
        date = request.if_range
        return date is not None and file.changed == int(date.timestamp())
    return False
