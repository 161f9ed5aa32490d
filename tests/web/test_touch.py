"""Fingers on the canvas: pinching, panning with one and with two, holding; the view on a phone."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.hands import Spot, beside, open_nodes, spot
from tests.web.test_canvas import view

ROOT = Path(__file__).resolve().parents[2]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}


class Fingers:
    """Touches on the screen, as its driver reports them."""

    def __init__(self, editor: Editor) -> None:
        self._device = editor.page.context.new_cdp_session(editor.page)

    def touch(self, kind: str, *points: Spot) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self._device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def slide(self, *ways: tuple[Spot, Spot], steps: int = 8) -> None:
        """Put a finger down at the start of each way, move all together, and lift them."""
        self.touch("touchStart", ways[0][0])
        if len(ways) > 1:
            self.touch("touchStart", *(start for start, _ in ways))
        for step in range(1, steps + 1):
            self.touch("touchMove", *(between(start, end, step / steps) for start, end in ways))
        self.touch("touchEnd")


def between(start: Spot, end: Spot, part: float) -> Spot:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


@pytest.fixture
def touched(open_editor: OpenEditor) -> Editor:
    """Two nodes with much room around them, on a screen that is touched."""
    editor = open_editor(has_touch=True)
    open_nodes(
        editor,
        grey=("SolidMask", {}, (0, 0)),
        picture=("MaskToImage", {}, (400, 60)),
    )
    return editor


def on_canvas(editor: Editor, spot: Spot) -> Spot:
    """Which place of the graph is seen at a spot of the page."""
    x, y, zoom = view(editor)
    box = editor.page.locator(".react-flow").bounding_box()
    assert box is not None
    return (spot[0] - box["x"] - x) / zoom, (spot[1] - box["y"] - y) / zoom


def test_two_fingers_that_part_zoom_in_around_the_middle_between_them(touched: Editor) -> None:
    zoom = view(touched)[2]
    middle = (720.0, 620.0)
    held = on_canvas(touched, middle)

    Fingers(touched).slide(
        (beside(middle, -60, 0), beside(middle, -120, 0)),
        (beside(middle, 60, 0), beside(middle, 120, 0)),
    )

    assert view(touched)[2] == pytest.approx(2 * zoom, rel=0.05)
    assert on_canvas(touched, middle) == pytest.approx(held, abs=6)


def test_two_fingers_that_meet_zoom_out(touched: Editor) -> None:
    zoom = view(touched)[2]
    middle = (720.0, 620.0)

    Fingers(touched).slide(
        (beside(middle, -150, 0), beside(middle, -75, 0)),
        (beside(middle, 150, 0), beside(middle, 75, 0)),
    )

    assert view(touched)[2] == pytest.approx(zoom / 2, rel=0.05)


def test_two_fingers_side_by_side_pan(touched: Editor) -> None:
    x, y, zoom = view(touched)
    one, other = (600.0, 640.0), (700.0, 640.0)

    Fingers(touched).slide((one, beside(one, 90, -120)), (other, beside(other, 90, -120)))

    assert view(touched) == pytest.approx((x + 90, y - 120, zoom), abs=4)


def test_one_finger_pans(touched: Editor) -> None:
    x, y, zoom = view(touched)
    start = (600.0, 640.0)

    Fingers(touched).slide((start, beside(start, 70, -50)))

    assert view(touched) == pytest.approx((x + 70, y - 50, zoom), abs=4)


def test_fingers_on_nodes_zoom_and_leave_the_nodes_where_they_are(touched: Editor) -> None:
    zoom = view(touched)[2]
    title = spot(touched.node("grey").locator(".node-head"))
    other = spot(touched.node("picture").locator(".node-head"))
    before = on_canvas(touched, spot(touched.node("grey"), 0, 0))

    Fingers(touched).slide(
        (title, beside(title, -100, 0)),
        (other, beside(other, 100, 0)),
    )

    assert view(touched)[2] > 1.2 * zoom
    assert on_canvas(touched, spot(touched.node("grey"), 0, 0)) == pytest.approx(before, abs=3)
    expect(touched.button("Undo")).to_be_disabled()


def test_one_finger_moves_a_node(touched: Editor) -> None:
    before = on_canvas(touched, spot(touched.node("grey"), 0, 0))
    title = spot(touched.node("grey").locator(".node-head"))

    Fingers(touched).slide((title, beside(title, 0, 120)), steps=30)

    moved = on_canvas(touched, spot(touched.node("grey"), 0, 0))
    assert moved[0] == pytest.approx(before[0], abs=2)
    # The browser and the canvas each wait for some pixels before a touch is a drag.
    assert 80 < (moved[1] - before[1]) * view(touched)[2] <= 122


# -- the phone -------------------------------------------------------------------------------


@pytest.fixture
def example() -> dict[str, Any]:
    """Text to image: it declares its inputs."""
    text = (ROOT / "workflows" / "txt2img.json").read_text(encoding="utf-8")
    made: dict[str, Any] = json.loads(text)
    return made


def drop(editor: Editor, document: dict[str, Any]) -> None:
    """Open a workflow of which a small screen shows a part."""
    text = json.dumps(document).encode()
    editor.drop({"name": "dropped.json", "mimeType": "application/json", "buffer": text})
    expect(editor.nodes.first).to_be_attached()


def test_a_phone_shows_the_first_node_so_that_it_can_be_read(
    open_editor: OpenEditor, example: dict[str, Any]
) -> None:
    editor = open_editor(**PHONE)

    drop(editor, example)

    first = min(example["layout"], key=lambda name: example["layout"][name]["x"])
    expect(editor.node(first)).to_be_in_viewport(ratio=0.95)
    expect(editor.node(first).locator(".node-widget").first).to_be_visible()
    assert view(editor)[2] >= 0.75


def test_a_phone_offers_the_form_of_a_workflow_that_has_one(
    open_editor: OpenEditor, example: dict[str, Any]
) -> None:
    editor = open_editor(**PHONE)
    open_nodes(editor, grey=("SolidMask", {}, (0, 0)))
    expect(editor.button("Fill in the form")).to_have_count(0)
    drop(editor, example)

    editor.button("Fill in the form").tap()

    expect(editor.page.get_by_role("textbox").first).to_be_visible()
    expect(editor.node("sample")).to_have_count(0)
