"""Linking nodes with the pointer: what lights up, where links land, what is refused and why."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.hands import (
    beside,
    drag,
    expect_link,
    expect_no_link,
    held,
    items,
    link,
    open_nodes,
    palette,
    spot,
)


@pytest.fixture
def graph(editor: Editor) -> Editor:
    """A chain from a mask to a picture that is saved, and what may be linked to it."""
    open_nodes(
        editor,
        grey=("SolidMask", {"value": 0.5}, (0, 0)),
        picture=("MaskToImage", {"mask": link("grey", "mask")}, (360, 0)),
        invert=("ImageInvert", {"image": link("picture", "image")}, (720, 0)),
        save=("SaveImage", {"images": link("invert", "image")}, (1080, 0)),
        other=("SolidMask", {"value": 1.0}, (0, 300)),
        blend=("ImageBlend", {}, (720, 300)),
        number=("Int", {"value": 3}, (360, 300)),
    )
    return editor


def says(editor: Editor) -> str:
    return editor.page.locator(".connect-says").inner_text()


def opacity(editor: Editor, node: str, handle: str) -> float:
    style = "element => Number(getComputedStyle(element).opacity)"
    return float(editor.socket(node, handle).evaluate(style))


def test_what_fits_lights_up_and_the_rest_dims(graph: Editor) -> None:
    with held(graph, spot(graph.socket("picture", "out:image")), (700, 800)):
        fitting = graph.page.locator(".react-flow [data-handleid][data-fits]")
        found = {one.get_attribute("data-nodeid") for one in fitting.all()}
        assert found == {"invert", "save", "blend"}
        assert opacity(graph, "blend", "in:image1") == 1
        assert opacity(graph, "blend", "in:blend_factor") < 0.5
        assert opacity(graph, "grey", "out:mask") < 0.5
        graph.press("Escape")

    expect(graph.page.locator("[data-fits]")).to_have_count(0)
    assert opacity(graph, "grey", "out:mask") == 1


def test_a_link_lands_on_a_socket(graph: Editor) -> None:
    target = spot(graph.socket("blend", "in:image2"))

    drag(graph, spot(graph.socket("invert", "out:image")), beside(target, -9, 4))

    expect_link(graph, "blend", "image2", "invert")
    expect_no_link(graph, "blend", "image1")


def test_dropped_on_a_node_it_takes_the_nearest_of_the_free_inputs_that_fit(graph: Editor) -> None:
    foot = spot(graph.node("blend"), 0.5, 0.9)

    drag(graph, spot(graph.socket("invert", "out:image")), foot)
    expect_link(graph, "blend", "image2", "invert")
    drag(graph, spot(graph.socket("picture", "out:image")), foot)

    expect_link(graph, "blend", "image1", "picture")
    expect_link(graph, "blend", "image2", "invert")


def test_a_link_may_be_dragged_backwards(graph: Editor) -> None:
    drag(graph, spot(graph.socket("blend", "in:image1")), spot(graph.node("picture")))

    expect_link(graph, "blend", "image1", "picture")


def test_a_new_link_takes_the_place_of_the_old_one_and_undo_brings_it_back(graph: Editor) -> None:
    drag(graph, spot(graph.socket("other", "out:mask")), spot(graph.node("picture")))

    expect_link(graph, "picture", "mask", "other")
    graph.press("Control+z")
    expect_link(graph, "picture", "mask", "grey")


def test_dropped_on_nothing_it_offers_what_fits_and_links_it(graph: Editor) -> None:
    at = (700.0, 780.0)

    drag(graph, spot(graph.socket("other", "out:mask")), at)
    expect(items(graph).filter(has_text="Invert Mask")).to_be_visible()
    assert items(graph).filter(has_text="KSampler").count() == 0
    graph.page.keyboard.type("invert mask")
    graph.press("Enter")

    expect_link(graph, "invert-mask", "mask", "other")
    socket = spot(graph.socket("invert-mask", "in:mask"))
    assert abs(socket[0] - at[0]) < 12
    assert abs(socket[1] - at[1]) < 12


def test_an_input_is_offered_what_gives_it(graph: Editor) -> None:
    drag(graph, spot(graph.socket("blend", "in:image2")), (600, 780))
    graph.page.keyboard.type("load image")
    graph.press("Enter")

    expect_link(graph, "blend", "image2", "load-image")


def test_the_end_of_a_link_moves_to_another_input(graph: Editor) -> None:
    target = spot(graph.socket("blend", "in:image1"))

    drag(graph, spot(graph.socket("save", "in:images")), target)

    expect_link(graph, "blend", "image1", "invert")
    expect_no_link(graph, "save", "images")


def test_the_other_end_of_a_link_moves_to_another_output(graph: Editor) -> None:
    near_its_output = beside(spot(graph.socket("grey", "out:mask")), 20, 0)

    drag(graph, near_its_output, spot(graph.socket("other", "out:mask")))

    expect_link(graph, "picture", "mask", "other")


def test_with_alt_a_link_that_is_dropped_on_nothing_is_deleted(graph: Editor) -> None:
    with held(graph, spot(graph.socket("save", "in:images")), (700, 800)):
        graph.page.keyboard.down("Alt")
        graph.page.mouse.move(702, 800)
        assert "delete" in says(graph)
    graph.page.keyboard.up("Alt")

    expect_no_link(graph, "save", "images")
    expect(palette(graph)).to_have_count(0)


def test_escape_gives_a_drag_up(graph: Editor) -> None:
    with held(graph, spot(graph.socket("save", "in:images")), spot(graph.node("blend"))):
        graph.press("Escape")

    expect_link(graph, "save", "images", "invert")
    expect_no_link(graph, "blend", "image1")


def test_another_type_is_refused_with_a_word_why(graph: Editor) -> None:
    with held(
        graph, spot(graph.socket("other", "out:mask")), spot(graph.socket("blend", "in:image1"))
    ):
        assert says(graph) == "Takes Image, not Mask"
    expect_no_link(graph, "blend", "image1")

    with held(graph, spot(graph.socket("other", "out:mask")), spot(graph.node("number"))):
        assert says(graph) == "No input here takes Mask"
    expect(palette(graph)).to_have_count(0)


def test_a_circle_is_refused_with_a_word_why(graph: Editor) -> None:
    with held(graph, spot(graph.socket("invert", "out:image")), spot(graph.node("picture"))):
        assert "circle" in says(graph)
    with held(
        graph, spot(graph.socket("invert", "out:image")), spot(graph.socket("invert", "in:image"))
    ):
        assert "feed itself" in says(graph)

    expect_link(graph, "invert", "image", "picture")


def test_two_outputs_are_no_link(graph: Editor) -> None:
    with held(
        graph, spot(graph.socket("other", "out:mask")), spot(graph.socket("grey", "out:mask"))
    ):
        assert "Both are outputs" in says(graph)


def test_a_list_may_feed_an_input_that_takes_one(editor: Editor) -> None:
    open_nodes(
        editor,
        lines=("StringLines", {"text": "one\ntwo"}, (0, 0)),
        words=("CLIPEncode", {}, (400, 0)),
    )

    with held(editor, spot(editor.socket("lines", "out:strings")), spot(editor.node("words"))):
        assert says(editor) == "Runs once for each of the list"

    expect_link(editor, "words", "text", "lines")


def test_what_is_linked_first_fixes_an_open_type(editor: Editor) -> None:
    open_nodes(
        editor,
        mask=("SolidMask", {}, (0, 0)),
        number=("Int", {}, (0, 260)),
        pick=("Switch", {}, (400, 0)),
        picture=("MaskToImage", {}, (800, 0)),
        invert=("ImageInvert", {}, (800, 200)),
    )
    drag(editor, spot(editor.socket("mask", "out:mask")), spot(editor.socket("pick", "in:on_true")))
    expect_link(editor, "pick", "on_true", "mask")

    drag(
        editor,
        spot(editor.socket("number", "out:int")),
        spot(editor.socket("pick", "in:on_false")),
    )
    expect_no_link(editor, "pick", "on_false")
    with held(editor, spot(editor.socket("pick", "out:output")), spot(editor.node("invert"))):
        assert says(editor) == "No input here takes Mask"
    drag(editor, spot(editor.socket("pick", "out:output")), spot(editor.node("picture")))
    expect_link(editor, "picture", "mask", "pick")


@pytest.mark.parametrize("way", ["alt", "right"])
def test_a_line_cuts_the_links_that_it_crosses(graph: Editor, way: str) -> None:
    between = spot(graph.link("picture", "mask"))
    key, button = ("Alt", "left") if way == "alt" else ("Control", "right")

    graph.page.keyboard.down(key)
    with held(graph, beside(between, -4, -90), beside(between, 4, 90), button=button):
        expect(graph.link("picture", "mask")).to_have_attribute("data-cut", "")
    graph.page.keyboard.up(key)

    expect_no_link(graph, "picture", "mask")
    expect_link(graph, "invert", "image", "picture")
    expect(graph.page.get_by_role("menu")).to_have_count(0)


def test_a_link_goes_through_points(graph: Editor) -> None:
    points = graph.link("invert", "image").locator(".link-reroute")
    start = spot(graph.link("invert", "image"))

    graph.page.mouse.dblclick(*start)
    expect(points).to_have_count(1)
    drag(graph, spot(points.first), beside(start, 0, 120))
    assert abs(spot(points.first)[1] - start[1] - 120) < 15
    graph.page.mouse.click(*spot(points.first))
    graph.press("Delete")
    expect(points).to_have_count(0)
    expect_link(graph, "invert", "image", "picture")

    graph.press("Control+z")
    expect(points).to_have_count(1)
    graph.page.mouse.dblclick(*spot(points.first))
    expect(points).to_have_count(0)


def test_a_node_dropped_on_a_link_is_put_between(graph: Editor) -> None:
    head = spot(graph.node("blend"), 0.3, 0.06)
    line = spot(graph.link("save", "images"))

    with held(graph, head, beside(line, -80, 10)):
        expect(graph.link("save", "images")).to_have_attribute("data-over", "")

    expect_link(graph, "save", "images", "blend")
    expect_link(graph, "blend", "image1", "invert")


def test_a_node_that_does_not_fit_is_not_put_on_a_link(graph: Editor) -> None:
    line = spot(graph.link("save", "images"))

    drag(graph, spot(graph.node("number"), 0.3, 0.15), beside(line, -80, 10))

    expect_link(graph, "save", "images", "invert")


def test_a_node_is_inserted_on_the_selected_link(graph: Editor) -> None:
    graph.page.mouse.click(*spot(graph.link("save", "images")))
    graph.press("i")
    expect(items(graph).first).to_be_visible()
    assert items(graph).filter(has_text="Solid Mask").count() == 0
    graph.page.keyboard.type("image scale by")
    graph.press("Enter")

    expect_link(graph, "save", "images", "image-scale-by")
    expect_link(graph, "image-scale-by", "image", "invert")


def test_a_selected_link_is_deleted(graph: Editor) -> None:
    graph.page.mouse.click(*spot(graph.link("save", "images")))
    graph.press("Delete")

    expect_no_link(graph, "save", "images")
    expect(graph.node("save")).to_be_visible()


def test_a_node_is_replaced_and_keeps_links_that_fit(graph: Editor) -> None:
    graph.node("invert").locator(".node-head").click()
    graph.press("Shift+R")
    graph.page.keyboard.type("image scale by")
    graph.press("Enter")

    expect(graph.node("invert")).to_contain_text("Image Scale By")
    expect_link(graph, "invert", "image", "picture")
    expect_link(graph, "save", "images", "invert")


def test_what_found_no_place_in_the_new_node_is_named(graph: Editor) -> None:
    graph.node("invert").locator(".node-head").click()
    graph.press("Shift+R")
    graph.page.keyboard.type("solid mask")
    graph.press("Enter")

    expect(graph.node("invert")).to_contain_text("Solid Mask")
    expect_no_link(graph, "save", "images")
    expect(graph.page.get_by_text("Found no place in the new node: image")).to_be_visible()


def test_fingers_drag_links(open_editor: OpenEditor) -> None:
    editor = open_editor(has_touch=True)
    open_nodes(
        editor,
        grey=("SolidMask", {}, (0, 0)),
        picture=("MaskToImage", {}, (400, 60)),
    )
    start = spot(editor.socket("grey", "out:mask"))
    end = spot(editor.node("picture"))
    device = editor.page.context.new_cdp_session(editor.page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    touch("touchStart", start)
    touch("touchMove", beside(start, 30, 10))
    touch("touchMove", end)
    touch("touchEnd")

    expect_link(editor, "picture", "mask", "grey")
