"""What a file is, seen from how it begins."""

import io

import pytest
from PIL import Image

from nodegraph.server.sniff import HEAD_BYTES, content_type_of


def picture(kind: str) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (picture("PNG"), "image/png"),
        (picture("JPEG"), "image/jpeg"),
        (picture("GIF"), "image/gif"),
        (picture("WEBP"), "image/webp"),
        (picture("BMP"), "image/bmp"),
        (picture("TIFF"), "image/tiff"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (b"\x00\x00\x00\x18ftypqt  ", "video/quicktime"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "video/webm"),
        (b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", "video/x-matroska"),
        (b"fLaC\x00", "audio/flac"),
        (b"OggS" + bytes(24) + b"\x01vorbis", "audio/ogg"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", "text/plain"),
        (b"<!doctype html><script>x()</script>", "text/plain"),
        ("Größe".encode() * 1000, "text/plain"),
        (b'{"nodegraph": 1}', "application/json"),
        (b'{"nodegraph": 1', "text/plain"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x80\x04\x95pickle", "application/octet-stream"),
        (b"", "application/octet-stream"),
        (b"\xff\xfe<\x00s\x00c\x00r\x00i\x00p\x00t\x00", "application/octet-stream"),
    ],
)
def test_what_a_file_is_is_seen_from_its_bytes(data: bytes, kind: str) -> None:
    assert content_type_of(data[:HEAD_BYTES]) == kind
