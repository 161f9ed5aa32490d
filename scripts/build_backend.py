"""The build backend: hatchling's, which asks for Node where the editor is still to be built.

A wheel needs the editor; an editable install serves `web/dist` as it is, and never builds it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling import build as hatchling
from hatchling.build import (
    build_editable,
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
)

from build_editor import NODE_PACKAGE, find_node
from hatch_build import WITHOUT, is_ready

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What a wheel is built with."""
    return [*hatchling.get_requires_for_build_wheel(config_settings), *_for_the_editor()]


def get_requires_for_build_sdist(config_settings: dict[str, Any] | None = None) -> list[str]:
    """What a source distribution is built with: it holds the built editor too."""
    return [*hatchling.get_requires_for_build_sdist(config_settings), *_for_the_editor()]


def _for_the_editor() -> list[str]:
    if os.environ.get(WITHOUT) or is_ready(Path.cwd()):
        return []
    return ["zopfli", *([NODE_PACKAGE] if find_node() is None else [])]
