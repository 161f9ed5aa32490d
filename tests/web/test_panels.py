"""The panels of jobs: the queue in its order, the history, the gallery and its large view."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, expect

from tests.server.processes import Server
from tests.web.conftest import OpenEditor
from tests.web.editor import Editor
from tests.web.running import jobs, panel, ran, workflow


def picture(value: float = 0.5, name: str = "Grey", **more: Any) -> dict[str, Any]:
    """A grey picture, made without a model."""
    return workflow(
        name,
        mask={"type": "SolidMask", "value": value, "width": 48, "height": 32},
        image={"type": "MaskToImage", "mask": {"node": "mask"}},
        save={"type": "SaveImage", "images": {"node": "image"}, "filename_prefix": name.lower()},
        **more,
    )


def made(server: Server, *documents: dict[str, Any]) -> list[str]:
    """Jobs that have run, in this order."""
    return [server.finished(server.submit(document))["id"] for document in documents]


def rows(place: Locator) -> Locator:
    return place.locator("[data-job]")


def order(place: Locator) -> list[str]:
    return [row.get_attribute("data-job") or "" for row in rows(place).all()]


# -- the queue -------------------------------------------------------------------------------


def test_what_waits_is_reordered_canceled_and_cleared(editor: Editor, server: Server) -> None:
    queue = panel(editor, "Queue")
    expect(queue).to_contain_text("Nothing runs or waits")
    queue.get_by_role("button", name="Pause").click()
    expect(queue).to_contain_text("The queue is paused")
    waiting = [server.submit(picture(name=name)) for name in ("One", "Two", "Three", "Four")]
    one, two, three, four = waiting
    expect(rows(queue)).to_have_count(4)
    assert order(queue) == waiting

    queue.get_by_role("button", name="Run Three earlier").click()
    server.until(lambda: order(queue) == [one, three, two, four])
    queue.get_by_role("button", name="Run One later").click()
    server.until(lambda: order(queue) == [three, one, two, four])
    rows(queue).nth(3).drag_to(rows(queue).nth(0))
    server.until(lambda: order(queue) == [four, three, one, two])
    queue.get_by_label("Priority of Two").select_option(label="Before others")
    server.until(lambda: order(queue) == [two, four, three, one])
    waits = server.ask("api/editor/queue")[1]["waiting"]
    assert [job["id"] for job in waits] == [two, four, three, one]

    queue.get_by_role("button", name="Cancel One").click()
    expect(rows(queue)).to_have_count(3)
    queue.get_by_role("button", name="Clear what waits").click()
    expect(queue).to_contain_text("Nothing runs or waits")
    assert {server.job(job)["status"] for job in waiting} == {"canceled"}
    queue.get_by_role("button", name="Resume").click()
    expect(queue).not_to_contain_text("The queue is paused")


# -- the history -----------------------------------------------------------------------------


def test_the_history_is_filtered_kept_and_forgotten(editor: Editor, server: Server) -> None:
    kept, other = made(server, picture(0.1, "Kept"), picture(0.9, "Other"))
    server.submit(picture(0.3, "Stopped"))
    history = panel(editor, "History")
    expect(rows(history)).to_have_count(3)

    history.get_by_label("Which jobs").select_option(label="Canceled")
    expect(history).to_contain_text("No job has ended yet")
    history.get_by_label("Which jobs").select_option(label="All")
    expect(rows(history)).to_have_count(3)
    history.locator(f'[data-job="{other}"]').get_by_text("What ran and why").click()
    expect(history.get_by_role("list", name="What ran and why")).to_contain_text("first run")
    history.get_by_role("button", name="More for Kept").click()
    editor.page.get_by_role("menuitem", name="Keep for good").click()
    expect(history.get_by_label("Kept", exact=True)).to_be_visible()

    history.get_by_role("button", name="Forget all").click()
    editor.page.get_by_role("dialog").get_by_role("button", name="Forget all").click()

    expect(rows(history)).to_have_count(1)
    assert [job["id"] for job in jobs(server)] == [kept]
    history.get_by_role("button", name="More for Kept").click()
    editor.page.get_by_role("menuitem", name="Delete").click()
    expect(rows(history)).to_have_count(0)


def test_a_long_history_comes_page_by_page(editor: Editor, server: Server) -> None:
    server.ask("api/editor/queue/pause", {})
    for _ in range(30):
        server.submit(picture())
    server.ask("api/editor/queue/clear", {})
    history = panel(editor, "History")
    expect(history).to_contain_text("24 of 30")

    history.get_by_role("button", name="Show more").click()

    expect(rows(history)).to_have_count(30)
    expect(history.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_job_is_run_again_and_its_workflow_loaded(editor: Editor, server: Server) -> None:
    noise = picture(0.4, "Again", noise={"type": "KSampler", "seed": 7})
    (job,) = made(server, noise)
    history = panel(editor, "History")

    history.get_by_role("button", name="Run Again again").click()
    expect(rows(history)).to_have_count(2)
    history.get_by_role("button", name="More for Again").first.click()
    editor.page.get_by_role("menuitem", name="Run again with a new seed").click()
    expect(rows(history)).to_have_count(3)

    again = [ran(server, one["id"])["nodes"]["noise"]["inputs"]["seed"] for one in jobs(server)]
    assert again[1:] == [7, 7]
    assert again[0] != 7
    history.get_by_role("button", name="Open the workflow of Again").last.click()
    expect(editor.node("mask")).to_be_visible()
    expect(editor.field("mask", "value")).to_have_value("0.4")
    assert job in {one["id"] for one in jobs(server)}


# -- the gallery -----------------------------------------------------------------------------


def viewer(editor: Editor, server: Server) -> Locator:
    """The large view of the newest of three pictures."""
    made(server, picture(0.2, "Dark"), picture(0.5, "Middle"), picture(0.8, "Bright"))
    gallery = panel(editor, "Gallery")
    expect(gallery.get_by_role("listitem")).to_have_count(3)
    gallery.get_by_role("button", name=re.compile("bright_")).click()
    found = editor.page.get_by_role("dialog", name="Results, large")
    expect(found).to_be_visible()
    return found


def test_results_are_leafed_through_zoomed_and_compared(editor: Editor, server: Server) -> None:
    large = viewer(editor, server)
    expect(large).to_contain_text("1 of 3")
    editor.press("ArrowRight")
    expect(large).to_contain_text("2 of 3")
    shown = large.locator(".viewer-picture")
    expect(shown).to_have_attribute("alt", re.compile("middle"))

    editor.press("+")
    expect(shown).to_have_css("transform", re.compile(r"^matrix\(1\.25,"))
    shown.hover()
    editor.page.mouse.wheel(0, -600)
    expect(shown).not_to_have_css("transform", re.compile(r"^matrix\(1\.25,"))
    editor.press("0")
    expect(shown).to_have_css("transform", re.compile(r"^matrix\(1,"))

    large.get_by_role("button", name="Compare with another").click()
    slider = large.get_by_role("slider")
    expect(slider).to_have_attribute("aria-label", re.compile("dark.* ends and middle.* begins"))
    slider.focus()
    before = float(slider.input_value())
    editor.press("ArrowRight")
    assert float(slider.input_value()) > before
    large.get_by_role("button", name=re.compile("bright_")).click()
    expect(slider).to_have_attribute("aria-label", re.compile("bright"))
    editor.press("Escape")
    expect(large).to_have_count(0)


def test_a_result_says_what_made_it_and_is_taken_away(
    editor: Editor, server: Server, tmp_path: Path
) -> None:
    large = viewer(editor, server)

    large.get_by_role("button", name="What it was made with").click()

    facts = large.get_by_role("complementary", name="What it was made with")
    expect(facts).to_contain_text("Solid Mask")
    expect(facts).to_contain_text("0.8")
    with editor.page.expect_download() as download:
        large.get_by_role("link", name="Download").click()
    download.value.save_as(tmp_path / "taken.png")
    assert (tmp_path / "taken.png").read_bytes()[1:4] == b"PNG"
    large.get_by_role("button", name="Open its workflow").click()
    expect(large).to_have_count(0)
    expect(editor.field("mask", "value")).to_have_value("0.8")


def test_a_result_becomes_the_input_of_a_node(editor: Editor, server: Server) -> None:
    editor.open(workflow("Takes", load={"type": "LoadImage"}))
    large = viewer(editor, server)

    large.get_by_role("button", name="Send to an input…").click()
    editor.page.get_by_role("menuitem", name=re.compile("load.* image")).click()

    expect(large).to_have_count(0)
    expect(editor.widget("load", "image")).to_contain_text(re.compile("bright_"))
    names = [file["name"] for file in server.ask("api/editor/inputs")[1]["files"]]
    assert any(name.startswith("bright_") for name in names)


def test_the_picture_on_a_node_opens_large(editor: Editor) -> None:
    editor.open(picture())
    editor.finished(editor.run())

    editor.node("save").get_by_role("button", name=re.compile("show large")).click()

    expect(editor.page.get_by_role("dialog", name="Results, large")).to_be_visible()


def test_the_panels_and_the_large_view_fit_a_phone(open_editor: OpenEditor, server: Server) -> None:
    editor = open_editor(width=390, height=844, has_touch=True)

    large = viewer(editor, server)

    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert editor.page.evaluate(wide) <= 0
    large.get_by_role("button", name="Close").click()
    expect(panel(editor, "Gallery").get_by_role("listitem")).to_have_count(3)
    for name in ("History", "Queue", "Problems"):
        panel(editor, name)
        assert editor.page.evaluate(wide) <= 0
