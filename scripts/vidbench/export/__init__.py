"""A trained model as an ONNX file or a torch.export program, compared with PyTorch before it gets its name."""
