"""Features of frozen backbones: computed once, stored, and trained on."""
