"""A form with one file, as version 1 clients send it: to disk in pieces, then to its name."""

from __future__ import annotations

import errno
import filecmp
import itertools
import os
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aiohttp import BodyPartReader, web

from nodegraph.server.call import owner_of, service_of, settings_of
from nodegraph.server.errors import ApiError

__all__ = ["Upload", "place", "read_upload"]

_PIECE = 256 * 1024
_LONGEST_FIELD, _MOST_PARTS = 64 * 1024, 32
_YES = frozenset({"true", "1"})
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


@dataclass
class Upload:
    """What a form held.

    Attributes:
        file: where the content is for as long as the form is looked at.
        name: what the client calls it, without folders.
        fields: the texts.
    """

    file: Path
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return self.fields.get("type") or "input"

    @property
    def subfolder(self) -> str:
        return self.fields.get("subfolder", "").strip("/")

    @property
    def overwrite(self) -> bool:
        return self.fields.get("overwrite", "").lower() in _YES


@asynccontextmanager
async def read_upload(request: web.Request) -> AsyncIterator[Upload]:
    """The form of a request, whose file is in the part `image`; nothing of it stays behind.

    Raises:
        ApiError: 400: it is no form, or without a file; 413: the file is too large; 507: the
            disk is full.
    """
    folder = service_of(request).input_dir(owner_of(request))
    upload = Upload(folder / f".upload.{secrets.token_hex(4)}.tmp")
    try:
        await _read(request, upload)
        if not upload.name:
            raise ApiError(400, "invalid_request", "the form has no file in the part 'image'")
        yield upload
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ApiError(507, "disk_full", "the disk is full: the file was not kept") from None
        raise
    finally:
        with suppress(OSError):
            upload.file.unlink()


async def _read(request: web.Request, upload: Upload) -> None:
    if request.content_type != "multipart/form-data":
        text = f"a form is taken (multipart/form-data), got {request.content_type[:100]!a}"
        raise ApiError(400, "invalid_request", text)
    try:
        reader, parts = await request.multipart(), 0
        while (part := await reader.next()) is not None:
            parts += 1
            if not isinstance(part, BodyPartReader) or parts > _MOST_PARTS:
                raise ApiError(400, "invalid_request", "the form has too many parts")
            if part.name == "image" and part.filename and not upload.name:
                upload.name = re.split(r"[/\\]", part.filename)[-1]
                await _save(request, part, upload.file)
            elif part.name:
                upload.fields[part.name] = await _text(part)
    except (ValueError, AssertionError, RuntimeError) as error:
        raise ApiError(400, "invalid_request", f"the form cannot be read: {error}") from None


async def _save(request: web.Request, part: BodyPartReader, file: Path) -> None:
    service, most, size = service_of(request), settings_of(request).max_upload, 0
    with await service.blocking(file.open, "xb") as stream:
        while piece := await part.read_chunk(_PIECE):
            size += len(piece)
            if size > most:
                text = f"the file is larger than the {most} bytes that are taken"
                raise ApiError(413, "payload_too_large", text)
            await service.blocking(stream.write, piece)
        await service.blocking(_settle, stream)


def _settle(stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())


async def _text(part: BodyPartReader) -> str:
    data = b""
    while piece := await part.read_chunk():
        data += piece
        if len(data) > _LONGEST_FIELD:
            text = f"the field '{(part.name or '')[:50]}' is too long"
            raise ApiError(400, "invalid_request", text)
    return data.decode("utf-8")


def place(file: Path, target: Path, overwrite: bool) -> str:
    """Give a file its name; returns it. Blocks.

    Without `overwrite`, ` (1)`, ` (2)` and so on are added where the name stands for another
    content; a file with the same content is left as it is.

    Raises:
        ApiError: 400: a folder has the name, or a file is in the place of a folder.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if overwrite:
            os.replace(file, target)
            return target.name
        for number in itertools.count():
            last = f" ({number})" if number else ""
            path = target.with_name(f"{target.stem}{last}{target.suffix}")
            if _claim(file, path) or _same(file, path):
                return path.name
    except (IsADirectoryError, NotADirectoryError, FileExistsError):
        raise ApiError(400, "invalid_name", "there is a folder of that name") from None
    raise AssertionError("numbers have no end")


def _claim(file: Path, path: Path) -> bool:
    """Name the file unless the name is taken."""
    try:
        os.link(file, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if path.exists():
            return False
        os.rename(file, path)
    return True


def _same(file: Path, path: Path) -> bool:
    return path.is_file() and filecmp.cmp(file, path, shallow=False)
