"""Version 1: files by folder and name. `/view` shows one, `/upload/*` takes one."""

from __future__ import annotations

import asyncio
import json
import mimetypes
from pathlib import Path, PurePath
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from nodegraph.server.call import owner_of, read_query, service_of, settings_of
from nodegraph.server.comfy_v1_places import path_of
from nodegraph.server.comfy_v1_routes import answer, both
from nodegraph.server.comfy_v1_upload import Upload, place, read_upload
from nodegraph.server.errors import ApiError
from nodegraph.server.files import content_disposition, send_file

__all__ = ["ROUTES", "setup"]

_AT_ONCE = 2
_DECODING: web.AppKey[asyncio.Semaphore] = web.AppKey("pictures decoded", asyncio.Semaphore)


def setup(app: web.Application) -> None:
    """Prepare an application: pictures are large when decoded, so only a few are at a time."""
    app[_DECODING] = asyncio.Semaphore(_AT_ONCE)


class ViewQuery(BaseModel):
    """Which file, and in what form: `preview` is `webp;90` or `jpeg;75`, `channel` rgba, rgb, a."""

    model_config = ConfigDict(extra="ignore")

    filename: str
    subfolder: str = ""
    type: str = "output"
    preview: str | None = None
    channel: str = "rgba"


async def view(request: web.Request) -> web.StreamResponse:
    """A file's bytes, or a preview of a picture."""
    query = read_query(request, ViewQuery)
    path = path_of(
        service_of(request), owner_of(request), query.filename, query.subfolder, query.type
    )
    if query.preview is None and query.channel not in ("rgb", "a"):
        kind = mimetypes.guess_type(path.name, strict=False)[0] or "application/octet-stream"
        return await send_file(request, path, name=path.name, content_type=kind)
    if not path.is_file():
        raise ApiError(404, "not_found", "there is no such file")
    made = await _in_turn(request, _preview, path, query, settings_of(request).max_pixels)
    name = f"{path.stem}.{made.content_type.partition('/')[2]}"
    headers = {
        "Content-Disposition": content_disposition(name, inline=True),
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=made.data, content_type=made.content_type, headers=headers)


def _preview(path: Path, query: ViewQuery, most_pixels: int) -> Any:
    from nodegraph.server import comfy_v1_pictures  # Pillow, for which the start does not wait

    if query.preview is not None:
        return comfy_v1_pictures.preview_of(path, query.preview, query.channel, most_pixels)
    return comfy_v1_pictures.alone(path, query.channel, most_pixels)


async def _in_turn(request: web.Request, function: Any, *args: Any) -> Any:
    async with request.app[_DECODING]:
        return await service_of(request).blocking(function, *args)


async def upload_image(request: web.Request) -> web.Response:
    """Take a file; one that is there already with other content keeps its name."""
    service, owner = service_of(request), owner_of(request)
    async with read_upload(request) as upload:
        target = path_of(service, owner, upload.name, upload.subfolder, upload.type)
        await _in_turn(request, _check, upload, settings_of(request).max_pixels)
        name = await service.blocking(place, upload.file, target, upload.overwrite)
    return answer({"name": name, "subfolder": upload.subfolder, "type": upload.type})


def _check(upload: Upload, most_pixels: int) -> None:
    from nodegraph.server.comfy_v1_pictures import check_pixels

    check_pixels(upload.file, most_pixels)


async def upload_mask(request: web.Request) -> web.Response:
    """Take a mask, and keep the picture that it is for with the mask as its transparency."""
    service, owner = service_of(request), owner_of(request)
    async with read_upload(request) as upload:
        reference = _reference(upload.fields.get("original_ref"))
        original = path_of(service, owner, reference.filename, reference.subfolder, reference.type)
        if not original.is_file():
            raise ApiError(404, "not_found", "there is no file that 'original_ref' names")
        name = f"{PurePath(upload.name).stem}.png"
        target = path_of(service, owner, name, upload.subfolder, upload.type)
        await _in_turn(request, _merge, upload, original, settings_of(request).max_pixels)
        name = await service.blocking(place, upload.file, target, upload.overwrite)
    return answer({"name": name, "subfolder": upload.subfolder, "type": upload.type})


def _merge(upload: Upload, original: Path, most_pixels: int) -> None:
    from nodegraph.server.comfy_v1_pictures import merge_mask

    with upload.file.open("rb") as mask:
        made = merge_mask(original, mask, most_pixels)
    upload.file.write_bytes(made)


def _reference(text: str | None) -> ViewQuery:
    try:
        return ViewQuery.model_validate(json.loads(text or ""))
    except (ValueError, RecursionError):
        said = 'it is {"filename": "...", "subfolder": "...", "type": "..."} as JSON'
        raise ApiError(
            400, "invalid_request", f"'original_ref' is missing or wrong: {said}"
        ) from None


ROUTES = (
    *both("GET", "/view", view),
    *both("POST", "/upload/image", upload_image, form=True),
    *both("POST", "/upload/mask", upload_mask, form=True),
)
