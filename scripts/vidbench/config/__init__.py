"""Settings.

options.py: a model's complete options, typed.
"""
