"""What may be wrong with the data, said before a model is trained: copies, shortcuts, hard videos, odd lists."""
