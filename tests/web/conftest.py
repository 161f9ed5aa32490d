"""A real browser on the built editor, and a real server with the built-in model behind it."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from build_editor import CannotBuild, CannotInstall, build
from tests.server.processes import PACK, ROOT, Server
from tests.web.editor import FLAGS, Editor, Faults, opened, quoted

WEB = ROOT / "web"
OpenEditor = Callable[..., Editor]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives the browser is marked so, and needs Chromium."""
    for item in items:
        if "open_editor" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.system("chromium", "chromium"))
            # The last net: on a crowded machine a page may answer later than any patience.
            item.add_marker(pytest.mark.flaky(reruns=2))


expect.set_options(timeout=15_000)

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for `open_editor`."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


@contextmanager
def tools() -> Iterator[None]:
    """Skips a test where Node or its packages cannot be had, but fails in CI."""
    try:
        yield
    except CannotInstall as error:
        if os.environ.get("CI") != "true":
            pytest.skip(str(error))
        pytest.fail(str(error), pytrace=False)
    except CannotBuild as error:
        pytest.fail(f"the editor cannot be built: {error}", pytrace=False)


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder with the editor, built from the sources as they are."""
    with tools():
        return build(WEB)


@pytest.fixture(scope="session")
def shared_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of this process; `server` cleans it for each."""
    made = Server(tmp_path_factory.mktemp("served"), pack=None, measured=False)
    made.worker_ready()
    yield made
    made.close()


@pytest.fixture
def server(shared_server: Server) -> Server:
    """A server that holds no job, no workflow and no draft; its cache may be warm."""
    clean(shared_server)
    return shared_server


@pytest.fixture
def own_server(built: Path, tmp_path: Path) -> Iterator["OwnServer"]:
    """A server of this test alone, to be killed and started again."""
    made = OwnServer(tmp_path / "data")
    yield made
    made.close()


class OwnServer:
    """A data directory and a port, with a server that comes and goes.

    Its nodes are those of the tests' pack: it starts without torch, in a third of the time.

    Attributes:
        now: the server that runs, or ran last.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self.now = Server(data, pack=PACK, measured=False)
        self.now.worker_ready()
        self._port = int(self.now.url.rstrip("/").rpartition(":")[2])

    @property
    def url(self) -> str:
        return self.now.url

    def kill(self) -> None:
        """As by `kill -9`, or a power cut."""
        self.now.close()

    def start(self) -> None:
        """Again, at the same address and on the same data; says 503 until it knows the nodes."""
        self.now = Server(self._data, port=self._port, pack=PACK, measured=False)

    def close(self) -> None:
        self.now.close()


@pytest.fixture(scope="module")
def widget_server(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose nodes ask for every kind of value; with models and embeddings."""
    data = tmp_path_factory.mktemp("widgets")
    for name in (
        "checkpoints/small",
        "checkpoints/large",
        "embeddings/kind-eyes",
        "embeddings/eye",
    ):
        path = data / "models" / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    made = Server(data, pack="tests.web.widget_pack", measured=False)
    made.worker_ready()
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file of tests.

    Not for all of them: while it is there an event loop counts as running, and the asynchronous
    tests of other folders could not run beside it.
    """
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What the page complained of; the test fails if that is anything it did not expect."""
    found = Faults()
    yield found
    found.check()


@pytest.fixture
def open_editor(
    browser: Browser, faults: Faults, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[OpenEditor]:
    """Opens the editor in a browser window of its own.

    Arguments: `url` (that of `server` if not given), `width` and `height`, and whatever else
    `Browser.new_context` takes (`color_scheme`, `reduced_motion`, `locale`, `has_touch`, ...).
    """
    contexts = []

    def start(url: str | None = None, **options: Any) -> Editor:
        where = url or request.getfixturevalue("server").url
        made = opened(browser, where, faults, **options)
        contexts.append(made.page.context)
        return made

    yield start
    failed = request.node.stash.get(_FAILED, False)
    for number, context in enumerate(contexts):
        if failed and context.pages:
            path = tmp_path / f"page{number}.png"
            context.pages[0].screenshot(path=path)
            request.node.add_report_section("call", "picture", f"the page as it was: {path}")
        context.close()


@pytest.fixture
def editor(open_editor: OpenEditor) -> Editor:
    """The editor at 1440x900, of `server`."""
    return open_editor()


def clean(server: Server) -> None:
    """Take away what a test left."""
    server.ask("api/editor/queue/resume", {})
    server.ask("api/editor/queue/clear", {})
    for job in server.ask("api/editor/queue")[1]["running"]:
        server.ask(f"api/v2/jobs/{job['id']}/cancel", {})
    server.until(lambda: not server.ask("api/editor/queue")[1]["running"])
    for job in server.ask("api/editor/history?limit=100")[1]["jobs"]:
        server.ask(f"api/editor/jobs/{job['id']}", method="DELETE")
    for kind in ("workflows", "drafts"):
        for entry in server.ask(f"api/editor/{kind}")[1][kind]:
            server.ask(f"api/editor/{kind}/{quoted(entry['name'])}", method="DELETE")
