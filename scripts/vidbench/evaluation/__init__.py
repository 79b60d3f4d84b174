"""Scores, intervals, tests and verdicts from predictions. NumPy only: no figure, no table, no test needs torch."""
