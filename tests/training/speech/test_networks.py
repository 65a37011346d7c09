from collections.abc import Callable

import pytest
import torch

from training.speech.losses import mouth_loss
from training.speech.networks.blocks import Context
from training.speech.networks.encoder import FEATURES, Encoder, Quantiser
from training.speech.networks.mouth import (
    VISEME_INPUTS,
    FeaturesAttention,
    FeaturesCNN,
    FeaturesFedBack,
    MouthCNN,
    MouthMLP,
)
from training.speech.networks.recogniser import Recogniser

ALL = (
    (Recogniser, 64),
    (Encoder, 64),
    (MouthMLP, VISEME_INPUTS),
    (MouthCNN, VISEME_INPUTS),
    (lambda: FeaturesCNN(FEATURES), FEATURES),
    (lambda: FeaturesFedBack(FEATURES), FEATURES),
    (lambda: FeaturesAttention(FEATURES), FEATURES),
)


def first(answer: object) -> torch.Tensor:
    return answer if isinstance(answer, torch.Tensor) else answer[0]


@pytest.mark.parametrize(("make", "inputs"), ALL)
def test_a_row_depends_on_its_context_alone(
    make: Callable[[], torch.nn.Module], inputs: int
) -> None:
    torch.manual_seed(0)
    network = make().eval()
    context: Context = network.context
    rows = torch.randn(1, context.left + context.right + 40, inputs)
    with torch.no_grad():
        whole = first(network(rows))
        assert whole.shape[1] == 40 // context.stride
        if isinstance(network, FeaturesFedBack):
            return  # it remembers all that it has said
        at = 6  # even: of both rows of a pair
        window = rows[:, at * context.stride :][:, : context.left + context.right + 4]
        part = first(network(window))
    assert torch.allclose(part[:, :2], whole[:, at : at + 2], atol=1e-5)


@pytest.mark.parametrize("network", [Recogniser(), Encoder()])
def test_it_hears_no_further_ahead_than_it_says(network: torch.nn.Module) -> None:
    network.eval()
    context = network.context
    rows = torch.randn(1, context.left + context.right + 40, 64)
    changed = rows.clone()
    changed[:, context.left + 20 + context.right :] = 0
    with torch.no_grad():
        before, after = first(network(rows)), first(network(changed))
    same = (before - after).abs().amax(-1)[0] < 1e-6
    assert same[: 20 // context.stride].all()
    assert not same[-1]


def test_a_quantiser_that_uses_one_entry_alone_is_told_so() -> None:
    quantiser = Quantiser().eval()
    latents = torch.randn(2, 30, FEATURES)
    _, even = quantiser(latents, 1.0)
    with torch.no_grad():
        quantiser.choose.bias[0] += 100
        quantiser.choose.bias[quantiser.entries] += 100
    _, uneven = quantiser(latents, 1.0)
    assert uneven > even + 0.2


def test_an_open_mouth_costs_more_where_the_lips_should_meet() -> None:
    closed, opened = torch.zeros(1, 10, 13), torch.zeros(1, 10, 13)
    opened[..., 0] = 0.4
    slip = torch.zeros(13)
    slip[0] = 0.1
    assert mouth_loss(closed + slip, closed) > 1.5 * mouth_loss(opened + slip, opened)
    assert mouth_loss(closed, closed) == 0
