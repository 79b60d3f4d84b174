"""Networks, a module a family: MODELS look at clips, BACKBONES at frames."""
