"""scripts/common.sh: which Python it takes, when it installs, what it says when it cannot."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

COMMON = Path(__file__).resolve().parents[2] / "scripts" / "common.sh"
Shell = Callable[[str], subprocess.CompletedProcess[str]]

NEW = "exit 0"
OLD = 'case "$2" in *version_info\\ *) exit 1;; esac'
BARE = 'case "$2" in *ensurepip*) exit 1;; *print*) echo python3.12-venv;; esac'
PIP = 'case "$*" in *install*) echo "$*" >>"${0%/*}/installs";; esac'


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A PATH of its own that holds the few standard programs and no Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("bash", "cat", "cksum", "dirname", "grep"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    write_program(folder / "id", "echo 1000")
    return folder


@pytest.fixture
def shell(programs: Path, tmp_path: Path) -> Shell:
    """Run bash code after common.sh, for a checkout in `tmp_path` and as a plain user."""

    def run(code: str) -> subprocess.CompletedProcess[str]:
        paths = f"root={tmp_path}; venv=$root/.venv; python=$venv/bin/python"
        lines = f"set -euo pipefail; . {COMMON}; {paths}; {code}"
        return subprocess.run(
            ["bash", "-c", lines],
            env={"PATH": str(programs)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """A virtual environment whose pip only writes down what it is asked to install."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    write_program(folder / "python", PIP)
    write_program(folder / "pip", f"echo pip 26.0 from {tmp_path}/.venv/lib/pip")
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text(name)
    return folder


def write_program(path: Path, code: str) -> None:
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)


def installs(environment: Path) -> list[str]:
    log = environment / "installs"
    return [line.split()[-1] for line in log.read_text().splitlines()] if log.exists() else []


def test_the_first_python_that_is_new_enough_is_taken(shell: Shell, programs: Path) -> None:
    for name, code in (("python3.13", OLD), ("python3.12", BARE), ("python3", NEW)):
        write_program(programs / name, code)

    assert shell("find_python").stdout == "python3\n"


def test_no_python_at_all_says_what_to_install(shell: Shell) -> None:
    done = shell("find_python")

    assert done.returncode == 1
    assert "no Python 3.11 or newer was found" in done.stderr
    assert "sudo apt-get install python3 python3-venv" in done.stderr


def test_only_an_old_python_is_as_good_as_none(shell: Shell, programs: Path) -> None:
    write_program(programs / "python3", OLD)

    done = shell("find_python")

    assert (done.returncode, done.stdout) == (1, "")
    assert "no Python 3.11 or newer was found" in done.stderr


def test_a_python_without_venv_names_the_package_to_a_plain_user(
    shell: Shell, programs: Path
) -> None:
    write_program(programs / "python3", BARE)

    done = shell("find_python")

    assert (done.returncode, done.stdout) == (1, "")
    assert "sudo apt-get install python3.12-venv" in done.stderr
    assert "python3 cannot make virtual environments" in done.stderr


@pytest.mark.skipif(not Path("/etc/debian_version").exists(), reason="is about Debian")
def test_a_python_without_venv_is_completed_by_root(shell: Shell, programs: Path) -> None:
    write_program(programs / "python3", BARE)
    write_program(programs / "id", "echo 0")
    write_program(programs / "apt-get", f'echo "$*" >>{programs}/apt')

    done = shell("find_python")

    assert done.stdout == "python3\n"
    assert (programs / "apt").read_text().splitlines()[-1].endswith(" python3.12-venv")


def test_installing_again_does_nothing(shell: Shell, environment: Path) -> None:
    first, second = shell("install_with test"), shell("install_with test")

    assert "installing nodegraph with the extras test" in first.stderr
    assert (second.returncode, second.stderr) == (0, "")
    assert len(installs(environment)) == 1


def test_more_extras_are_installed_and_serve_for_fewer(shell: Shell, environment: Path) -> None:
    for extras in ("''", "test,dev", "test", "''"):
        assert shell(f"install_with {extras}").returncode == 0

    assert [line.partition("[")[2] for line in installs(environment)] == ["", "test,dev]"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_is_installed(shell: Shell, environment: Path, name: str) -> None:
    shell("install_with test")
    (environment.parents[1] / name).write_text("changed")
    shell("install_with test")

    assert len(installs(environment)) == 2


def test_a_failed_install_is_tried_again(shell: Shell, environment: Path) -> None:
    write_program(environment / "python", "exit 7")
    failed = shell("install_with test")
    write_program(environment / "python", PIP)
    shell("install_with test")

    assert failed.returncode == 7
    assert len(installs(environment)) == 1


def test_an_environment_from_another_place_is_made_anew(
    shell: Shell, programs: Path, environment: Path
) -> None:
    write_program(environment / "pip", "echo pip 26.0 from /elsewhere/.venv/lib/pip")
    write_program(programs / "python3", f'case "$1$2" in -mvenv) echo "$3" >{programs}/made;; esac')

    done = shell("install_with test")

    assert done.returncode == 0
    assert (programs / "made").read_text() == "--clear\n"
