"""The page itself: it comes from the server alone, under its policy, and follows the server."""

import pytest
from playwright.sync_api import expect

from tests.web.conftest import OpenEditor, OwnServer
from tests.web.editor import Editor, Faults


def test_the_editor_opens(editor: Editor) -> None:
    expect(editor.page).to_have_title("nodegraph")
    expect(editor.button("Run")).to_be_visible()


def test_its_policy_forbids_eval_and_inline_scripts(editor: Editor) -> None:
    editor.faults.expect("policy|Content Security Policy")

    editor.page.evaluate("""() => {
        setTimeout("document.title = 'evaluated'");
        const script = document.createElement('script');
        script.textContent = "document.title = 'inline'";
        document.body.append(script);
        return new Promise((wake) => setTimeout(wake, 50));
    }""")

    assert editor.page.title() == "nodegraph"


def test_complaints_of_the_page_fail_a_test(editor: Editor) -> None:
    found = Faults()
    found.watch(editor.page, editor.page.url)

    editor.faults.expect("eval|elsewhere|broken|ERR_|Security Policy|policy")
    editor.page.evaluate("() => { setTimeout(() => { throw new Error('broken') }) }")
    editor.page.evaluate("() => fetch('http://127.0.0.2:1/').catch(() => 0)")

    with pytest.raises(pytest.fail.Exception, match="exception: broken"):
        found.check()


def test_a_server_that_was_killed_is_heard_again(
    open_editor: OpenEditor, own_server: OwnServer
) -> None:
    editor = open_editor(own_server.url)
    editor.faults.expect("ERR_|status of 503")  # gone, then starting

    own_server.kill()
    own_server.start()
    editor.page.reload()

    editor.ready()
