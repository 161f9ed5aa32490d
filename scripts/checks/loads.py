"""What importing the package brings in with it."""

import subprocess
import sys
from collections.abc import Collection

__all__ = ["loaded_by"]


def loaded_by(module: str, suspects: Collection[str]) -> list[str]:
    """Those of `suspects` that a fresh interpreter has loaded after importing `module`."""
    code = f"import sys, {module}; print(*sorted(set(sys.argv[1:]) & set(sys.modules)))"
    command = [sys.executable, "-c", code, *suspects]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
