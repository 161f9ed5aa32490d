"""The canvas: moving about, moving nodes, what nodes and links show."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.web.conftest import OpenEditor
from tests.web.editor import Editor

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def document() -> dict[str, Any]:
    """The text-to-image example."""
    made: dict[str, Any] = json.loads((ROOT / "workflows" / "txt2img.json").read_text())
    return made


@pytest.fixture
def small() -> dict[str, Any]:
    """Two masks, one after the other, in a frame; a third node stands apart."""
    nodes = {
        "grey": {"type": "SolidMask", "inputs": {"value": 0.5, "width": 64, "height": 64}},
        "picture": {"type": "MaskToImage", "inputs": {"mask": {"node": "grey"}}},
        "save": {"type": "SaveImage", "inputs": {"images": {"node": "picture"}}},
    }
    layout = {
        "grey": {"x": 0, "y": 0},
        "picture": {"x": 400, "y": 0},
        "save": {"x": 400, "y": 400},
        "$groups": [
            {"id": "frame", "x": -40, "y": -60, "width": 740, "height": 320, "title": "Grey"}
        ],
    }
    return {"nodegraph": 1, "nodes": nodes, "layout": layout}


def middle(place: Locator, down: float | None = None) -> tuple[float, float]:
    """Of what is on the page; `down`: so far below its top."""
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + (box["height"] / 2 if down is None else down)


def drag(editor: Editor, start: tuple[float, float], by: tuple[float, float], **more: Any) -> None:
    """Press, move in steps, let go."""
    mouse = editor.page.mouse
    mouse.move(*start)
    mouse.down(**more)
    mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2, steps=3)
    mouse.move(start[0] + by[0], start[1] + by[1], steps=3)
    mouse.up(**more)


def view(editor: Editor) -> tuple[float, float, float]:
    """Where the canvas is: x, y, zoom."""
    style = editor.page.locator(".react-flow__viewport").get_attribute("style")
    found = re.findall(r"-?[\d.]+(?:e-?\d+)?", (style or "").partition("transform:")[2])
    return float(found[0]), float(found[1]), float(found[2])


def place(editor: Editor, node: str) -> tuple[float, float]:
    """Where a node is, in canvas units."""
    x, y, zoom = view(editor)
    pane = editor.page.locator(".react-flow").bounding_box()
    box = editor.node(node).bounding_box()
    assert pane is not None
    assert box is not None
    return (box["x"] - pane["x"] - x) / zoom, (box["y"] - pane["y"] - y) / zoom


def empty(editor: Editor) -> tuple[float, float]:
    """A place near the upper right corner where nothing is."""
    pane = editor.page.locator(".react-flow").bounding_box()
    assert pane is not None
    return pane["x"] + pane["width"] - 30, pane["y"] + 20


def test_what_is_opened_is_seen_whole(editor: Editor, document: dict[str, Any]) -> None:
    editor.open(document)

    for name in document["nodes"]:
        expect(editor.node(name)).to_be_in_viewport(ratio=0.99)
        expect(editor.node(name).locator(".node-title")).to_be_visible()


def test_dragging_pans_and_the_wheel_zooms(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    x, y, zoom = view(editor)

    drag(editor, empty(editor), (-50, 30))
    assert view(editor) == pytest.approx((x - 50, y + 30, zoom), abs=2)
    drag(editor, empty(editor), (-20, 10), button="middle")
    assert view(editor) == pytest.approx((x - 70, y + 40, zoom), abs=4)
    editor.page.mouse.move(*empty(editor))
    editor.page.mouse.wheel(0, 300)
    editor.page.wait_for_function(
        "zoom => new DOMMatrix(getComputedStyle("
        "document.querySelector('.react-flow__viewport')).transform).a < zoom",
        arg=zoom,
    )


def test_a_box_selects_and_what_is_selected_moves_as_one_step(
    editor: Editor, small: dict[str, Any]
) -> None:
    editor.open(small)
    first, second, other = (place(editor, name) for name in ("grey", "picture", "save"))
    start, end = editor.node("grey").bounding_box(), editor.node("picture").bounding_box()
    assert start is not None
    assert end is not None
    corner = (start["x"] - 12, start["y"] - 12)

    editor.page.keyboard.down("Shift")
    drag(editor, corner, (end["x"] + 40 - corner[0], 60))
    editor.page.keyboard.up("Shift")
    expect(editor.page.locator(".node-selected")).to_have_count(2)
    drag(editor, middle(editor.node("grey"), 14), (83, 57))

    moved = place(editor, "grey")
    by = (moved[0] - first[0], moved[1] - first[1])
    assert by[0] > 50
    assert moved == pytest.approx((round(moved[0], -1), round(moved[1], -1)), abs=0.6)
    assert place(editor, "picture") == pytest.approx((second[0] + by[0], second[1] + by[1]), abs=1)
    assert place(editor, "save") == pytest.approx(other, abs=1)
    editor.button("Undo").first.click()
    assert place(editor, "grey") == pytest.approx(first, abs=1)
    assert place(editor, "picture") == pytest.approx(second, abs=1)


def test_a_mode_for_selecting_without_keys(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    before = view(editor)
    box = editor.node("save").bounding_box()
    assert box is not None

    editor.button("Select with a frame").click()
    drag(editor, (box["x"] - 30, box["y"] + 20), (80, 40))

    expect(editor.page.locator(".node-selected")).to_have_count(1)
    assert view(editor) == pytest.approx(before, abs=0.01)


def test_a_frame_takes_along_what_lies_on_it(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    before = {name: place(editor, name) for name in small["nodes"]}

    drag(editor, middle(editor.page.locator(".frame-head"), 12), (60, 40))

    by = tuple(a - b for a, b in zip(place(editor, "grey"), before["grey"], strict=True))
    assert by[0] > 40
    assert place(editor, "picture") == pytest.approx(
        (before["picture"][0] + by[0], before["picture"][1] + by[1]), abs=1
    )
    assert place(editor, "save") == pytest.approx(before["save"], abs=1)


def test_arrow_keys_nudge(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    x, y = place(editor, "save")

    editor.node("save").locator(".node-title").click()
    for _ in range(3):
        editor.press("Control+ArrowRight")
    editor.press("Control+ArrowUp")

    assert place(editor, "save") == pytest.approx((x + 30, y - 10), abs=1)
    editor.button("Undo").first.click()
    assert place(editor, "save") == pytest.approx((x, y), abs=1)


def test_far_away_nodes_are_boxes_and_links_one_picture(
    editor: Editor, document: dict[str, Any]
) -> None:
    editor.open(document)
    expect(editor.widget("sample", "steps")).to_be_visible()

    for _ in range(30):
        if view(editor)[2] < 0.18:
            break
        editor.button("Zoom out").click()
        editor.page.wait_for_timeout(60)

    expect(editor.nodes).to_have_count(len(document["nodes"]))
    expect(editor.page.locator(".node-widget")).to_have_count(0)
    expect(editor.page.locator(".react-flow__edge")).to_have_count(0)
    links = int(editor.page.locator(".canvas-far-links").get_attribute("data-links") or 0)
    assert links == sum(
        isinstance(value, dict)
        for node in document["nodes"].values()
        for value in node["inputs"].values()
    )
    editor.button("Show everything").click()
    expect(editor.widget("sample", "steps")).to_be_visible()
    expect(editor.page.locator(".react-flow__edge")).to_have_count(links)


def test_only_what_is_seen_is_drawn(editor: Editor, document: dict[str, Any]) -> None:
    document["layout"]["save"] = {"x": 9000, "y": 9000}
    document["layout"]["decode"] = {"x": 9000, "y": 8000}
    editor.open(document)
    for _ in range(30):
        if view(editor)[2] > 0.9:
            break
        editor.page.mouse.move(*middle(editor.node("model")))
        editor.page.mouse.wheel(0, -200)
        editor.page.wait_for_timeout(60)

    expect(editor.node("model")).to_be_visible()
    expect(editor.node("save")).to_have_count(0)
    expect(editor.link("decode", "vae")).to_have_count(1)


def test_a_type_that_is_not_installed_keeps_everything(
    editor: Editor, small: dict[str, Any]
) -> None:
    gone = {"type": "NotHere", "inputs": {"mask": {"node": "grey"}, "strength": 2}}
    small["nodes"]["picture"] = gone
    editor.open(small)

    expect(editor.node("picture")).to_contain_text("NotHere")
    expect(editor.node("picture")).to_have_class(re.compile("node-missing"))
    expect(editor.node("picture")).to_contain_text("strength")
    expect(editor.link("picture", "mask")).to_have_count(1)
    expect(editor.link("save", "images")).to_have_count(1)


def test_a_link_to_nowhere_is_shown_where_it_ends(editor: Editor, small: dict[str, Any]) -> None:
    small["nodes"]["save"]["inputs"]["images"] = {"node": "nobody", "output": "image"}
    del small["nodes"]["picture"]["inputs"]["mask"]
    editor.open(small)

    broken = editor.socket("save", "in:images")
    expect(broken).to_have_attribute("aria-label", re.compile("nobody.image, which does not exist"))
    expect(editor.node("save").locator(".node-trouble")).to_be_visible()
    lacking = editor.socket("picture", "in:mask")
    expect(lacking).to_have_attribute("aria-label", re.compile("needed but not linked"))
    expect(editor.socket("grey", "in:value")).not_to_have_class(re.compile("lacking"))


def test_a_problem_is_on_its_node_and_field(editor: Editor, small: dict[str, Any]) -> None:
    small["nodes"]["grey"]["inputs"]["value"] = 7
    editor.open(small)
    editor.faults.expect("422")

    editor.run()

    expect(editor.node("grey")).to_have_class(re.compile("node-wrong"))
    expect(editor.widget("grey", "value")).to_have_class(re.compile("node-row-wrong"))
    expect(editor.node("save")).not_to_have_class(re.compile("node-wrong"))


def test_nodes_say_what_became_of_them_and_why(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    editor.run()
    expect(editor.node("save").locator(".node-state")).to_have_attribute("data-status", "ran")

    editor.run()

    state = editor.node("grey").locator(".node-state")
    expect(state).to_have_attribute("data-status", "reused")
    state.hover()
    expect(editor.page.locator(".ui-hint").last).to_contain_text("Reused: nothing it needs changed")


def test_a_reroute_is_dragged(editor: Editor, small: dict[str, Any]) -> None:
    small["layout"]["$reroutes"] = {"save/images": [{"x": 700, "y": 330}]}
    editor.open(small)
    point = editor.page.locator(".link-reroute")
    before = middle(point)

    drag(editor, before, (40, 20))

    after = middle(point)
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((40, 20), abs=3)
    editor.button("Undo").first.click()
    expect(point).to_have_attribute("cx", "700")


def test_a_node_is_made_wider(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)
    editor.node("save").locator(".node-title").click()
    before = editor.node("save").bounding_box()

    drag(editor, middle(editor.node("save").locator(".node-grip")), (60, 0))

    after = editor.node("save").bounding_box()
    assert before is not None
    assert after is not None
    assert after["width"] == pytest.approx(before["width"] + 60, abs=8)


def test_the_map_moves_the_view_and_goes(editor: Editor, document: dict[str, Any]) -> None:
    editor.open(document)
    before = view(editor)
    shown = editor.page.locator(".canvas-minimap")

    shown.click(position={"x": 30, "y": 70})
    assert view(editor)[0] > before[0]
    editor.button("Overview map").click()
    expect(shown).to_have_count(0)


def test_nothing_flows_for_who_wants_no_motion(
    open_editor: OpenEditor, small: dict[str, Any]
) -> None:
    for motion, moves in (("no-preference", "link-flows"), ("reduce", "none")):
        editor = open_editor(reduced_motion=motion)
        editor.open(small)
        link = editor.link("save", "images").locator(".link")
        link.evaluate("element => element.classList.add('link-running')")
        assert link.evaluate("element => getComputedStyle(element).animationName") == moves


def test_nodes_have_names_for_screen_readers(editor: Editor, small: dict[str, Any]) -> None:
    editor.open(small)

    node = editor.page.get_by_role("group", name="Save Image")
    expect(node).to_have_count(1)
    node.focus()
    editor.press("Enter")
    expect(editor.node("save")).to_have_class(re.compile("node-selected"))
    editor.press("Escape")
    expect(node).to_be_focused()
    editor.press("Escape")
    expect(editor.node("save")).not_to_have_class(re.compile("node-selected"))
