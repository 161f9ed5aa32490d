"""hatchling's hook: wheels and source distributions hold the editor, built."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_editor import CannotBuild, build, is_built

__all__ = ["WITHOUT", "EditorHook", "is_ready"]

WITHOUT = "NODEGRAPH_WITHOUT_EDITOR"
"""The variable that is set by who wants a wheel without the editor."""
_PLACES = {"wheel": "nodegraph/server/static", "sdist": "web/dist"}


class EditorHook(BuildHookInterface[Any]):
    """Builds the editor and puts it where the server looks for it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        if os.environ.get(WITHOUT):
            self.app.display_warning(f"{WITHOUT} is set: the editor is left out")
            return
        root = Path(self.root)
        if not is_ready(root):
            self.app.display_info("building the editor")
            try:
                build(root / "web")
            except CannotBuild as error:
                self.app.abort(
                    f"the editor cannot be built: {error}\n"
                    f"Or copy web/dist from a machine where scripts/build_editor.py has built it, "
                    f"or set {WITHOUT}=1 to install nodegraph without its editor."
                )
        build_data["force_include"][str(root / "web" / "dist")] = _PLACES[self.target_name]


def is_ready(root: Path) -> bool:
    """Whether the editor is built; that of a source distribution is as old as its sources."""
    made = root / "web" / "dist" / "index.html"
    return is_built(root / "web") or (made.is_file() and (root / "PKG-INFO").is_file())
