"""Figures: their catalogue, the one main of all plot_*.py, the style that they share. Imports no torch."""
