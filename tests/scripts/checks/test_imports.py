"""The directions of imports, on small houses made to break them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from checks.imports import imports_of, public_names, violations

House = Callable[[str, str], list[str]]


@pytest.fixture
def complaints(tmp_path: Path) -> House:
    """Write `code` into one file of a small but complete house; give back what is wrong."""
    for name in ("nodegraph/graph/plan", "nodegraph/engine/execute", "nodes/diffusion/vae"):
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(parents=True)
        path.write_text("")
    (tmp_path / "nodegraph" / "__init__.py").write_text('__all__ = ["Context", "node"]\n')
    (tmp_path / "scripts" / "shapes").mkdir(parents=True)

    def write(file: str, code: str) -> list[str]:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        with (tmp_path / file).open("a") as out:
            out.write(code)
        return violations(tmp_path)

    return write


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("nodegraph/engine/execute.py", "from nodegraph.graph.plan import Plan"),
        ("nodegraph/engine/execute.py", "from ..graph import plan"),
        ("nodegraph/graph/plan.py", "import networkx"),
        ("nodegraph/__init__.py", "from nodegraph.engine.execute import execute"),
        ("nodegraph/result.py", "from nodegraph.engine.execute import execute"),
        ("nodegraph/cli/app.py", "from nodegraph import engine, node"),
        ("nodegraph/cli/app.py", "import nodes"),
        ("nodes/images.py", "from nodegraph import Context, node"),
        ("nodes/images.py", "from nodes.diffusion.vae import Vae"),
        ("nodes/diffusion/vae.py", "import torch\nfrom nodes.diffusion import vae"),
        ("nodes/diffusion/vae.py", "from .denoiser import Denoiser"),
    ],
)
def test_what_goes_with_the_directions_passes(complaints: House, file: str, code: str) -> None:
    assert complaints(file, code) == []


@pytest.mark.parametrize(
    ("file", "code", "complaint"),
    [
        ("nodegraph/graph/plan.py", "import nodegraph.engine.execute", "graph may not import eng"),
        ("nodegraph/graph/plan.py", "from nodegraph import engine", "graph may not import engine"),
        ("nodegraph/graph/plan.py", "from ..engine import execute", "graph may not import engine"),
        ("nodegraph/engine/execute.py", "import nodegraph.result", "engine may not import session"),
        ("nodegraph/graph/plan.py", "from nodegraph import node", "graph may not import api"),
        ("nodegraph/engine/execute.py", "def f():\n    import torch", "this heavy"),
        ("nodegraph/server/app.py", "from nodes.types import Image", "only the command line"),
        ("nodegraph/graph/plan.py", "from shapes import draw", "not part of the package"),
        ("nodes/images.py", "from nodegraph import Registry", "not in nodegraph.__all__"),
        ("nodes/images.py", "from nodegraph import graph", "not in nodegraph.__all__"),
        ("nodes/images.py", "from nodegraph.graph import plan", "only names of nodegraph"),
        ("nodes/diffusion/vae.py", "from nodegraph import Context", "imports only itself"),
        ("nodes/diffusion/vae.py", "from nodes.types import Image", "imports only itself"),
        ("nodes/diffusion/vae.py", "from ..types import Image", "imports only itself"),
    ],
)
def test_what_goes_against_the_directions_is_named(
    complaints: House, file: str, code: str, complaint: str
) -> None:
    (found,) = complaints(file, code)

    assert found.startswith(f"{file}:{code.count(chr(10)) + 1} ")
    assert complaint in found


def test_a_new_part_of_nodegraph_has_to_be_given_a_place(complaints: House) -> None:
    assert complaints("nodegraph/attic/old.py", "import json") == [
        "nodegraph/attic/old.py: no part of nodegraph is called attic; see ROOMS"
    ]


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "pack" / "module.py"
    path.parent.mkdir()
    path.write_text(
        "import a, b.c\nfrom . import d\nif 1:\n    def f():\n        from ..x import y\n"
    )

    assert [(item.module, item.name) for item in imports_of(path, tmp_path)] == [
        ("a", None),
        ("b.c", None),
        ("pack", "d"),
        ("x", "y"),
    ]


def test_a_module_without_all_is_refused(tmp_path: Path) -> None:
    (tmp_path / "init.py").write_text("x = 1\n")

    with pytest.raises(ValueError, match="declares no __all__"):
        public_names(tmp_path / "init.py")
