"""Pictures of the editor's main screens, in docs/images: light and dark, from desk to phone.

    python scripts/screenshots.py [SCREEN...]

It builds the editor, starts a server with the built-in model and drives Chromium, as the tests do.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from build_editor import build

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.server.processes import Server  # noqa: E402
from tests.web.conftest import clean  # noqa: E402
from tests.web.editor import FLAGS, Editor, Faults, opened  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SIZES = ((1440, 900), (1024, 768), (390, 844))
THEMES = ("light", "dark")
WISHES = (
    "a large red circle on a blue background",
    "a large green triangle on a white background",
    "a yellow star on a purple background",
    "a small blue square on a white background",
)
PHONE = 600
"""Screens narrower than this are those of phones: they are touched."""


def templates(_: Editor) -> None:
    """What a first visit shows."""


def canvas(editor: Editor) -> None:
    """A workflow that has run."""
    _begin(editor)
    editor.finished(editor.press_run())
    size = editor.page.viewport_size
    if size is not None and size["width"] > PHONE:  # a phone shows where the graph begins
        editor.command("Show everything")


def palette(editor: Editor) -> None:
    """Looking for a node."""
    _begin(editor)
    editor.command("Add a node…")
    editor.page.get_by_role("dialog").get_by_role("combobox").fill("sampler")


def gallery(editor: Editor) -> None:
    """What was made."""
    _begin(editor)
    for wish in WISHES:
        document = _example()
        document["nodes"]["positive"]["inputs"]["text"] = wish
        body = {"workflow": document}
        url = urljoin(editor.page.url, "/api/v2/jobs")
        editor.ended(editor.page.request.post(url, data=body).json())
    editor.command("Gallery")


def problems(editor: Editor) -> None:
    """A workflow that cannot run says where and why."""
    document = _example()
    del document["nodes"]["sample"]["inputs"]["latent_image"]
    document["nodes"]["sample"]["inputs"]["sampler_name"] = "dpmpp_2n"
    document["nodes"]["model"]["inputs"]["ckpt_name"] = "shapes-46"
    editor.open(document)
    editor.faults.expect("status of 422")
    editor.press("Control+Enter")
    editor.command("Problems")


def form(editor: Editor) -> None:
    """The same workflow for who only wants to run it."""
    _begin(editor)
    editor.command("Show as a form")
    editor.finished(editor.press_run())


def _example() -> dict[str, Any]:
    path = ROOT / "workflows" / "txt2img.json"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _begin(editor: Editor) -> None:
    editor.page.get_by_role("button", name="Text to image").click()
    expect(editor.nodes.first).to_be_attached()


SCREENS: Mapping[str, Callable[[Editor], None]] = {
    screen.__name__: screen for screen in (templates, canvas, palette, gallery, problems, form)
}


@contextmanager
def serving() -> Iterator[Server]:
    """A server with the built-in model and nothing else."""
    build(ROOT / "web")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), pack=None)
        try:
            server.worker_ready()
            yield server
        finally:
            server.close()


def take(browser: Browser, server: Server, name: str, theme: str, size: tuple[int, int]) -> Path:
    """One picture."""
    clean(server)
    faults = Faults()
    width, height = size
    options = {"color_scheme": theme, "reduced_motion": "reduce", "has_touch": width < PHONE}
    editor = opened(browser, server.url, faults, width=width, height=height, **options)
    try:
        SCREENS[name](editor)
        editor.page.mouse.move(width / 2, height - 1)
        editor.page.wait_for_timeout(600)
        path = IMAGES / f"{name}-{theme}-{width}x{height}.png"
        Image.open(BytesIO(editor.page.screenshot())).convert("RGB").save(path, optimize=True)
    finally:
        editor.page.context.close()
    faults.check()
    return path


def main(wanted: Sequence[str]) -> int:
    """Take the pictures of the screens that are named, or of all."""
    unknown = set(wanted) - set(SCREENS)
    if unknown:
        print(f"error: no screen is called {', '.join(sorted(unknown))}; there are:", *SCREENS)
        return 2
    with serving() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for name in wanted or SCREENS:
            for theme in THEMES:
                for size in SIZES:
                    print(take(browser, server, name, theme, size).relative_to(ROOT))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
