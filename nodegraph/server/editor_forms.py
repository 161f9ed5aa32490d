"""Forms with files, read part by part: nothing is held that was not asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web
from aiohttp.multipart import BodyPartReader

from nodegraph.server.errors import ApiError

__all__ = ["pieces", "read_parts", "read_text"]

PIECE = 1 << 16
_BROKEN = (ValueError, AssertionError, RuntimeError)  # what aiohttp raises for malformed ones


async def read_parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The fields of a form; read one before going on to the next.

    Raises:
        ApiError: 415: it is no form; 400 `invalid_request`: a malformed one.
    """
    if request.content_type != "multipart/form-data":
        text = "this path takes Content-Type: multipart/form-data"
        raise ApiError(415, "unsupported_media_type", text)
    try:
        reader = await request.multipart()
        while (part := await reader.next()) is not None:
            if isinstance(part, BodyPartReader):
                yield part
    except _BROKEN as error:
        raise _broken(error) from None


async def pieces(part: BodyPartReader, most: int) -> AsyncIterator[bytes]:
    """The content of a field.

    Raises:
        ApiError: 413: it is longer than `most` bytes; 400: the form is malformed.
    """
    size = 0
    while piece := await _piece(part):
        size += len(piece)
        if size > most:
            text = f"the file is larger than {most} bytes, the most that is taken"
            raise ApiError(413, "payload_too_large", text)
        yield piece


async def read_text(part: BodyPartReader, most: int = 4096) -> str:
    """A field that is a text."""
    data = b"".join([piece async for piece in pieces(part, most)])
    return data.decode("utf-8", "replace").strip()


async def _piece(part: BodyPartReader) -> bytes:
    try:
        return await part.read_chunk(PIECE)
    except _BROKEN as error:
        raise _broken(error) from None


def _broken(error: Exception) -> ApiError:
    return ApiError(400, "invalid_request", f"the form cannot be read: {error}")
