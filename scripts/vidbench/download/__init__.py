"""Getting a published data set onto the disk: dataset.py does all of it, with the help of the others."""
