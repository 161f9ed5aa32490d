"""The guards that every other test relies on."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def test_a_connection_to_elsewhere_is_refused() -> None:
    with socket.socket() as sock, pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))


def test_a_datagram_to_elsewhere_is_refused() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as sock,
        pytest.raises(pytest.fail.Exception, match=r"192\.0\.2\.1"),
    ):
        sock.sendto(b"", ("192.0.2.1", 80))


def test_looking_up_a_name_is_refused() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"models\.example"):
        socket.getaddrinfo("models.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_connection_to_this_machine_works(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()


def test_torch_computes_in_one_thread() -> None:
    code = "import torch; print(torch.get_num_threads())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"1"


def test_the_data_directory_is_not_the_users(data_directory: Path) -> None:
    assert os.environ["NODEGRAPH_DATA"] == str(data_directory)
    assert not data_directory.is_relative_to(Path.home() / ".local")


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "errors")])
def test_a_missing_program_skips_but_fails_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    pytester.makepyprojecttoml((ROOT / "pyproject.toml").read_text())
    pytester.makeconftest((ROOT / "tests" / "conftest.py").read_text())
    test_file = pytester.makepyfile("""
        import pytest

        @pytest.mark.system("no-such-program", "some-package")
        def test_that_needs_it() -> None: ...

        @pytest.mark.system("sh", "dash")
        def test_that_has_what_it_needs() -> None: ...
    """)

    result = pytester.runpytest_subprocess(test_file)

    result.assert_outcomes(passed=1, **{outcome: 1})
    result.stdout.fnmatch_lines(["*no-such-program is missing*apt-get install some-package*"])
