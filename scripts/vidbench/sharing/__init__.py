"""A trained model as a folder for a model hub: weights, settings, the card, and its upload. Imports no torch."""
