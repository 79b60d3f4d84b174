"""Training a model: the loop, its parts, and what is put together for it."""
