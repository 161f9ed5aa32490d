"""Running: how far it is, many at once, up to a node, after each change; what goes wrong."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.server.processes import PACK, Server
from tests.web.conftest import OpenEditor, OwnServer, clean
from tests.web.editor import PATIENCE, Editor
from tests.web.running import choose, jobs, link, panel, ran, saved, slow, workflow

FOR_EVER = 100_000


@pytest.fixture(scope="module")
def pack_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("running"), pack=PACK, measured=False)
    made.worker_ready()
    yield made
    made.close()


@pytest.fixture
def server(pack_server: Server) -> Server:
    clean(pack_server)
    return pack_server


# -- how far it is ---------------------------------------------------------------------------


def test_progress_is_on_the_node_in_the_bar_and_in_the_title(editor: Editor) -> None:
    editor.open(slow(steps=FOR_EVER))

    editor.run()

    expect(editor.page).to_have_title(re.compile(r"^\d+ % · Slow one$"))
    expect(editor.node("it").get_by_role("progressbar")).to_be_visible()
    expect(editor.page.get_by_role("progressbar", name="Progress of the run")).to_be_visible()
    expect(editor.node("it").get_by_alt_text("Preview of what it makes")).to_be_visible()
    icon = editor.page.locator('link[rel="icon"]')
    expect(icon).to_have_attribute("href", re.compile("^data:image/svg"))

    editor.button("Stop").click()

    expect(editor.page).to_have_title("Slow one · nodegraph")
    expect(editor.node("it").locator(".node-state")).to_have_attribute("data-status", "canceled")
    expect(icon).to_have_attribute("href", re.compile(r"icon\S*\.svg$"))


def test_stop_ends_what_is_of_this_tab_and_stop_everything_the_rest(
    editor: Editor, server: Server
) -> None:
    other = server.submit(slow(steps=FOR_EVER))
    editor.open(slow())
    mine = [editor.run()["id"], editor.run()["id"]]

    editor.button("Stop").click()

    server.until(lambda: {server.job(job)["status"] for job in mine} == {"canceled"})
    assert server.job(other)["status"] == "running"
    choose(editor, "Stop everything of mine")
    assert server.finished(other)["status"] == "canceled"


def test_reused_nodes_say_why(editor: Editor) -> None:
    editor.open(saved(type="Echo", value="again and again"))
    editor.finished(editor.run())
    editor.finished(editor.run())

    assert editor.status("it") == "reused"
    expect(editor.node("it").get_by_label("nothing it needs changed")).to_be_visible()

    editor.set("it", "value", "another")
    editor.finished(editor.run())

    assert "value changed: 'again and again' → 'another'" in editor.reason("it")


def test_results_stay_when_the_edit_before_them_is_undone(editor: Editor) -> None:
    editor.open(saved(type="Echo", value="first"))
    editor.set("it", "value", "second")
    editor.finished(editor.run())
    text = editor.node("save").locator(".node-result")
    expect(text).to_have_text("second")

    editor.button("Undo").click()

    expect(editor.field("it", "value")).to_have_value("first")
    expect(text).to_have_text("second")


# -- many at once ----------------------------------------------------------------------------


def seeds(server: Server, count: int) -> list[Any]:
    """The seeds of the last jobs, oldest first."""
    server.until(lambda: len(jobs(server)) == count)
    found = [ran(server, job["id"])["nodes"]["it"]["inputs"]["seed"] for job in jobs(server)]
    return found[::-1]


def many(editor: Editor, count: int, change: str) -> None:
    editor.press("Control+Shift+Enter")
    dialog = editor.page.get_by_role("dialog", name="Run many times")
    dialog.get_by_label("How many runs").fill(str(count))
    dialog.get_by_label("· seed").select_option(label=change)
    dialog.get_by_role("button", name=f"Queue {count}").click()


def test_many_runs_each_draw_a_seed_of_their_own(editor: Editor, server: Server) -> None:
    editor.open(saved(type="Dice", seed=7))

    many(editor, 3, "A new seed each run")

    drawn = seeds(server, 3)
    assert len(set(drawn)) == 3
    assert all(isinstance(seed, int) for seed in drawn)
    expect(editor.field("it", "seed")).to_have_value("7")


def test_many_runs_count_on_from_a_seed(editor: Editor, server: Server) -> None:
    editor.open(saved(type="Dice", seed=7))

    many(editor, 3, "One more each run")

    assert seeds(server, 3) == [7, 8, 9]


# -- a part, and after each change -----------------------------------------------------------


def test_only_what_the_selected_node_needs_is_run(editor: Editor, server: Server) -> None:
    editor.open(
        workflow(
            first={"type": "Echo", "value": "a"},
            second={"type": "Join", "first": link("first")},
            save={"type": "SaveText", "text": link("second")},
        )
    )
    editor.node("second").locator(".node-title").click()

    choose(editor, "Run up to the selected nodes")

    server.until(lambda: jobs(server))
    assert jobs(server)[0]["targets"] == ["second"]
    expect(editor.node("second").locator(".node-state")).to_have_attribute("data-status", "ran")
    editor.expect_status("save", "skipped")


def test_a_live_workflow_runs_after_each_change_and_stops_the_run_before(
    editor: Editor, server: Server
) -> None:
    editor.open(slow(steps=FOR_EVER, text="first"))
    live = editor.page.get_by_role("button", name="Run again after each change")

    live.click()

    expect(live).to_have_attribute("aria-pressed", "true")
    expect(editor.page).to_have_title(re.compile("%"))
    editor.set("it", "steps", "1")
    expect(editor.node("save").locator(".node-result")).to_have_text("first")
    assert sorted(job["status"] for job in jobs(server)) == ["canceled", "succeeded"]
    live.click()
    editor.set("it", "text", "second")
    editor.page.wait_for_timeout(1500)
    assert len(jobs(server)) == 2


# -- what goes wrong -------------------------------------------------------------------------


def test_a_problem_leads_to_its_field_inside_of_a_subgraph(editor: Editor) -> None:
    inside = saved(type="Slow", steps="many")
    editor.open(workflow(group={"type": "Subgraph", "body": inside}))
    editor.faults.expect("status of 422")

    editor.run()

    expect(editor.page.get_by_role("alert")).to_contain_text("1 problem")
    problems = panel(editor, "Problems")
    expect(problems).to_contain_text("expected int, got 'many'")
    problems.get_by_role("button", name="steps").click()
    expect(editor.node("it")).to_be_visible()
    field = editor.widget("it", "steps")
    expect(field.locator(":focus")).to_have_count(1)

    editor.set("it", "steps", "2")

    expect(problems).to_contain_text("No problems are known")
    editor.run()
    expect(editor.page).to_have_title(re.compile("nodegraph$"))


def test_problems_are_found_without_a_run(editor: Editor) -> None:
    editor.open(saved(type="Slow", steps="many"))

    choose(editor, "Check for problems")

    problems = editor.page.get_by_role("complementary", name="Problems")
    expect(problems).to_contain_text("expected int")


def test_a_node_that_fails_says_where_and_what_it_printed(editor: Editor) -> None:
    editor.open(
        workflow(
            "Talks",
            talk={"type": "Talk", "text": "not a key"},
            wrong={"type": "Wrong", "text": link("talk")},
            save={"type": "SaveText", "text": link("wrong")},
        )
    )

    editor.run()

    alert = editor.page.get_by_role("alert")
    expect(alert).to_contain_text("Talks failed")
    alert.get_by_role("button", name="Show").click()
    problems = panel(editor, "Problems")
    expect(problems).to_contain_text("Wrong: ")
    expect(problems).to_contain_text("KeyError")
    expect(problems).to_contain_text("not a key as an error")
    problems.get_by_role("button", name="Show the node").click()
    node = editor.page.locator(".react-flow__node:focus")
    expect(node.locator('[data-node="wrong"]')).to_have_count(1)


# -- while one is away -----------------------------------------------------------------------


def test_a_run_that_ends_behind_another_tab_is_told_of(editor: Editor) -> None:
    editor.open(slow(steps=100, name="Behind"))
    editor.run()
    editor.open(workflow("Before", alone={"type": "Echo"}))

    toast = editor.page.get_by_role("status").filter(has_text="Behind: done")
    toast.get_by_role("button", name="Show").click()

    expect(editor.node("it")).to_be_visible()
    expect(panel(editor, "Gallery")).to_be_visible()


def test_a_run_is_found_again_after_a_reload(editor: Editor, server: Server) -> None:
    editor.open(slow(steps=FOR_EVER))
    job = editor.run()["id"]
    expect(editor.page).to_have_title(re.compile("%"))

    editor.page.reload()

    expect(editor.page).to_have_title(re.compile("%"))
    expect(editor.node("it").get_by_role("progressbar")).to_be_visible()
    editor.button("Stop").click()
    assert server.finished(job)["status"] == "canceled"


def test_what_ended_while_the_server_was_away_is_learnt(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect("ERR_|status of 503")
    editor.open(slow(steps=FOR_EVER, name="Cut short"))
    editor.run()
    expect(editor.page).to_have_title(re.compile("%"))

    own_server.kill()
    heard = editor.page.locator(".shell-link")
    expect(heard).to_contain_text("No connection")
    own_server.start()

    expect(heard).to_contain_text("Connected", timeout=PATIENCE * 1000)
    expect(editor.page).to_have_title("Cut short · nodegraph")
    expect(panel(editor, "Problems")).to_contain_text("The server was stopped meanwhile")
