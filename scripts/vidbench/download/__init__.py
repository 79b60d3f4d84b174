"""Getting a published data set onto the disk: acquire.py is the whole of it, the others are its parts."""
