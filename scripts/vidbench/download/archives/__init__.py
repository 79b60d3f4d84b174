"""Unpacking archives that nobody has to trust: unpack.py is what others call."""
