"""Uses of a trained model: logits, also with frames in other orders, activation maps, cost."""
