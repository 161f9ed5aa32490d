"""Integrals of Lagrange polynomials: the weights of a multistep method on unequal steps."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["combine", "gauss", "lagrange_weights"]

Floats = NDArray[np.float64]


def gauss(start: float, end: float, points: int = 16) -> tuple[Floats, Floats]:
    """Points and weights [points] of Gauss-Legendre quadrature from `start` to `end`.

    Exact for polynomials of degree below 2 `points`.
    """
    where, weight = np.polynomial.legendre.leggauss(points)
    half = (end - start) / 2
    return start + half * (1 + where), half * weight


def lagrange_weights(nodes: Sequence[float], points: Floats, weight: Floats) -> list[float]:
    """Σ weight · L_j(points) for the Lagrange polynomial L_j of each of the distinct `nodes`."""
    weights = []
    for j, node in enumerate(nodes):
        others = [other for k, other in enumerate(nodes) if k != j]
        basis = math.prod(((points - other) / (node - other) for other in others), start=weight)
        weights.append(float(np.sum(basis)))
    return weights


def combine(weights: Sequence[float], tensors: Sequence[Tensor]) -> Tensor:
    """Σ weights[k] · tensors[k] over at least one tensor."""
    total = weights[0] * tensors[0]
    for weight, tensor in zip(weights[1:], tensors[1:], strict=True):
        total = total + weight * tensor
    return total
