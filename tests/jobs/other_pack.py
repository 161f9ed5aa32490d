"""A node pack that is not the one next to it."""

from nodegraph import node


@node(category="other")
def other(value: str = "") -> str:
    """A text."""
    return value


NODES = (other,)
