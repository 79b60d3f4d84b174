"""Videos that come in groups: sums over groups, the variance of a mean, and its degrees of freedom.

Everything takes leading axes, so that many models or data sets are computed at once, in O(groups) of memory each.
"""

from dataclasses import dataclass

import numpy as np


def assign_strata(groups: np.ndarray, classes: np.ndarray | None) -> np.ndarray:
    """Return the stratum (G,) of each of the sorted unique groups; groups, classes: (N,).

    The classes are the strata where each group has one class and each class has two groups or more. Otherwise a stratum
    would have no variance, or a group would be in two strata, so there is one stratum, 0.
    """
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    if classes is not None:
        _, label = np.unique(classes, return_inverse=True)
        stratum = label[first]
        if np.array_equal(stratum[number], label) and np.bincount(stratum).min() >= 2:
            return stratum
    return np.zeros(len(first), np.int64)


@dataclass(frozen=True)
class Groups:
    """The groups of N videos, and the strata of these groups: one for all, or the classes."""

    order: np.ndarray  # (N,) the videos, group by group
    starts: np.ndarray  # (G,) where each group begins in `order`
    sizes: np.ndarray  # (G,) videos of each group, n_g
    stratum: np.ndarray  # (G,) number of its stratum, ascending

    @classmethod
    def of(cls, groups: np.ndarray, classes: np.ndarray | None = None) -> "Groups":
        """Make the groups from the group and the class of each video, (N,)."""
        _, number = np.unique(groups, return_inverse=True)
        stratum = assign_strata(groups, classes)
        rank = np.argsort(stratum, kind="stable")
        place = np.empty_like(rank)
        place[rank] = np.arange(len(rank))
        sizes = np.bincount(place[number])
        order = np.argsort(place[number], kind="stable")
        return cls(order, np.cumsum(sizes) - sizes, sizes.astype(float), stratum[rank])

    @property
    def stratified(self) -> bool:
        """True where the classes are the strata."""
        return bool(self.stratum[-1] > 0)

    @property
    def total(self) -> float:
        """Number of videos, N."""
        return float(self.sizes.sum())

    @property
    def effective(self) -> float:
        """Effective number of groups, N^2 / sum n_g^2: that of equally large groups with the same information."""
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum the values (..., N) of the videos of each group, (..., G), in the order of `sizes`."""
        return np.add.reduceat(np.asarray(values)[..., self.order], self.starts, axis=-1, dtype=float)

    def unstratified(self) -> "Groups":
        """Return these groups in one stratum, for sums in the same order."""
        return Groups(self.order, self.starts, self.sizes, np.zeros_like(self.stratum))

    def variance(self, sums: np.ndarray) -> np.ndarray:
        """Return the variance (...) of the mean over all videos, from sums (..., G); NaN for a single group.

        sum_g (k_g - n_g p)^2 / (1 - n_g/N) / N^2, with p and N of the group's stratum inside the sum.
        """
        if len(self.sizes) < 2:
            return np.full(np.shape(sums)[:-1], np.nan)
        mean = (self._over(sums) / self._over(self.sizes))[..., self.stratum]
        return ((sums - self.sizes * mean) ** 2 / (1 - self._share())).sum(axis=-1) / self.total**2

    def degrees_of_freedom(self, rho: np.ndarray | float) -> np.ndarray:
        """Return Bell and McCaffrey's degrees of freedom (...), tr(B)^2 / tr(B^2); `rho`: correlation in groups.

        B = D^1/2 A diag(v) A' D^1/2, A = I - n 1'/N, D = diag(d), d_g = 1 / (1 - n_g/N), v_g = n_g (1 + (n_g - 1) rho).
        With m = n/N and s = sum v, A diag(v) A' = diag(v) - m v' - v m' + s m m'; the traces of that are sums over
        groups. B of several strata has one block per stratum.
        """
        m = self._share()
        d = 1 / (1 - m)
        v = self.sizes * (1 + (self.sizes - 1) * np.asarray(rho, float)[..., None])
        s = self._over(v)
        low_rank = s[..., self.stratum] * m**2 - 2 * m * v
        trace = (d * (v + low_rank)).sum(axis=-1)
        mm, mv, vv = (self._over(d * product) for product in (m * m, m * v, v * v))
        squares = (d**2 * (v**2 + 2 * v * low_rank)).sum(axis=-1)
        crossed = 2 * mm * vv + 2 * mv**2 + s**2 * mm**2 - 4 * s * mm * mv
        return trace**2 / (squares + crossed.sum(axis=-1))

    def _over(self, values: np.ndarray) -> np.ndarray:
        """Sum the values (..., G) over the groups of each stratum, (..., C)."""
        first = np.flatnonzero(np.diff(self.stratum, prepend=-1))
        return np.add.reduceat(values, first, axis=-1)

    def _share(self) -> np.ndarray:
        """Return each group's share of the videos of its stratum, n_g / N, (G,)."""
        return self.sizes / self._over(self.sizes)[self.stratum]
