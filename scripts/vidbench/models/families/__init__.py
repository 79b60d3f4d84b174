"""Descriptions of networks, one family per module: catalogue.py finds them. They import no torch."""
