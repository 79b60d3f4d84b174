"""Reads the frames' features one after another with gated recurrent units (Cho et al. 2014, arXiv:1406.1078)."""

from torch import nn

from vidbench.models.heads import lstm


class Head(lstm.Head):
    """The LSTM head with a GRU instead: one state, three quarters of the parameters."""

    NETWORK = nn.GRU
