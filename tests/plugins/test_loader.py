"""Node packs from installed packages: each one that fails is disabled alone."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nodegraph import DeclarationError
from nodegraph.plugins.loader import Pack, load_packs, registry_of

Install = Callable[..., Path]

GOOD = """
from nodegraph import node

@node(name="{type}")
def make(value: int) -> int:
    return value

NODES = (make,)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put packages with entry points where Python finds installed ones."""
    monkeypatch.syspath_prepend(str(tmp_path))
    known = set(sys.modules)

    def add(name: str, code: str, version: str = "1.0", value: str | None = None) -> Path:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(code)
        info = tmp_path / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        entry = f"[nodegraph.plugins]\n{name} = {value or name}\n"
        (info / "entry_points.txt").write_text(entry)
        return tmp_path / name

    yield add
    for name in set(sys.modules) - known:
        if name.startswith("t_pack"):
            del sys.modules[name]


def packs() -> dict[str, Pack]:
    return {pack.name: pack for pack in load_packs() if pack.name.startswith("t_pack")}


def test_a_pack_is_loaded(install: Install) -> None:
    install("t_pack_a", GOOD.format(type="MakeA"), version="2.5")

    pack = packs()["t_pack_a"]

    assert (pack.module, pack.version, pack.error) == ("t_pack_a", "2.5", None)
    assert len(pack.nodes) == 1
    assert pack.seconds > 0
    registry = registry_of([pack])
    assert "MakeA" in registry
    assert registry.pack_versions == {"t_pack_a": "2.5"}
    assert registry.pack_codes["t_pack_a"].startswith("2.5 ")


def test_models_of_a_pack(install: Install) -> None:
    code = GOOD.format(type="MakeM") + "MODELS = {'checkpoints': {'tiny': __file__}}\n"
    install("t_pack_models", code)

    pack = packs()["t_pack_models"]

    assert list(pack.models) == ["checkpoints"]
    assert list(pack.models["checkpoints"]) == ["tiny"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import nothing_of_that_name", "ModuleNotFoundError: No module named"),
        ("def (", "SyntaxError: "),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("", "AttributeError: module 't_pack_bad' has no attribute 'NODES'"),
        ("NODES = 3", "TypeError: "),
        ("NODES = (len,)", "DeclarationError: <built-in function len> is not declared with @node"),
        (
            "from nodegraph import node\n@node()\ndef make(value) -> int: ...\nNODES = (make,)",
            "DeclarationError: node Make, parameter 'value': the type is missing",
        ),
    ],
)
def test_a_pack_that_fails_is_disabled_alone(install: Install, code: str, error: str) -> None:
    install("t_pack_bad", code)
    install("t_pack_good", GOOD.format(type="MakeGood"))

    found = packs()

    assert found["t_pack_bad"].error is not None
    assert found["t_pack_bad"].error.startswith(error)
    assert found["t_pack_bad"].nodes == ()
    assert found["t_pack_good"].error is None
    assert "MakeGood" in registry_of([*found.values()])


def test_a_module_that_is_not_there(install: Install) -> None:
    install("t_pack_gone", GOOD.format(type="MakeGone"), value="t_pack_elsewhere")

    error = packs()["t_pack_gone"].error

    assert error == "ModuleNotFoundError: No module named 't_pack_elsewhere'"


def test_ctrl_c_is_no_failure_of_a_pack(install: Install) -> None:
    install("t_pack_interrupted", "raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load_packs()


def test_two_packs_with_one_name_are_both_named(install: Install) -> None:
    for name in ("t_pack_one", "t_pack_two"):
        install(name, GOOD.format(type="Same"))

    with pytest.raises(DeclarationError) as caught:
        registry_of([*packs().values()])

    assert str(caught.value) == (
        "pack 't_pack_two': node name 'Same' is declared twice: by t_pack_one.make "
        "and by t_pack_two.make"
    )


def test_changed_code_is_another_pack(install: Install) -> None:
    folder = install("t_pack_code", GOOD.format(type="MakeCode"))
    before = packs()["t_pack_code"].code
    assert packs()["t_pack_code"].code == before

    (folder / "helper.py").write_text("FACTOR = 2\n")

    assert packs()["t_pack_code"].code != before


def test_the_built_in_pack_is_found() -> None:
    names = [pack.name for pack in load_packs()]

    assert "diffusion" in names
    assert names == sorted(names)
