"""Frames, whatever the pieces in which they arrive."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodegraph.jobs.protocol import MAX_HEADER, MAX_PAYLOAD, Decoder, Frame, ProtocolError, encode

_VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
_FRAMES = st.lists(st.tuples(st.dictionaries(st.text(), _VALUES), st.binary(max_size=300)))


@given(frames=_FRAMES, cuts=st.lists(st.integers(min_value=1, max_value=40), min_size=1))
def test_what_is_sent_arrives_in_any_pieces(
    frames: list[tuple[dict[str, object], bytes]], cuts: list[int]
) -> None:
    data = b"".join(encode(header, payload) for header, payload in frames)
    decoder = Decoder()
    found: list[Frame] = []
    while data:
        size = cuts[len(data) % len(cuts)]
        found += decoder.feed(data[:size])
        data = data[size:]

    assert [(frame.header, frame.payload) for frame in found] == frames


@pytest.mark.parametrize(
    "data",
    [
        struct.pack(">I", MAX_HEADER + 1),
        struct.pack(">I", 2) + b"{}" + struct.pack(">I", MAX_PAYLOAD + 1),
        struct.pack(">I", 2) + b"[]" + struct.pack(">I", 0),
        struct.pack(">I", 2) + b"xx" + struct.pack(">I", 0),
        struct.pack(">I", 2) + b"\xff\xff" + struct.pack(">I", 0),
    ],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        Decoder().feed(data)


def test_half_a_frame_is_waited_for() -> None:
    data = encode({"is": "x"}, b"payload")
    decoder = Decoder()

    assert decoder.feed(data[:-1]) == []
    assert decoder.feed(data[-1:]) == [Frame({"is": "x"}, b"payload")]


def test_a_message_beyond_the_limit_is_not_sent() -> None:
    with pytest.raises(ValueError, match="too large"):
        encode({}, bytes(MAX_PAYLOAD + 1))


def test_the_layout_is_lengths_in_big_endian() -> None:
    header = json.dumps({"a": 1}, separators=(",", ":")).encode()

    assert encode({"a": 1}, b"xy") == b"\0\0\0\x07" + header + b"\0\0\0\x02xy"
