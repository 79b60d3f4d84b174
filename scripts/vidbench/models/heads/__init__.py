"""Heads, one per module: they map the features of a clip's frames to logits."""
