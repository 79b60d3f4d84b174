from vidbench.inference.classifier import load as load
