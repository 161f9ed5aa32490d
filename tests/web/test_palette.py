"""Finding nodes and commands by typing, by category, with keys, mouse and fingers."""

import re

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.hands import Spot, items, marked, open_nodes, palette, spot

EMPTY: Spot = (900.0, 600.0)


@pytest.fixture
def canvas(editor: Editor) -> Editor:
    """A canvas with one node at its upper left."""
    open_nodes(editor, grey=("SolidMask", {}, (0, 0)))
    return editor


def search(editor: Editor, words: str) -> list[str]:
    """What is found, from the top."""
    palette(editor).get_by_role("combobox").fill(words)
    expect(palette(editor).get_by_role("status")).not_to_have_text("")
    return items(editor).locator(".palette-name").all_inner_texts()


def test_a_double_click_opens_it_and_enter_adds_the_node_there(canvas: Editor) -> None:
    canvas.page.mouse.dblclick(*EMPTY)
    expect(palette(canvas).get_by_role("combobox")).to_be_focused()
    canvas.page.keyboard.type("ksamp")
    expect(marked(canvas)).to_contain_text("KSampler")
    canvas.press("Enter")

    expect(palette(canvas)).to_have_count(0)
    box = canvas.node("ksampler").bounding_box()
    assert box is not None
    assert box["x"] < EMPTY[0] < box["x"] + box["width"]
    assert box["y"] < EMPTY[1] < box["y"] + 40
    canvas.press("Control+z")
    expect(canvas.node("ksampler")).to_have_count(0)


@pytest.mark.parametrize("key", ["Space", "Tab"])
def test_keys_open_it_where_the_pointer_is(canvas: Editor, key: str) -> None:
    canvas.page.mouse.click(*EMPTY)
    canvas.press(key)
    canvas.page.keyboard.type("invert mask")
    canvas.press("Enter")

    box = canvas.node("invert-mask").bounding_box()
    assert box is not None
    assert abs(box["x"] - EMPTY[0]) < 40
    assert abs(box["y"] - EMPTY[1]) < 40


def test_tab_goes_round_the_page_for_who_has_not_used_the_pointer(canvas: Editor) -> None:
    canvas.page.reload()
    canvas.ready()
    canvas.press("Tab")

    expect(palette(canvas)).to_have_count(0)
    assert canvas.page.evaluate("document.activeElement !== document.body")


def test_names_come_first_then_words_then_what_is_near(canvas: Editor) -> None:
    canvas.press("Space")

    assert search(canvas, "image")[0].startswith("Image")
    assert search(canvas, "ksmapler")[0] == "KSampler"
    assert search(canvas, "CLIPTextEncode")[0] == "CLIP Encode"
    assert search(canvas, "lckpt")[0] == "Load Checkpoint"
    assert "Grow Mask" in search(canvas, "mask")
    assert search(canvas, "zzzz") == []
    expect(palette(canvas)).to_contain_text("Nothing found")


def test_what_was_used_lately_comes_first(canvas: Editor) -> None:
    canvas.press("Space")
    before = search(canvas, "image scale")
    last = before[1]
    items(canvas).filter(has_text=last).first.click()
    canvas.press("Space")

    expect(items(canvas).first).to_contain_text(last)
    expect(palette(canvas)).to_contain_text("Used lately")
    assert search(canvas, "image scale")[0] == last


def test_a_button_on_the_canvas_opens_it_and_adds_in_the_middle(canvas: Editor) -> None:
    def add() -> None:
        view = canvas.page.get_by_role("toolbar", name="View")
        view.get_by_role("button", name="Add a node").click()
        search(canvas, "invert mask")
        canvas.press("Enter")

    canvas.press("Control+a")
    canvas.press("Delete")
    add()
    x, y = spot(canvas.node("invert-mask"))
    middle = spot(canvas.page.locator(".react-flow"))
    assert abs(x - middle[0]) < 20
    assert abs(y - middle[1]) < 20

    add()
    first, second = (canvas.node(name).bounding_box() for name in ("invert-mask", "invert-mask-2"))
    assert first is not None
    assert second is not None
    apart = abs(first["x"] - second["x"]) >= first["width"]
    assert apart or abs(first["y"] - second["y"]) >= first["height"]


def test_categories_are_gone_through_with_keys(canvas: Editor) -> None:
    canvas.press("Space")
    while "image" not in marked(canvas).inner_text():
        canvas.press("ArrowDown")
    canvas.press("ArrowRight")
    expect(palette(canvas).get_by_role("navigation")).to_contain_text("image")
    expect(items(canvas).filter(has_text="Load Image")).to_be_visible()
    canvas.press("Backspace")

    expect(palette(canvas).get_by_role("navigation")).to_have_count(0)
    expect(items(canvas).filter(has_text=re.compile("^sampling"))).to_be_visible()


def test_categories_are_gone_through_with_the_mouse(canvas: Editor) -> None:
    canvas.press("Space")
    items(canvas).filter(has_text=re.compile("^image")).click()
    items(canvas).filter(has_text=re.compile("^size")).click()
    expect(items(canvas).filter(has_text="Image Scale By")).to_be_visible()
    palette(canvas).get_by_role("button", name="image").click()
    items(canvas).filter(has_text="Load Image").click()

    expect(canvas.node("load-image")).to_be_visible()


def test_the_preview_says_what_a_node_takes_and_gives(canvas: Editor) -> None:
    canvas.press("Space")
    search(canvas, "vae decode")

    about = palette(canvas).locator(".palette-about")
    for word in ("VAE Decode", "The picture of a latent", "samples", "Latent", "image", "Image"):
        expect(about).to_contain_text(word)


def test_escape_closes_it_and_nothing_is_added(canvas: Editor) -> None:
    canvas.press("Space")
    search(canvas, "ksampler")
    canvas.press("Escape")

    expect(palette(canvas)).to_have_count(0)
    expect(canvas.nodes).to_have_count(1)


def test_nodes_are_not_put_on_top_of_each_other(canvas: Editor) -> None:
    for _ in range(2):
        canvas.page.mouse.move(*EMPTY)
        canvas.press("Space")
        search(canvas, "invert mask")
        canvas.press("Enter")
    first, second = canvas.node("invert-mask"), canvas.node("invert-mask-2")

    assert spot(first, 0, 0) != spot(second, 0, 0)


def test_it_fits_a_phone_and_fingers_use_it(open_editor: OpenEditor) -> None:
    editor = open_editor(width=390, height=844, has_touch=True)
    open_nodes(editor, grey=("SolidMask", {}, (0, 0)))
    editor.press("Space")
    box = palette(editor).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    heights = {round(item["height"]) for i in items(editor).all() if (item := i.bounding_box())}
    assert min(heights) >= 30
    items(editor).filter(has_text=re.compile("^sampling")).tap()
    items(editor).filter(has_text=re.compile("^KSampler$|^KSamplersampling")).first.tap()

    expect(editor.node("ksampler")).to_be_attached()


def test_the_list_of_commands_finds_runs_and_shows_keys(canvas: Editor) -> None:
    canvas.press("Control+k")
    assert search(canvas, "add a node")[0].startswith("Add a node")
    expect(marked(canvas)).to_contain_text("Space")
    canvas.press("Enter")
    expect(palette(canvas).get_by_role("combobox")).to_have_attribute(
        "placeholder", re.compile("Name, category")
    )
    canvas.press("Escape")
    expect(palette(canvas)).to_have_count(0)

    canvas.press("Control+k")
    expect(items(canvas).first).to_contain_text("Add a node")


def test_commands_that_cannot_run_now_are_shown_but_not_run(canvas: Editor) -> None:
    canvas.press("Control+k")
    search(canvas, "undo")

    expect(marked(canvas)).to_have_attribute("aria-disabled", "true")
    canvas.press("Enter")
    expect(palette(canvas)).to_be_visible()


def test_the_list_of_commands_opens_from_a_field_too(canvas: Editor) -> None:
    canvas.field("grey", "value").click()
    canvas.press("Control+k")

    expect(palette(canvas)).to_be_visible()
