"""The machines and versions of Python that docs/environments.md names."""

from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Platform:
    """A kind of machine, for markers of packages and for uv."""

    name: str  # uv's
    sys_platform: str
    machine: str
    # Packages without a ready-made file (wheel) for it: those with C code need a compiler.
    built: frozenset[str] = frozenset({"connection-pool"})

    def markers(self, python: str) -> dict[str, str]:
        """The environment that a package's marker is evaluated in."""
        system = {"linux": "Linux", "darwin": "Darwin"}[self.sys_platform]
        names = {"sys_platform": self.sys_platform, "platform_system": system, "platform_machine": self.machine}
        implementation = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        versions = {"python_version": python, "python_full_version": f"{python}.9"}
        return names | implementation | versions | {"os_name": "posix"}


PLATFORMS = (
    Platform("x86_64-manylinux_2_28", "linux", "x86_64"),
    Platform("aarch64-manylinux_2_28", "linux", "aarch64", frozenset({"connection-pool", "unrar2-cffi"})),
    Platform("aarch64-apple-darwin", "darwin", "arm64"),
)
