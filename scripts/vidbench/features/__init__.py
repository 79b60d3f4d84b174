"""Features of frozen backbones, computed once for all heads, seeds and splits."""
