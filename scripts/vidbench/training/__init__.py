"""Training a model: the loop, what it is put together from, and what it leaves."""
