"""Input files of nodes such as LoadImage, and thumbnails of them and of assets."""

from __future__ import annotations

import asyncio
import mimetypes
import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from aiohttp import web
from blake3 import blake3

from nodegraph.engine.files import write_new
from nodegraph.errors import OutputError
from nodegraph.jobs.errors import NotFound
from nodegraph.server import editor_job_models as models
from nodegraph.server.call import (
    json_answer,
    owner_of,
    read_json,
    read_query,
    service_of,
    settings_of,
)
from nodegraph.server.editor_forms import pieces, read_parts, read_text
from nodegraph.server.editor_views import thumbnail_url
from nodegraph.server.editor_workflows import moment
from nodegraph.server.errors import ApiError
from nodegraph.server.files import inside, send_file
from nodegraph.server.models import ErrorEnvelope
from nodegraph.server.route import Answer, Route
from nodegraph.server.thumbnails import Thumbnails

__all__ = ["ROUTES", "place", "setup"]

PATH = "/api/editor/inputs"
MOST_FILES = 20_000
_LATENTS = (".latent", ".safetensors")
_FOREVER = {"Cache-Control": "private, max-age=31536000, immutable"}

_CHECKED_AT_ONCE = 2  # pictures, whose pixels take memory
_CHECKS: web.AppKey[asyncio.Semaphore] = web.AppKey("pictures checked", asyncio.Semaphore)
_THUMBNAILS: web.AppKey[Thumbnails] = web.AppKey("thumbnails", Thumbnails)


def setup(app: web.Application, folder: Path, most_pixels: int) -> None:
    """Keep an application's thumbnails in a folder."""
    app[_CHECKS] = asyncio.Semaphore(_CHECKED_AT_ONCE)
    app[_THUMBNAILS] = Thumbnails(folder, most_pixels)


async def list_inputs(request: web.Request) -> web.Response:
    """The caller's input files, newest first."""
    query, service = read_query(request, models.InputQuery), service_of(request)
    folder = service.input_dir(owner_of(request))
    found = await service.blocking(_listed, folder, query.kind, query.search.lower())
    page = found[query.offset : query.offset + query.limit]
    after = query.offset + len(page)
    return json_answer(
        models.InputList(
            files=page, total=len(found), next=after if page and after < len(found) else None
        )
    )


def _listed(folder: Path, kind: str, search: str) -> list[models.InputFile]:
    found = []
    count = 0
    for current, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(current, name)
            shown = path.relative_to(folder).as_posix()
            if name.startswith(".") or search not in shown.lower() or not _accepts(kind, name):
                continue
            with suppress(OSError, UnicodeError):
                shown.encode()
                found.append(_described(path, shown))
        count += len(names)
        if count > MOST_FILES:
            break
    return sorted(found, key=lambda one: one.modified_at, reverse=True)


def _accepts(kind: str, name: str) -> bool:
    if kind == "latent":
        return name.lower().endswith(_LATENTS)
    wanted = kind in ("image", "video", "audio", "text")
    return not wanted or _type_of(name).startswith(f"{kind}/")


def _type_of(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _described(path: Path, name: str) -> models.InputFile:
    found, kind = path.stat(), _type_of(name)
    segment = quote(name, safe="")
    return models.InputFile(
        name=name,
        size=found.st_size,
        modified_at=moment(found.st_mtime),
        content_type=kind,
        url=f"{PATH}/{segment}",
        thumbnail_url=thumbnail_url(f"inputs/{segment}", kind),
    )


async def upload(request: web.Request) -> web.Response:
    """Put a file among the caller's input files; another of the same name is kept beside it."""
    folder, most = _folder(request), settings_of(request).max_upload
    name, path = None, None
    with tempfile.TemporaryFile(dir=folder) as stream:
        async for part in read_parts(request):
            if part.name == "name":
                name = await read_text(part)
            elif part.name == "file" and path is None:
                path = inside(folder, name or _last(part.filename or "file"))
                async for piece in pieces(part, most):
                    await asyncio.to_thread(stream.write, piece)
        if path is not None:  # only now is it known that the form came whole
            most_pixels = settings_of(request).max_pixels
            async with request.app[_CHECKS]:
                await service_of(request).blocking(_check, stream, path.name, most_pixels)
            return await _placed(request, folder, path, stream)
    raise ApiError(400, "invalid_request", "the form has no field 'file'")


def _check(stream: BinaryIO, name: str, most_pixels: int) -> None:
    """Refuse a picture that is broken, or small as a file and huge when it is shown."""
    from nodegraph.server.comfy_v1_pictures import check_picture  # Pillow: not at the start

    stream.seek(0)
    check_picture(stream, name, most_pixels)


def _folder(request: web.Request) -> Path:
    return service_of(request).input_dir(owner_of(request)).resolve()


def _last(name: str) -> str:
    """What browsers give as the name of a file, without the folders of some."""
    return name.replace("\\", "/").rpartition("/")[2]


async def from_asset(request: web.Request) -> web.Response:
    """Put an asset, such as an output, among the caller's input files."""
    body, service = await read_json(request, models.InputFromAsset), service_of(request)
    asset = await service.blocking(service.assets.get, body.asset_id, owner_of(request))
    folder = _folder(request)
    path = inside(folder, body.name or _last(asset.name))
    try:
        stream = await asyncio.to_thread(service.assets.path(asset.hash).open, "rb")
    except FileNotFoundError:
        raise NotFound(f"there is no asset '{asset.id}'") from None
    with stream:
        return await _placed(request, folder, path, stream)


async def _placed(request: web.Request, folder: Path, path: Path, stream: BinaryIO) -> web.Response:
    try:
        placed = await service_of(request).blocking(place, path, stream)
    except (OSError, OutputError) as error:
        text = f"the file could not be kept: {error}"
        raise ApiError(507, "insufficient_storage", text) from None
    made = await asyncio.to_thread(_described, placed, placed.relative_to(folder).as_posix())
    return json_answer(made, 201)


def place(path: Path, stream: BinaryIO) -> Path:
    """Give a file its name, or one beside it if another file has that; returns its path."""
    if path.is_file() and _same(path, stream):
        return path

    def target(attempt: int) -> Path:
        return path if not attempt else path.with_stem(f"{path.stem} ({attempt + 1})")

    stream.seek(0)
    return write_new(target, lambda to: shutil.copyfileobj(stream, to, 1 << 20))


def _same(path: Path, stream: BinaryIO) -> bool:
    if path.stat().st_size != stream.seek(0, os.SEEK_END):
        return False
    stream.seek(0)
    with path.open("rb") as known:
        while piece := known.read(1 << 20):
            if piece != stream.read(len(piece)):
                return False
    return True


async def send(request: web.Request) -> web.StreamResponse:
    """The bytes of an input file."""
    name = request.match_info["name"]
    path = inside(_folder(request), name)
    return await send_file(request, path, name=path.name, content_type=_type_of(name))


async def delete(request: web.Request) -> web.Response:
    """Delete an input file."""
    name = request.match_info["name"]
    path = inside(_folder(request), name)
    if not path.is_file():
        raise NotFound("there is no such input file")
    await asyncio.to_thread(path.unlink, missing_ok=True)
    return web.Response(status=204)


async def input_thumbnail(request: web.Request) -> web.StreamResponse:
    """A small WebP of an input file."""
    size = read_query(request, models.ThumbnailQuery).size
    path = inside(_folder(request), request.match_info["name"])
    try:
        found = await asyncio.to_thread(path.stat)
    except (OSError, ValueError):
        raise NotFound("there is no such input file") from None
    key = blake3(f"{path} {found.st_size} {found.st_mtime_ns}".encode()).hexdigest()[:40]
    return await _thumbnail(request, path, key, size, {})


async def asset_thumbnail(request: web.Request) -> web.StreamResponse:
    """A small WebP of an asset: an upload, or an output of a job."""
    size, service = read_query(request, models.ThumbnailQuery).size, service_of(request)
    asset_id, owner = request.match_info["id"], owner_of(request)
    asset = await service.blocking(service.assets.get, asset_id, owner)
    return await _thumbnail(request, service.assets.path(asset.hash), asset.hash, size, _FOREVER)


async def _thumbnail(
    request: web.Request, source: Path, key: str, size: int, headers: Mapping[str, str]
) -> web.StreamResponse:
    path = await request.app[_THUMBNAILS].of(source, key, size)
    return await send_file(
        request,
        path,
        name="thumbnail.webp",
        content_type="image/webp",
        headers=headers,
        digest=path.stem,
    )


_TAG = "Editor: files"
_ONE = PATH + "/{name}"
_ABSENT = Answer("There is no such file.", ErrorEnvelope)
_NO_PICTURE = Answer("`no_thumbnail`: it is no picture, or too large a one.", ErrorEnvelope)
_SMALL = Answer("The picture.", content_type="image/webp")

ROUTES = (
    Route(
        "GET",
        PATH,
        list_inputs,
        "List input files",
        _TAG,
        query=models.InputQuery,
        answers={200: Answer("Some of them.", models.InputList)},
    ),
    Route(
        "POST",
        PATH,
        upload,
        "Upload an input file",
        _TAG,
        body=models.InputUpload,
        form=True,
        answers={
            201: Answer("The file as it is called now.", models.InputFile),
            413: Answer("It is too large.", ErrorEnvelope),
            415: Answer("`no_picture`: by its name it is one, but broken.", ErrorEnvelope),
        },
    ),
    Route(
        "POST",
        f"{PATH}/from-asset",
        from_asset,
        "Use an asset as an input file",
        _TAG,
        body=models.InputFromAsset,
        answers={
            201: Answer("The file as it is called now.", models.InputFile),
            404: Answer("There is no such asset.", ErrorEnvelope),
        },
    ),
    Route(
        "GET",
        _ONE,
        send,
        "Read an input file",
        _TAG,
        answers={
            200: Answer("Its bytes.", content_type="*/*"),
            404: _ABSENT,
        },
    ),
    Route(
        "DELETE",
        _ONE,
        delete,
        "Delete an input file",
        _TAG,
        answers={204: Answer("It is gone.", content_type=""), 404: _ABSENT},
    ),
    Route(
        "GET",
        f"{_ONE}/thumbnail",
        input_thumbnail,
        "A thumbnail of an input file",
        _TAG,
        query=models.ThumbnailQuery,
        answers={200: _SMALL, 404: _ABSENT, 415: _NO_PICTURE},
    ),
    Route(
        "GET",
        "/api/editor/assets/{id}/thumbnail",
        asset_thumbnail,
        "A thumbnail of an asset",
        _TAG,
        query=models.ThumbnailQuery,
        answers={200: _SMALL, 404: _ABSENT, 415: _NO_PICTURE},
    ),
)
