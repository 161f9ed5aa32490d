"""Over plain HTTP a page has no locks: windows find each other and their edits all the same."""

from playwright.sync_api import Page, expect

from tests.server.processes import Server
from tests.web.editor import Editor
from tests.web.keeping import TEMPLATE, drafts, expect_steps, set_steps, steps_of, until_drafted

NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {value: undefined})"


def test_a_closed_window_leaves_its_edit_to_the_next_and_an_open_one_keeps_its_own(
    editor: Editor, server: Server
) -> None:
    context = editor.page.context
    context.add_init_script(NO_LOCKS)

    def opened() -> Editor:
        page: Page = context.new_page()
        editor.faults.watch(page, server.url)
        page.goto(server.url)
        found = Editor(page, editor.faults)
        found.ready()
        return found

    editor.page.reload()
    editor.open(TEMPLATE)
    set_steps(editor, 7)
    until_drafted(server, 7)
    closed = opened()
    expect(closed.page.get_by_role("region", name="Begin with a template")).to_be_visible()
    closed.open(TEMPLATE)
    set_steps(closed, 8)
    until_drafted(server, 8)
    closed.page.close(run_before_unload=True)

    after = opened()

    expect_steps(after, 8)
    expect(after.page.locator("[data-tab]")).to_have_count(1)
    expect_steps(editor, 7)
    assert sorted(steps_of(one) for one in drafts(server)) == [7, 8]
