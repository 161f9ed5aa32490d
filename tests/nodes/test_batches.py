import pytest
import torch

from nodegraph import NodeError
from nodes.batches import common_batch, expand, same_channels


def test_one_goes_with_any_number() -> None:
    one, three = torch.zeros(1, 2), torch.zeros(3, 2)
    assert common_batch(a=one, b=three, c=None) == 3
    assert common_batch(a=one) == 1
    assert expand(one, 3).shape == (3, 2)
    assert expand(three, 3) is three


def test_other_numbers_are_refused_by_name_and_shape() -> None:
    with pytest.raises(NodeError, match=r"'image1' is \[2, 5\] and 'image2' is \[3, 5\]; give"):
        common_batch(image1=torch.zeros(2, 5), image2=torch.zeros(3, 5))


def test_channels_must_agree() -> None:
    same_channels(a=torch.zeros(1, 4), b=torch.zeros(2, 4))
    with pytest.raises(NodeError, match=r"'a' is \[1, 4\] and 'b' is \[1, 16\]; they differ"):
        same_channels(a=torch.zeros(1, 4), b=torch.zeros(1, 16))
