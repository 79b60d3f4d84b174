"""Up to how many models, pairs and classes a figure shows each by itself; its script and its caption ask for it."""

MAX_PAIR_ROWS = 15  # pairs, of six models: of more, a matrix
MAX_CLASSES = 40  # that are all shown
MAX_CLASS_POINTS = 6  # models whose intervals find room in each class
MAX_LADDERS = 8  # models whose intervals and smaller numbers of crops find room
