"""VidBench's library: what the step scripts in scripts/ share. Imports nothing by itself."""


def __getattr__(name: str) -> object:
    """Give `vidbench.load`, for those who use a trained model; __init__.pyi has its type. Imported on use: torch."""
    if name == "load":
        from importlib import import_module

        return import_module("vidbench.inference.classifier").load
    raise AttributeError(f"module 'vidbench' has no attribute '{name}'")
