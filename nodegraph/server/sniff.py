"""What kind of file some bytes are the beginning of: never asked of the client, who may lie."""

from __future__ import annotations

import codecs
import json
import re
from contextlib import suppress

__all__ = ["HEAD_BYTES", "content_type_of"]

HEAD_BYTES = 4096
"""How much of a file is looked at."""
UNKNOWN = "application/octet-stream"

_SIGNS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(sign, re.DOTALL), kind)
    for sign, kind in (
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF.{4}WEBP", "image/webp"),
        (rb"RIFF.{4}WAVE", "audio/wav"),
        (rb"RIFF.{4}AVI ", "video/x-msvideo"),
        (rb".{4}ftypavi[fs]", "image/avif"),
        (rb".{4}ftyp(?:heic|heix|mif1|msf1)", "image/heic"),
        (rb".{4}ftypM4A", "audio/mp4"),
        (rb".{4}ftypqt", "video/quicktime"),
        (rb".{4}ftyp", "video/mp4"),
        (rb"BM.{4}\x00{4}", "image/bmp"),
        (rb"II\*\x00|MM\x00\*", "image/tiff"),
        (rb"fLaC", "audio/flac"),
        (rb"OggS.{24,}?(?:\x80theora|\x01video)", "video/ogg"),
        (rb"OggS", "audio/ogg"),
        (rb"ID3[\x02-\x04]|\xff[\xfb\xfa\xf3\xf2]", "audio/mpeg"),
        (rb"\xff[\xf1\xf9]", "audio/aac"),
        (rb"%PDF-", "application/pdf"),
        (rb"PK(?:\x03\x04|\x05\x06)", "application/zip"),
        (rb"\x1f\x8b\x08", "application/gzip"),
    )
)
_MATROSKA = b"\x1aE\xdf\xa3"
_NO_TEXT = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def content_type_of(head: bytes) -> str:
    """The media type of a file that begins with these bytes (`HEAD_BYTES`, or all of them).

    Text is `text/plain` whatever language it is in, so that nothing a browser runs has a type
    under which it would.
    """
    for sign, kind in _SIGNS:
        if sign.match(head):
            return kind
    if head.startswith(_MATROSKA):
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    return _text_type(head) or UNKNOWN


def _text_type(head: bytes) -> str | None:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    if not text or _NO_TEXT.search(text):
        return None
    if len(head) < HEAD_BYTES and text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            json.loads(text)
            return "application/json"
    return "text/plain"
