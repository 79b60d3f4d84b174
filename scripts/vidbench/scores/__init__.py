"""Scores beside accuracy: per class, probabilities and calibration, coverage, fewer views; pooled, with intervals."""
