"""How many data sets it takes to say something of others. Imports nothing: the workflow reads it."""

MIN_DATA_SETS = 5  # with fewer nothing is said of data sets like these
