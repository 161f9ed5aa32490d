"""What goes wrong in the sampling core, as messages for the user.

ValueError
└── DiffusionError
    ├── LoadError        a weights file or model folder cannot be used
    ├── ShapeError       sizes, channels or batches that do not fit together
    └── NotFiniteError   a network gave NaN or infinity
"""

__all__ = ["DiffusionError", "LoadError", "NotFiniteError", "ShapeError"]


class DiffusionError(ValueError):
    """Root of the tree; its text is meant to be shown as it is."""


class LoadError(DiffusionError):
    """A weights file or model folder is missing, damaged, or of another kind than expected."""


class ShapeError(DiffusionError):
    """Sizes, channels or batch counts do not fit together."""


class NotFiniteError(DiffusionError):
    """A network gave NaN or infinity, most often because float16 overflowed."""
