"""What every test stands on: no network, one thread, no user's files, no silent skip."""

import ipaddress
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]

# Read when torch, numpy and the hub's client are imported, here and in child processes.
os.environ.update(OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1", HF_HUB_DISABLE_TELEMETRY="1")

settings.register_profile("nodegraph", deadline=None, derandomize=True)
settings.load_profile("nodegraph")


def pytest_configure() -> None:
    """Refuse the network from here on: an audit hook sees every socket and cannot be undone."""
    sys.addaudithook(_refuse_network)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test that needs a program which is not there; in CI it is there or the test fails."""
    for mark in item.iter_markers("system"):
        program, package = mark.args
        if shutil.which(program) is None:
            reason = f"{program} is missing; on Debian or Ubuntu: sudo apt-get install {package}"
            if os.environ.get("CI") == "true":
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def data_directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty data directory, so that no test meets what its user has."""
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("data")
        patch.setenv("NODEGRAPH_DATA", str(directory))
        yield directory


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        refused = isinstance(address, tuple) and not _is_here(address[0])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        address = args[0]
        refused = address not in _OWN_NAMES and _address(address) is None
    else:
        return
    if refused:
        pytest.fail(f"a test reached for the network: {event} {address!r}")


_OWN_NAMES = {None, "", "localhost", socket.gethostname()}


def _is_here(host: object) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _address(host: object) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(str(host))
    except ValueError:
        return None
