"""Networks, one family per module: MODELS take clips, BACKBONES frames."""
