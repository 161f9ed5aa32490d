"""What a workflow `requires`: packages by name, each with a version specifier (PEP 440)."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from nodegraph.errors import Problem
from nodegraph.graph.literals import show
from nodegraph.graph.registry import Registry
from nodegraph.graph.workflow import Workflow

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

__all__ = ["requirement_problems"]

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


def requirement_problems(workflow: Workflow, registry: Registry) -> list[Problem]:
    """The packages that a workflow requires and that are not here, or in another version.

    Each says what to install. Nothing is imported for it: versions are those that pip noted.
    """
    required = workflow.requires.items()
    found = (_problem(name, wanted, registry) for name, wanted in required)
    return [problem for problem in found if problem is not None]


def _problem(name: str, wanted: object, registry: Registry) -> Problem | None:
    # Most workflows require nothing, and these take longer to import than the graph language.
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    field = f"requires.{name}"
    if not _NAME.fullmatch(name):
        text = f"{show(name)} is no name of a package"
        return Problem("invalid_requirement", text, field="requires", got=show(name))
    try:
        if not isinstance(wanted, str | None):
            raise InvalidSpecifier
        specifier = SpecifierSet("" if wanted is None or wanted == "*" else wanted)
    except InvalidSpecifier:
        text = f"expected a version specifier such as '>=0.1', got {show(wanted)}"
        return Problem("invalid_requirement", text, field=field, got=show(wanted))
    needed, present = f"{name}{specifier}", _version(name, registry)
    if present is None:
        text = f"the package '{needed}' is not installed; install it with: pip install '{needed}'"
        return Problem("missing_requirement", text, field=field, expected=needed)
    if _fits(specifier, present):
        return None
    text = (
        f"'{needed}' is needed, {name} {present} is installed; "
        f"change it with: pip install --upgrade '{needed}'"
    )
    return Problem("missing_requirement", text, field=field, expected=needed, got=present)


def _fits(specifier: SpecifierSet, present: str) -> bool:
    """Whether a version will do; one that nobody can read does."""
    from packaging.version import InvalidVersion, Version

    try:
        return specifier.contains(Version(present), prereleases=True)
    except InvalidVersion:
        return True


def _version(name: str, registry: Registry) -> str | None:
    """The version of a package that is installed, "" if it has none, None if it is not there."""
    from importlib import metadata

    from packaging.utils import canonicalize_name

    wanted = canonicalize_name(name)
    if wanted == "nodegraph":
        return str(sys.modules["nodegraph"].__version__)
    for package, version in registry.pack_versions.items():
        if canonicalize_name(package) == wanted:
            return version
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
