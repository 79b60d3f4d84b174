"""Unpacking archives that nobody has to trust: unpack.py is for the rest of the library, the others are its parts."""
