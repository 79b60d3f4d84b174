"""Clips of stored frames: their frames, batches, and all that is done to them before a network sees them."""
