"""Features of frozen backbones, computed once.

spec.py: what they depend on. extract.py: computing and writing them. store.py: reading them. dataset.py: clips of them.
"""
