"""What intervals and tests of docs/evaluation.md do on drawn data sets whose truth is known."""
