"""The lower bound of the probabilities in a log loss, in training, evaluation and ensembles alike.

One probability of 0 must not make a mean infinite. The value is that of scikit-learn's log_loss.
"""

import numpy as np

MIN_PROBABILITY = float(np.finfo(np.float64).eps)
