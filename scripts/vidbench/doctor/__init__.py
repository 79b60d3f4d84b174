"""Problems of the data, found before a model is trained: copies, shortcuts, hard videos, odd lists."""
