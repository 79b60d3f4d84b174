"""Which frames of a video a clip takes, batches of clips, and what is done to them before a network sees them."""
