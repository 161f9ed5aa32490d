"""Every kind of widget: what may be entered, what is refused, and what the workflow holds then."""

import re

import pytest
from playwright.sync_api import expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.widgets import DOCUMENT, drag, fix, held


@pytest.fixture
def page(open_editor: OpenEditor, widget_server: Server) -> Editor:
    """The editor with one node of each type of the pack."""
    editor = open_editor(widget_server.url)
    editor.open(DOCUMENT)
    return editor


# -- numbers ---------------------------------------------------------------------------------


def test_numbers_are_typed_as_sums_stepped_and_dragged(page: Editor) -> None:
    page.set("figures", "size", "512*1.5")
    page.set("figures", "scale", "0,25")
    count = page.field("figures", "count")
    count.click()
    count.press("ArrowUp")
    count.press("Shift+ArrowUp")
    count.blur()
    drag(page, page.field("figures", "size"), 40)

    assert held(page)["figures"] == {"size": 848, "scale": 0.25, "count": 11}
    page.button("Undo").click()
    expect(page.field("figures", "size")).to_have_value("768")


def test_a_slider_stands_where_the_range_is_small(page: Editor) -> None:
    slider = page.widget("figures", "share").get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")

    expect(page.field("figures", "share")).to_have_value("0.52")
    expect(page.widget("figures", "count").get_by_role("slider")).to_have_count(0)
    assert held(page)["figures"] == {"share": 0.52}


def test_what_is_no_number_is_kept_and_not_taken(page: Editor) -> None:
    page.set("figures", "count", "7")
    page.set("figures", "count", "seven")

    field = page.field("figures", "count")
    expect(field).to_have_value("seven")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert held(page)["figures"] == {"count": 7}
    fix(page, "figures", "count", "Back to 7")
    expect(field).to_have_value("7")


def test_a_number_out_of_range_says_the_nearest(page: Editor) -> None:
    page.set("figures", "size", "4")

    fix(page, "figures", "size", "Use 8")

    expect(page.field("figures", "size")).to_have_value("8")
    expect(page.widget("figures", "size").locator(".widget-fault")).to_have_count(0)


def test_what_the_server_refused_is_told_at_its_field_until_it_changes(page: Editor) -> None:
    page.faults.expect("status of 422")
    page.set("figures", "size", "4000")
    assert held(page)["figures"] == {"size": 4000}

    mark = page.widget("figures", "size").get_by_label("4000 is above the maximum of 1024")
    mark.hover()
    page.button("Use 1024").click()

    expect(mark).to_have_count(0)
    assert held(page)["figures"] == {"size": 1024}


def test_switches(page: Editor) -> None:
    page.field("figures", "ready").focus()
    page.field("figures", "ready").press("Space")

    assert held(page)["figures"] == {"ready": True}


# -- seeds -----------------------------------------------------------------------------------


def test_a_seed_is_new_each_run_and_the_last_one_can_be_kept(page: Editor) -> None:
    choose_seed(page, "New each run")
    assert held(page)["figures"] == {"seed": "random"}
    field = page.field("figures", "seed")
    expect(field).to_have_attribute("placeholder", re.compile("last [0-9]+"))
    last = (field.get_attribute("placeholder") or "").split()[-1]
    page.widget("figures", "seed").get_by_label("Options of seed").click()
    expect(page.page.get_by_role("menu")).to_contain_text(re.compile("Ran: .+", re.IGNORECASE))
    page.press("Escape")

    choose_seed(page, "Use the last one")

    expect(field).to_have_value(last)
    assert held(page)["figures"] == {"seed": int(last)}


def choose_seed(editor: Editor, words: str) -> None:
    editor.widget("figures", "seed").get_by_role("button", name="seed: ").click()
    editor.page.get_by_role("menu").get_by_text(words).click()


def test_seeds_up_to_the_largest_are_exact(page: Editor) -> None:
    page.set("figures", "seed", "18446744073709551614")
    page.field("figures", "seed").click()
    page.field("figures", "seed").press("ArrowUp")
    page.field("figures", "seed").press("ArrowUp")
    page.field("figures", "seed").blur()

    assert held(page)["figures"] == {"seed": 2**64 - 1}


# -- texts -----------------------------------------------------------------------------------


def test_words_of_prompts_are_weighed_by_key(page: Editor) -> None:
    page.set("words", "prompt", "a red circle")
    prompt = page.field("words", "prompt")
    prompt.evaluate("field => { field.focus(); field.setSelectionRange(3, 3) }")
    prompt.press("Control+ArrowUp")
    expect(prompt).to_have_value("a (red:1.1) circle")
    prompt.press("Control+ArrowUp")
    expect(prompt).to_have_value("a (red:1.2) circle")
    prompt.press("Control+ArrowDown")
    prompt.press("Control+ArrowDown")

    expect(prompt).to_have_value("a red circle")


def test_a_weight_is_undone_in_the_field_like_what_was_typed(page: Editor) -> None:
    page.set("words", "prompt", "a red")
    prompt = page.field("words", "prompt")
    prompt.evaluate("field => { field.focus(); field.setSelectionRange(5, 5) }")
    page.page.keyboard.insert_text(" circle")
    prompt.evaluate("field => field.setSelectionRange(3, 3)")
    prompt.press("Control+ArrowUp")
    expect(prompt).to_have_value("a (red:1.1) circle")
    prompt.press("Control+z")
    expect(prompt).to_have_value("a red circle")
    prompt.press("Control+Shift+z")
    expect(prompt).to_have_value("a (red:1.1) circle")
    prompt.press("Control+z")
    prompt.press("Control+z")

    expect(prompt).to_have_value("a red")


def test_names_of_embeddings_are_completed(page: Editor) -> None:
    prompt = page.field("words", "prompt")
    prompt.click()
    prompt.press_sequentially("good, embedding:ey")
    options = page.page.get_by_role("option")
    expect(options).to_have_text(["eye", "kind-eyes"])
    prompt.press("ArrowDown")
    prompt.press("Enter")

    expect(prompt).to_have_value("good, embedding:kind-eyes")
    expect(options).to_have_count(0)
    assert held(page)["words"] == {"prompt": "good, embedding:kind-eyes"}


def test_typing_is_one_step_back(page: Editor) -> None:
    line = page.field("words", "line")
    line.click()
    line.press_sequentially(" two")
    line.blur()
    page.button("Undo").click()

    expect(line).to_have_value("one")


def test_colours_have_a_picker(page: Editor) -> None:
    picker = page.widget("words", "color").get_by_label("color: picker")
    picker.fill("#ff8800")
    expect(page.field("words", "color")).to_have_value("#ff8800")

    page.set("words", "color", "orange")

    fix(page, "words", "color", "Use #336699")
    expect(picker).to_have_value("#336699")


def test_secrets_are_masked_until_asked_for(page: Editor) -> None:
    page.set("words", "secret", "hush")
    secret = page.field("words", "secret")
    expect(secret).to_have_attribute("type", "password")

    page.widget("words", "secret").get_by_label("Show the secret").click()

    expect(secret).to_have_attribute("type", "text")


# -- choices ---------------------------------------------------------------------------------


def test_choices_are_searched_by_typing(page: Editor) -> None:
    method = page.field("words", "method")
    method.focus()
    method.press("c")
    expect(page.page.get_by_role("option")).to_have_text(["bicubic"])
    page.page.keyboard.press("Enter")
    level = page.field("words", "level")
    level.click()
    page.page.get_by_role("option", name="4").click()

    expect(method).to_have_text("bicubic")
    assert held(page)["words"] == {"method": "bicubic", "level": 4}


def test_a_choice_that_is_none_says_the_nearest(
    open_editor: OpenEditor, widget_server: Server
) -> None:
    editor = open_editor(widget_server.url)
    editor.open(
        {"nodegraph": 1, "nodes": {"w": {"type": "Words", "inputs": {"method": "bilinaer"}}}}
    )

    fix(editor, "w", "method", "Use bilinear")

    expect(editor.field("w", "method")).to_have_text("bilinear")


def test_a_model_that_is_not_there_is_warned_of(
    open_editor: OpenEditor, widget_server: Server
) -> None:
    editor = open_editor(widget_server.url)
    editor.open(
        {"nodegraph": 1, "nodes": {"f": {"type": "Files", "inputs": {"model": "smal.safetensors"}}}}
    )

    fix(editor, "f", "model", "Use small.safetensors")

    expect(editor.field("f", "model")).to_contain_text("small")
    editor.field("f", "model").click()
    expect(editor.page.get_by_role("option")).to_have_count(2)


# -- lists, JSON, workflows ------------------------------------------------------------------


def test_lists_are_lines(page: Editor) -> None:
    page.set("many", "numbers", "1\n2.5\n3*2")
    page.set("many", "names", "red\nblue")
    page.set("many", "numbers", "1\ntwo")

    fault = page.widget("many", "numbers").get_by_label("“two” is no number")
    expect(fault).to_be_visible()
    assert held(page)["many"] == {"numbers": [1, 2.5, 6], "names": ["red", "blue"]}


def test_json_is_taken_and_what_is_none_is_kept(page: Editor) -> None:
    page.set("many", "flags", "[true, false]")
    page.set("many", "flags", "[true, fal")

    field = page.field("many", "flags")
    expect(field).to_have_value("[true, fal")
    expect(field).to_have_attribute("aria-invalid", "true")
    assert held(page)["many"] == {"flags": [True, False]}
    fix(page, "many", "flags", "Back to the value before")
    expect(field).to_have_value("[true,false]")


def test_a_body_is_added_and_opened(page: Editor) -> None:
    page.field("inside", "body").click()

    expect(page.nodes).to_have_count(0)


# -- files -----------------------------------------------------------------------------------


# -- menus -----------------------------------------------------------------------------------


def test_the_menu_resets_and_turns_a_field_into_a_socket(page: Editor) -> None:
    page.set("figures", "size", "128")
    page.field("figures", "size").press("Shift+F10")
    menu = page.page.get_by_role("menu")
    expect(menu).to_contain_text("How wide it becomes, in pixels.")
    expect(menu).to_contain_text("Range: 8 to 1024")
    menu.get_by_role("menuitem", name="Reset to default").click()
    expect(page.field("figures", "size")).to_have_value("64")

    page.widget("figures", "size").get_by_label("Options of size").click()
    page.page.get_by_role("menuitem", name="Show as socket").click()

    expect(page.socket("figures", "in:size")).to_be_visible()
    expect(page.widget("figures", "size")).to_have_count(0)
    page.node("figures").get_by_label("Options of size").click()
    page.page.get_by_role("menuitem", name="Show as field").click()
    expect(page.field("figures", "size")).to_have_value("64")


def test_a_linked_field_says_from_where_and_is_read_only(
    open_editor: OpenEditor, widget_server: Server
) -> None:
    editor = open_editor(widget_server.url)
    link = {"node": "figures", "output": "output"}
    words = {"type": "Words", "inputs": {"line": link}}
    editor.open({"nodegraph": 1, "nodes": {"figures": {"type": "Figures"}, "words": words}})
    linked = editor.widget("words", "line")
    expect(linked.get_by_role("textbox")).to_have_count(0)
    expect(linked).to_contain_text("Figures")

    linked.get_by_label("Options of line").click()
    editor.page.get_by_role("menuitem", name="Remove the link").click()

    expect(editor.field("words", "line")).to_have_value("one")


def test_every_field_is_called_as_its_input(page: Editor) -> None:
    for node, count in {"figures": 6, "words": 6, "many": 3, "files": 3}.items():
        lines = page.node(node).locator("[data-widget]")
        expect(lines).to_have_count(count)
        for line in lines.all():
            name = line.get_attribute("data-widget")
            control = line.locator("input, textarea, [role=combobox], [role=switch]").first
            assert control.get_attribute("aria-label") == name
