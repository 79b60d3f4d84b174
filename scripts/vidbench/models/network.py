"""The description of a network: what it takes, gives and starts from. Imports no torch: the workflow reads it."""

from dataclasses import dataclass

CLIP_LAYOUT = "CTHW"
FRAME_LAYOUT = "CHW"
VECTOR = "vector"
TOKENS = "tokens"
ATTENTION, ALL_LINEAR = "attention", "all"  # layers that LoRA adapts
HUB_FILE = "model.safetensors"  # name of the weights in a repository of the Hugging Face Hub


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Published weights of one network, and the input that they were trained on."""

    network: str
    name: str  # e.g. KINETICS400_V1
    file: str  # its name in incoming/ and fetched/; torchvision's ends in the first digits of the file's SHA-256
    base: str  # address of the folder that the file is in
    hub: str = ""  # repository of the Hugging Face Hub that has the file; "" where `base` has it
    revision: str = ""  # commit of the repository; "" for the newest one
    is_local: bool = False  # of a folder of the user's
    link: str  # path below resources/weights/ that the workflow gives it
    mean: list[float]  # of red, green, blue, for values in [0, 1]
    std: list[float]
    size: list[int]  # [height, width] of the crop
    resize: int | list[int]  # pixels of the short side, or [height, width], before the crop
    interpolation: str
    min_frames: int = 1  # that the network was published for
    is_default: bool = False
    licence: str = ""  # as their publisher names it; "" where none is stated
    data: tuple[str, ...] = ()  # that they were trained on; () where that is not stated

    @property
    def address(self) -> str:
        """URL of the file."""
        return self.base + (HUB_FILE if self.hub else self.file)


@dataclass(frozen=True, kw_only=True)
class Network:
    """A network that takes whole clips or single frames, as a config's `architecture` names it."""

    name: str
    family: str  # module of vidbench.models.families that describes it
    module: str  # module of vidbench.models that builds it, e.g. networks.torchvision3d
    takes_clips: bool
    num_stages: int | None  # parts that can be frozen or trained (stages.py); None: the network tells when it is built
    num_features: int | None  # that enter the classifier; None: options, or the network when it is built, tell
    form: str = VECTOR  # of the features; TOKENS: a vector and, where asked for, tokens on a grid (tokens.py)
    lora_layers: tuple[str, ...] | None = None  # `training.lora.layers` that it has; None: the built network tells
    min_frames: int = 1
    min_size: int = 1  # pixels of the shorter side, below which nothing is left of the feature maps
    multiple: int = 1  # a side is a multiple of it: of a patch, or of windows
    is_square: bool = False  # both sides have to be equal
    can_shift: bool = False  # the head tsm can shift its residual blocks
    weights: tuple[Weights, ...] = ()
    has_folders: bool = False  # its weights may come in a folder with a configuration (model_folder.py)
    packages: tuple[str, ...] = ("torch", "torchvision")  # whose versions may change what it computes
    source: str  # paper or project

    @property
    def layout(self) -> str:
        """Axes of an input: channels, time, height, width."""
        return CLIP_LAYOUT if self.takes_clips else FRAME_LAYOUT

    @property
    def default_weights(self) -> Weights | None:
        """The weights that DEFAULT stands for."""
        return next((each for each in self.weights if each.is_default), None)
