"""The pydantic models of the editor's endpoints: templates."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from nodegraph.server.editor_models import Document, Model

__all__ = ["Begun", "Template", "TemplateList"]


class Template(Model):
    """A workflow to begin from."""

    name: Annotated[str, Field(examples=["txt2img"])]
    title: Annotated[str, Field(examples=["Text to image"])]
    description: Annotated[str, Field(description="What it is good for; may be empty.")]
    nodes: Annotated[int, Field(description="How many nodes it has.")]
    thumbnail_url: Annotated[str | None, Field(description="Null if there is no picture.")]


class TemplateList(Model):
    """The workflows to begin from, the simplest first."""

    templates: list[Template]


class Begun(Model):
    """A workflow of one's own, made from a template."""

    workflow: Document
