"""Clips of videos.

sampling.py: which frames a clip takes. dataset.py: training clips and test views. loader.py: batches of them, read by
other processes. split_data.py: those of a split. transforms.py: scaling, cropping, normalising. augmentation.py: random
changes. preprocessing.py: from a batch to the network's input. frame_orders.py: the motion test's orders of frames.
"""
