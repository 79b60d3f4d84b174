"""What is asked of a trained model.

predict.py: the one loop. orders.py: a split's logits, also with the frames in other orders. cost.py: time, memory,
arithmetic. grad_cam.py: activation maps; grad_cam_file.py: their file.
"""
