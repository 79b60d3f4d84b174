"""Random numbers made from the generator's words: torch's own, one by one."""

import math
import random

import torch

from vidbench.clips.draws import draw, invert

SEEDS = [0, 1, 5489, (1 << 32) - 1, 1 << 32, (1 << 62) - 1, *(random.Random(0).randrange(1 << 62) for _ in range(200))]
RANGES = [(0, 1), (0.8, 1.2), (0, 2), (0.08, 1), (0.25, 0.25), (math.log(0.3), math.log(3.3))]


def test_numbers_are_those_of_torch_after_manual_seed() -> None:
    for seed, numbers in zip(SEEDS, draw(SEEDS), strict=True):
        torch.manual_seed(seed)
        for bound in (1, 2, 14, 23, 1000, 100_003):
            assert numbers.integer(bound) == int(torch.randint(bound, ()))
        assert numbers.permutation(4) == torch.randperm(4).tolist()
        for low, high in RANGES:
            assert numbers.uniform(low, high) == torch.empty(1).uniform_(low, high).item()
        assert numbers.uniform() == torch.rand(1).item()
        assert numbers.uniform() == torch.rand(()).item()
        assert numbers.permutation(7) == torch.randperm(7).tolist()


def test_the_global_generator_is_left_alone() -> None:
    before = torch.random.get_rng_state()
    draw(SEEDS)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_an_order_and_its_inverse_cancel() -> None:
    order = [3, 0, 4, 1, 2]
    assert [order[place] for place in invert(order)] == list(range(5))
