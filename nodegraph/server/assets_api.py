"""Files over the native API: sent in, found by hash, looked at, fetched, deleted.

An upload goes to disk piece by piece and is nothing before its end. What is in it is seen from
its bytes; its name is a label and no path.
"""

from __future__ import annotations

import asyncio
import errno
import re
import uuid
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, MultipartReader, web

from nodegraph.jobs.assets import Asset, AssetStore, AssetWriter
from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.service import Service
from nodegraph.server import models
from nodegraph.server.call import json_answer, owner_of, read_json, service_of, settings_of
from nodegraph.server.errors import ApiError
from nodegraph.server.files import send_file
from nodegraph.server.jobs_api import idempotency_key
from nodegraph.server.route import Answer, Route
from nodegraph.server.sniff import HEAD_BYTES, content_type_of
from nodegraph.server.views import API, asset_view, base_of

__all__ = ["ROUTES"]

PIECE = 1 << 20
MOST_PARTS = 64
LONGEST_FIELD = 4096
_HASH = re.compile(r"(?:blake3:)?([0-9a-f]{64})", re.ASCII)
_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_PLAIN_CODINGS = ("7bit", "8bit", "binary")
_KEYS = uuid.UUID("5f0f3f7c-52d7-4a34-9f5e-5f1b6a6f9f0e")
"""The namespace of the ids of assets that were sent with a key."""


async def upload(request: web.Request) -> web.Response:
    """Store a file: 201 if its content is new to its owner, else 200."""
    key = idempotency_key(request)
    service, owner = service_of(request), owner_of(request)
    reader = await _multipart(request)
    try:
        writer = await service.blocking(service.assets.writer, settings_of(request).max_upload)
        try:
            form = await _read(reader, service, writer)
            await service.blocking(_check, writer, form, settings_of(request).max_pixels)
            asset, new = await service.blocking(_keep, service.assets, writer, form, owner, key)
        finally:
            await asyncio.shield(service.blocking(writer.__exit__, None, None, None))
    except OSError as error:
        if (told := _disk_error(error)) is not None:
            raise told from error
        raise
    return json_answer(asset_view(asset, base_of(request), new), 201 if new else 200)


async def from_hash(request: web.Request) -> web.Response:
    """Another record over content that its owner has."""
    asked = await read_json(request, models.AssetFromHash)
    service, owner = service_of(request), owner_of(request)
    digest = _HASH.fullmatch(asked.hash.lower())
    try:
        if digest is None:
            raise NotFound("no hash has this form")
        known = await service.blocking(service.assets.by_hash, digest[1], owner)
        name = _label(asked.file_path or known.name)
        asset = await service.blocking(service.assets.share, digest[1], owner, name)
    except NotFound:
        text = "you have no content with this hash here; upload it"
        raise ApiError(404, "blob_not_found", text) from None
    return json_answer(asset_view(asset, base_of(request), False), 200)


async def has_hash(request: web.Request) -> web.Response:
    """Whether the owner has content with a hash: 200 or 404, without a body."""
    service = service_of(request)
    digest = _HASH.fullmatch(request.match_info["hash"].lower())
    if digest is None:
        return web.Response(status=404)
    try:
        await service.blocking(service.assets.by_hash, digest[1], owner_of(request))
    except NotFound:
        return web.Response(status=404)
    return web.Response(status=200)


async def look(request: web.Request) -> web.Response:
    """What is known of an asset."""
    return json_answer(asset_view(await _asset(request), base_of(request)))


async def content(request: web.Request) -> web.StreamResponse:
    """The bytes of an asset, or those that Range asks for."""
    asset = await _asset(request)
    path = service_of(request).assets.path(asset.hash)
    kind = asset.content_type
    return await send_file(request, path, name=asset.name, content_type=kind, digest=asset.hash)


async def delete(request: web.Request) -> web.Response:
    """Forget an asset, and its content if no other record has it."""
    service = service_of(request)
    await service.blocking(service.assets.delete, request.match_info["id"], owner_of(request))
    return web.Response(status=204)


async def _asset(request: web.Request) -> Asset:
    service = service_of(request)
    return await service.blocking(service.assets.get, request.match_info["id"], owner_of(request))


@dataclass
class _Form:
    """What an upload holds beside the bytes of the file."""

    fields: dict[str, str] = field(default_factory=dict)
    head: bytes | None = None
    filename: str | None = None

    @property
    def name(self) -> str:
        return _label(self.fields.get("file_path") or self.filename or "") or "upload"


async def _multipart(request: web.Request) -> MultipartReader:
    if request.content_type != "multipart/form-data":
        text = f"this path takes multipart/form-data, got {request.content_type[:100]!a}"
        raise ApiError(415, "unsupported_media_type", text)
    try:
        return await request.multipart()
    except (ValueError, AssertionError) as error:
        raise _malformed(error) from error


async def _read(reader: MultipartReader, service: Service, writer: AssetWriter) -> _Form:
    """Read the whole body; the file goes to the writer."""
    form = _Form()
    try:
        for _ in range(MOST_PARTS):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise ApiError(400, "invalid_request", "a part of the form has no name")
            coding = part.headers.get("Content-Transfer-Encoding", "binary").lower()
            if coding not in _PLAIN_CODINGS:
                raise ApiError(400, "invalid_request", f"parts come as they are, not as {coding!a}")
            if part.name != "file":
                form.fields[part.name] = await _text(part)
            elif form.head is not None:
                raise ApiError(400, "invalid_request", "one file at a time: 'file' is there twice")
            else:
                form.filename = part.filename
                form.head = await _store(part, service, writer)
        else:
            raise ApiError(400, "invalid_request", f"a form has at most {MOST_PARTS} parts")
    except (ValueError, AssertionError, LookupError, RuntimeError) as error:
        raise _malformed(error) from error
    if form.head is None:
        raise ApiError(400, "invalid_request", "the form has no part 'file'")
    return form


async def _text(part: BodyPartReader) -> str:
    """A short field."""
    found = b""
    while piece := await part.read_chunk(LONGEST_FIELD):
        found += piece
        if len(found) > LONGEST_FIELD:
            text = f"field {(part.name or '')[:60]!a} is longer than {LONGEST_FIELD} bytes"
            raise ApiError(400, "invalid_request", text)
    return found.decode()


async def _store(part: BodyPartReader, service: Service, writer: AssetWriter) -> bytes:
    """Write the file; returns how it begins."""
    held, size, head = [], 0, b""
    while piece := await part.read_chunk(1 << 16):
        if len(head) < HEAD_BYTES:
            head = (head + piece)[:HEAD_BYTES]
        held.append(piece)
        size += len(piece)
        if size >= PIECE:
            await service.blocking(writer.write, b"".join(held))
            held, size = [], 0
    await service.blocking(writer.write, b"".join(held))
    said = part.headers.get("Content-Length")
    if said is not None and int(said) != writer.size:
        raise ValueError(f"the file has {writer.size} bytes, its head says {int(said)}")
    return head


def _check(writer: AssetWriter, form: _Form, most_pixels: int) -> None:
    """Refuse a picture that is small as a file and huge when it is shown."""
    from nodegraph.server.comfy_v1_pictures import check_pixels  # Pillow: not at the start

    if content_type_of(form.head or b"").startswith("image/"):
        check_pixels(writer.path, most_pixels)


def _keep(
    store: AssetStore, writer: AssetWriter, form: _Form, owner: str, key: str | None
) -> tuple[Asset, bool]:
    """Record an upload that has come whole; whether its content is new to its owner."""
    digest = writer.digest
    expected = form.fields.get("expected_hash", "").strip().lower()
    if expected and expected.removeprefix("blake3:") != digest:
        text = f"the file has the hash blake3:{digest}, not {expected[:100]!a}"
        raise ApiError(409, "hash_mismatch", text, {"hash": f"blake3:{digest}"})
    try:
        store.by_hash(digest, owner)
        new = False
    except NotFound:
        new = True
    assert form.head is not None
    kind, asset_id = content_type_of(form.head), _id_of(owner, key)
    asset = writer.commit(owner, form.name, kind, asset_id=asset_id)
    if (asset.hash, asset.name) != (digest, form.name):
        text = f"the Idempotency-Key '{key}' was used before, for another file"
        raise ApiError(422, "idempotency_key_reuse", text)
    return asset, new


def _id_of(owner: str, key: str | None) -> str | None:
    """The id of what is sent with a key: the same for the same, so that it is stored once."""
    return str(uuid.uuid5(_KEYS, f"{owner}\n{key}")) if key is not None else None


def _label(name: str) -> str:
    """A name without what cannot be seen in it."""
    return _HIDDEN.sub("", name).strip()[:255]


def _malformed(error: Exception) -> ApiError:
    return ApiError(400, "invalid_request", f"the body is no whole form: {error}")


def _disk_error(error: OSError) -> ApiError | None:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return ApiError(507, "insufficient_storage", "the disk is full; nothing was kept")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return ApiError(503, "store_unavailable", "the data directory cannot be written")
    return None


_ASSET = Answer("The asset.", models.Asset)
_UNKNOWN = Answer("There is no such asset, or it is somebody else's.", models.ErrorEnvelope)
_BYTES = "*/*"
_RANGES = {
    "Range": "`bytes=first-last`: only that part.",
    "If-None-Match": "An ETag: 304 if it is still that of the content.",
}
_CONTENT_ANSWERS = {
    200: Answer("The content, under the type it was seen to have.", content_type=_BYTES),
    206: Answer("The part that was asked for.", content_type=_BYTES),
    304: Answer("It has not changed.", content_type=""),
    404: _UNKNOWN,
    416: Answer("There are no such bytes.", models.ErrorEnvelope),
}

ROUTES = (
    Route(
        "POST",
        f"{API}/assets",
        upload,
        "Upload a file",
        "Assets",
        body=models.AssetUpload,
        form=True,
        answers={
            201: Answer("The asset; its content is new here.", models.Asset),
            200: Answer("The asset; you had the content before.", models.Asset),
            409: Answer("`hash_mismatch`: it is not what it should be.", models.ErrorEnvelope),
            413: Answer("The file is too long.", models.ErrorEnvelope),
            422: Answer("`idempotency_key_reuse`: it was for another file.", models.ErrorEnvelope),
            507: Answer("`insufficient_storage`: the disk is full.", models.ErrorEnvelope),
        },
        headers={"Idempotency-Key": "The same file with the same key gets the same asset."},
    ),
    Route(
        "POST",
        f"{API}/assets/from-hash",
        from_hash,
        "Make an asset of content that is here",
        "Assets",
        body=models.AssetFromHash,
        answers={
            200: _ASSET,
            404: Answer("`blob_not_found`: you have no such content.", models.ErrorEnvelope),
        },
    ),
    Route(
        "HEAD",
        f"{API}/assets/by-hash/{{hash}}",
        has_hash,
        "Whether you have content with a hash",
        "Assets",
        answers={200: Answer("Yes.", content_type=""), 404: Answer("No.", content_type="")},
    ),
    Route(
        "GET",
        f"{API}/assets/{{id}}",
        look,
        "Look at an asset",
        "Assets",
        answers={200: _ASSET, 404: _UNKNOWN},
    ),
    Route(
        "DELETE",
        f"{API}/assets/{{id}}",
        delete,
        "Delete an asset",
        "Assets",
        answers={204: Answer("It is gone.", content_type=""), 404: _UNKNOWN},
    ),
    *(
        Route(
            method,
            f"{API}/assets/{{id}}/content",
            content,
            "The content of an asset",
            "Assets",
            headers=_RANGES,
            answers=_CONTENT_ANSWERS,
        )
        for method in ("GET", "HEAD")
    ),
)
