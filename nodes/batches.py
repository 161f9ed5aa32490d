"""What tensors need to be put together: batches and channels that go with each other."""

from torch import Tensor

from nodegraph import NodeError

__all__ = ["common_batch", "expand", "same_channels"]


def common_batch(**named: Tensor | None) -> int:
    """The size of the batch that the named tensors make together; one goes with any number.

    Raises:
        NodeError: for different sizes above one, with the shapes.
    """
    present = {name: values for name, values in named.items() if values is not None}
    sizes = {values.shape[0] for values in present.values()}
    if len(sizes - {1}) > 1:
        raise NodeError(f"{_shapes(present)}; give as many of each (the first number), or just one")
    return max(sizes)


def expand(values: Tensor, count: int) -> Tensor:
    """`values` as a batch of `count`, if it is a batch of one; without a copy."""
    return values if values.shape[0] == count else values.expand(count, *values.shape[1:])


def same_channels(**named: Tensor) -> None:
    """Refuse latents [B, C, h, w] of different channels, with their shapes."""
    if len({values.shape[1] for values in named.values()}) > 1:
        raise NodeError(
            f"{_shapes(named)}; they differ in channels (the second number), so they are from "
            "models of different kinds: make both with the same model"
        )


def _shapes(named: dict[str, Tensor]) -> str:
    return " and ".join(f"'{name}' is {list(values.shape)}" for name, values in named.items())
