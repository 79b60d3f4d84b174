"""Clips of stored frames: which frames, in which batches, and what is done to them before a network sees them."""
