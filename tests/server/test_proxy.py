"""The official adapter in front of version 1: the same script passes as against the server."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from comfy_sdk import Comfy

from tests.server import sdk_script
from tests.server.processes import PATIENCE, Server, serving

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def proxy(server: str) -> Iterator[str]:
    """`comfy-api-proxy` in front of a server; gives its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "comfy_api_proxy.cli", "run"]
    options = ["--comfyui", server, "--port", str(port)]
    process = subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(f"{url}/api/v2/health"):
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < end
            time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.communicate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE):
            return True
    except urllib.error.URLError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the built-in nodes and those of the tests."""
    with serving(tmp_path_factory.mktemp("data"), "--pack", "nodes") as made:
        made.worker_ready()
        yield made


@pytest.fixture(scope="module", params=["native", "proxy"])
def base(request: pytest.FixtureRequest, server: Server) -> Iterator[str]:
    """The address of the server's own API, and of the adapter in front of version 1."""
    native = server.url.rstrip("/")
    if request.param == "native":
        yield native
    else:
        with proxy(native) as url:
            yield url


@pytest.fixture
def client(base: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Comfy]:
    monkeypatch.setenv("COMFY_BASE_URL", base)
    monkeypatch.delenv("COMFY_API_KEY", raising=False)
    with Comfy() as made:
        yield made


@pytest.mark.parametrize("colour", [(255, 0, 0), (0, 0, 255)])
def test_a_picture_goes_in_and_its_inverse_comes_out(
    client: Comfy, tmp_path: Path, colour: tuple[int, int, int]
) -> None:
    sdk_script.whole_way(client, tmp_path, colour)


def test_jobs_are_cancelled(client: Comfy) -> None:
    sdk_script.cancelling(client)


def test_a_failure_is_told(client: Comfy) -> None:
    sdk_script.failing(client)


def test_what_cannot_run_is_refused(client: Comfy) -> None:
    sdk_script.refused(client)
