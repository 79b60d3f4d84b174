"""Networks, one family per module: make_network() of clips, make_backbone() of frames."""
