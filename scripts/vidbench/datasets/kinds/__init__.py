"""Kinds of data sets of your own, one file each: docs/extending.md."""
