"""Getting a published data set onto the disk: dataset.py is the whole of it, the others are its parts."""
