"""The editor as a test sees it: what is on the page, and what somebody does with it."""

import base64
import json
import re
import time
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    FilePayload,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

PATIENCE = 60.0
"""Seconds that anything may take; a machine with one slow core is busy with other tests."""
PHONE = 720
"""Pixels: narrower screens are those of phones."""
FLAGS = [
    "--no-sandbox",
    "--no-proxy-server",
    "--no-pings",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
"""Chromium reaches nothing but this machine."""

_WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.effectiveDirective} forbids ${event.blockedURI} ${event.sourceFile ?? ""}`));
"""
_DROP = """
(place, {name, type, text, base64}) => {
  const bytes = base64 ? Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)) : text;
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, {type}));
  const {left, top, width, height} = place.getBoundingClientRect();
  const [clientX, clientY] = [left + width / 2, top + height / 2];
  for (const kind of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(
      kind, {dataTransfer, clientX, clientY, bubbles: true, cancelable: true}));
}
"""
_WATCH = """
() => {
  const seen = window.__seen = {title: []};
  const note = (key, value) => {
    const list = seen[key] ??= [];
    if (value !== null && value !== undefined && list.at(-1) !== value) list.push(value);
  };
  const look = () => {
    note("title", document.title);
    for (const node of document.querySelectorAll("[data-node]")) {
      const id = node.dataset.node;
      note(id, node.querySelector(".node-state")?.dataset.status);
      note(`progress of ${id}`, node.querySelector("progress")?.getAttribute("value"));
      const source = node.querySelector(".node-result img")?.getAttribute("src");
      if (source?.startsWith("data:")) note(`previews of ${id}`, source);
      else note(`previews of ${id}`, null);
    }
  };
  new MutationObserver(look).observe(document, {
    attributes: true, childList: true, characterData: true, subtree: true});
}
"""

Document = Mapping[str, Any]


class Faults:
    """What a page complained of: errors in the console, exceptions, requests to elsewhere."""

    def __init__(self) -> None:
        self._found: list[str] = []
        self._expected: list[re.Pattern[str]] = []

    def watch(self, page: Page, url: str) -> None:
        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                where = message.location.get("url", "")
                self._found.append(f"console: {message.text} ({where})")

        def request(sent: Request) -> None:
            if not sent.url.startswith((url, "data:", "blob:")):
                self._found.append(f"a request to elsewhere: {sent.url}")

        page.add_init_script(_WATCH_POLICY)
        page.on("console", console)
        page.on("pageerror", lambda error: self._found.append(f"exception: {error}"))
        page.on("request", request)

    def expect(self, pattern: str) -> None:
        """Allow complaints in which the pattern is found, such as `status of 422`."""
        self._expected.append(re.compile(pattern))

    def check(self) -> None:
        """Fail if there was anything that was not expected."""
        left = [f for f in self._found if not any(p.search(f) for p in self._expected)]
        if left:
            pytest.fail("the page complained:\n" + "\n".join(left), pytrace=False)


class Editor:
    """The editor in a browser.

    Attributes:
        page: the page, for whatever is not here.
        faults: what it complained of.
    """

    def __init__(self, page: Page, faults: Faults) -> None:
        self.page = page
        self.faults = faults

    # -- what is there ---------------------------------------------------------------------

    def node(self, name: str) -> Locator:
        """A node of the canvas, by its id."""
        return self.page.locator(f'[data-node="{name}"]')

    @property
    def nodes(self) -> Locator:
        return self.page.locator("[data-node]")

    def link(self, target: str, name: str) -> Locator:
        """The link that ends in an input."""
        return self.page.locator(f'.react-flow__edge[data-id="{target}/{name}"]')

    def socket(self, node: str, handle: str) -> Locator:
        """A socket: `in:NAME` or `out:NAME`."""
        return self.node(node).locator(f'[data-handleid="{handle}"]')

    def widget(self, node: str, name: str) -> Locator:
        """The line of an input in its node."""
        handle = self.page.locator(f'[data-handleid="in:{name}"]')
        return self.node(node).locator(".node-widget").filter(has=handle)

    def field(self, node: str, name: str) -> Locator:
        """What is typed into, switched or opened in a widget."""
        fields = "textarea, input:not([type=hidden]), [role=combobox], [role=switch], button"
        return self.widget(node, name).locator(fields).first

    def status(self, node: str) -> str | None:
        """What became of a node in the last run: `ran`, `reused`, ..."""
        return self.node(node).locator(".node-state").first.get_attribute("data-status")

    def expect_status(self, node: str, *among: str) -> None:
        """Wait until one of these became of a node."""
        state = self.node(node).locator(".node-state").first
        expect(state).to_have_attribute("data-status", re.compile(f"^({'|'.join(among)})$"))

    def expect_done(self, node: str) -> None:
        """Wait until a node has what it makes."""
        self.expect_status(node, "ran", "reused")

    def reason(self, node: str) -> str:
        """Why a node ran, or did not."""
        return self.node(node).locator(".node-state").first.get_attribute("aria-label") or ""

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    # -- what somebody does ----------------------------------------------------------------

    def ready(self) -> None:
        """Wait until the node types are there."""
        expect(self.page.locator(".react-flow__pane")).to_be_visible(timeout=PATIENCE * 1000)

    def drop(self, file: FilePayload | Path) -> None:
        """Drop a file on the canvas."""
        given = payload(file)
        words = {"name": given["name"], "type": given["mimeType"]}
        content = given["buffer"]
        try:
            words["text"] = content.decode()
        except UnicodeDecodeError:
            words["base64"] = base64.b64encode(content).decode()
        self.page.locator(".react-flow__pane").evaluate(_DROP, words)

    def open(self, document: Document | Path) -> None:
        """Open a workflow by dropping its file; it is in a tab of its own."""
        text = document.read_bytes() if isinstance(document, Path) else dumped(document)
        self.drop({"name": "dropped.json", "mimeType": "application/json", "buffer": text})
        names = json.loads(text)["nodes"]
        size = self.page.viewport_size
        if size is not None and size["width"] <= PHONE:  # it shows where a graph begins
            some = self.page.locator(", ".join(f'[data-node="{name}"]' for name in names))
            expect(some.first).to_be_attached(timeout=PATIENCE * 1000)
            return
        for name in names:
            expect(self.node(name)).to_be_attached(timeout=PATIENCE * 1000)

    def set(self, node: str, name: str, value: str) -> None:
        """Type a value into a widget."""
        field = self.field(node, name)
        field.click()
        field.fill(value)
        field.blur()

    def press(self, keys: str) -> None:
        """Press keys while nothing has the focus, such as `Control+Enter`."""
        self.page.keyboard.press(keys)

    def command(self, name: str) -> None:
        """Run a command by its name, from the list of all of them."""
        self.press("Control+k")
        search = self.page.get_by_role("dialog").get_by_role("combobox")
        search.fill(name)
        self.page.get_by_role("option", name=name).first.wait_for()
        search.press("Enter")

    def run(self) -> Document:
        """Submit what is open with the mouse; the job as the server took it."""
        with self.page.expect_response(_is_submission, timeout=PATIENCE * 1000) as found:
            self.button("Run").first.click()
        job: Document = found.value.json()
        return job

    def press_run(self) -> Document:
        """The same with the keyboard."""
        with self.page.expect_response(_is_submission, timeout=PATIENCE * 1000) as found:
            self.press("Control+Enter")
        job: Document = found.value.json()
        return job

    def ended(self, job: Document) -> Document:
        """Wait until a job has ended, for as long as it goes on; the job as it stands then."""
        end = time.monotonic() + PATIENCE
        url = urllib.parse.urljoin(self.page.url, f"/api/editor/jobs/{job['id']}")
        while job["status"] not in ("succeeded", "failed", "canceled"):
            assert time.monotonic() < end, job
            self.page.wait_for_timeout(50)
            before, job = job, self.page.request.get(url).json()
            if job != before:
                end = time.monotonic() + PATIENCE
        return job

    def finished(self, job: Document) -> Document:
        """The same of a job of the open workflow, and wait until its nodes show how it ended."""
        job = self.ended(job)
        for name, report in job["nodes"].items():
            if self.node(name).locator(".node-head").count() > 0:
                state = self.node(name).locator(".node-state").first
                expect(state).to_have_attribute("data-status", report["status"])
        stop = self.page.get_by_role("button", name="Stop", exact=True, disabled=False)
        expect(stop).to_have_count(0)
        return job

    def watch(self) -> "Watch":
        """Note from now on what passes too quickly to wait for."""
        return Watch(self.page)


class Watch:
    """What was to be seen for a moment.

    For each node by its id what became of it (`running`, `ran`), as `progress of ID` and
    `previews of ID` how far it was and what it showed, and as `title` the titles of the page.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(_WATCH)

    def seen(self) -> Mapping[str, list[str]]:
        found: Mapping[str, list[str]] = self._page.evaluate("() => window.__seen")
        return found


def quoted(name: str) -> str:
    """A name as one segment of a path."""
    return urllib.parse.quote(name, safe="")


def _is_submission(answer: Response) -> bool:
    return answer.url.endswith("/api/v2/jobs") and answer.request.method == "POST"


def dumped(document: Document) -> bytes:
    return json.dumps(document).encode()


def payload(file: FilePayload | Path) -> FilePayload:
    """A file as browsers take it."""
    if not isinstance(file, Path):
        return file
    kinds = {".json": "application/json", ".png": "image/png", ".webp": "image/webp"}
    kind = kinds.get(file.suffix, "application/octet-stream")
    return {"name": file.name, "mimeType": kind, "buffer": file.read_bytes()}


def opened(
    browser: Browser, url: str, faults: Faults, *, width: int = 1440, height: int = 900, **more: Any
) -> Editor:
    """The editor in a window of its own."""
    viewport = {"width": width, "height": height}
    context = browser.new_context(viewport=viewport, **{"locale": "en", **more})  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE * 1000)
    page = context.new_page()
    faults.watch(page, url)
    page.goto(url)
    made = Editor(page, faults)
    made.ready()
    return made
