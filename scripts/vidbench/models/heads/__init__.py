"""Heads, a module each: they turn the features of a clip's frames into logits."""
