"""Baselines without training: classifiers of frozen features, and of what the files are like, fitted in seconds."""
