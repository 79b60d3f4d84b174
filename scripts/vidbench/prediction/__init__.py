"""What is asked of a trained model: logits, activation maps, cost."""
