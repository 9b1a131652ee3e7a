"""Relatedness and complexity: which industries go together, and which lie near to what a region can do."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from narwhals.typing import IntoFrame

from netklynge.findings import NetklyngeError
from netklynge.regions.specialisation import industry_matrix

__all__ = [
    "Complexity",
    "advantages",
    "complexity",
    "industry_entries",
    "industry_openings",
    "proximities",
    "reflections",
    "relatedness_density",
]

Method = Literal["proximity", "cosine", "jaccard", "association", "probability"]
Floats = npt.NDArray[np.float64]

EPS = 1e-9  # eigenvalues nearer to each other than this are one


def advantages(jobs: IntoFrame, threshold: float = 1.0, at_least: bool = False) -> pd.DataFrame:
    """Where a region has a revealed advantage: the matrix M of 0 and 1, regions by industries.

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``.
    threshold : float
        Of the location quotient.
    at_least : bool
        Count a quotient on the threshold as an advantage (EconGeo and Balassa do not).

    Returns
    -------
    DataFrame
        1 where the location quotient is above the threshold.

    References
    ----------
    Balassa, B. 1965, The Manchester School 33, 99-123.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": ["a", "b"], "industry": ["x", "y"], "value": [10, 10]})
    >>> advantages(jobs).to_numpy().tolist()
    [[1, 0], [0, 1]]
    """
    cells = industry_matrix(jobs)
    # cross-multiplied, so that a quotient of exactly 1 is not moved by rounding
    own = cells * cells.to_numpy().sum()
    fair = threshold * np.outer(cells.sum(axis=1), cells.sum(axis=0))
    return ((own >= fair) & (own > 0) if at_least else own > fair).astype(int)


def proximities(matrix: pd.DataFrame, method: Method = "proximity") -> pd.DataFrame:
    r"""How often two industries are found in the same regions.

    With C the number of regions that have both (the diagonal left out), k the number of regions that have one,
    S the row sums of C and T their total:

    * ``proximity``: :math:`C_{ij} / \max(k_i, k_j)`
    * ``cosine``: :math:`C_{ij} / \sqrt{S_i S_j}`
    * ``jaccard``: :math:`C_{ij} / (S_i + S_j - C_{ij})`
    * ``association``: :math:`(C_{ij} / T) / ((S_i / T)(S_j / T))`
    * ``probability``: :math:`C_{ij} \Big/ \frac{T}{2} \left( \frac{S_i}{T} \frac{S_j}{T - S_i}
      + \frac{S_j}{T} \frac{S_i}{T - S_j} \right)`, what is observed over what is expected when each two of the T / 2
      pairs are of different industries (EconGeo's "prob")

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries, see :func:`advantages`.
    method : {"proximity", "cosine", "jaccard", "association", "probability"}

    Returns
    -------
    DataFrame
        Industries by industries, 0 on the diagonal and where nothing is shared.

    Raises
    ------
    NetklyngeError
        The method is unknown.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabási, A.-L. & Hausmann, R. 2007, Science 317, 482-487 (proximity).
    van Eck, N. J. & Waltman, L. 2009, JASIST 60(8), 1635-1651 (the others).

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1], [1, 0]], columns=["x", "y"])
    >>> float(proximities(m).loc["x", "y"])
    0.5
    """
    m = matrix.to_numpy(dtype=float)
    k = m.sum(axis=0)
    both = m.T @ m
    np.fill_diagonal(both, 0.0)
    s = both.sum(axis=1)
    if method == "proximity":
        under = np.maximum.outer(k, k)
    elif method == "cosine":
        under = np.sqrt(np.outer(s, s))
    elif method == "jaccard":
        under = np.add.outer(s, s) - both
    elif method == "association":
        under = np.outer(s, s) / s.sum() if s.any() else both
    elif method == "probability":
        total = s.sum()
        # how often a pair of the two is expected when the second is drawn from what is not the first
        drawn = np.divide(s, total - s, out=np.zeros_like(s), where=total > s)
        under = (np.outer(drawn, s) + np.outer(s, drawn)) / 2
    else:
        raise NetklyngeError(f"method '{method}' is unknown; choose one of {', '.join(get_args(Method))}")
    near = np.divide(both, under, out=np.zeros_like(both), where=under > 0)
    return pd.DataFrame(near, index=matrix.columns, columns=matrix.columns)


def relatedness_density(matrix: pd.DataFrame, method: Method = "proximity") -> pd.DataFrame:
    r"""How much of what is near to an industry a region already has, in per cent.

    .. math:: D_{ri} = 100 \cdot \sum_{j \neq i} M_{rj} \phi_{ij} \Big/ \sum_{j \neq i} \phi_{ij}

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries.
    method : str
        Of :func:`proximities`.

    Returns
    -------
    DataFrame
        Regions by industries; blank for an industry that is near to none.

    References
    ----------
    Boschma, R., Balland, P.-A. & Kogler, D. F. 2015, Industrial and Corporate Change 24(1), 223-250; the
    definition of the R package EconGeo.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1, 0], [1, 0, 1]], columns=["x", "y", "z"])
    >>> relatedness_density(m).to_numpy().tolist()
    [[50.0, 100.0, 100.0], [50.0, 100.0, 100.0]]
    """
    near = proximities(matrix, method).to_numpy()
    total = near.sum(axis=0)
    had = matrix.to_numpy(dtype=float) @ near
    density = 100 * np.divide(had, total, out=np.full_like(had, np.nan), where=total > 0)
    return pd.DataFrame(density, index=matrix.index, columns=matrix.columns)


class Reflections(NamedTuple):
    """Diversity of regions and ubiquity of industries, reflected."""

    regions: pd.DataFrame
    industries: pd.DataFrame


def reflections(matrix: pd.DataFrame, rounds: int = 2) -> Reflections:
    r"""Method of reflections: diversity of regions and ubiquity of industries, each averaged over the other.

    .. math:: k_{r,N} = \frac{1}{k_{r,0}} \sum_i M_{ri} k_{i,N-1}, \quad
              k_{i,N} = \frac{1}{k_{i,0}} \sum_r M_{ri} k_{r,N-1}

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries.
    rounds : int

    Returns
    -------
    Reflections
        ``regions`` and ``industries``: columns ``k0`` (diversity, ubiquity) to ``k<rounds>``; blank without any
        advantage.

    References
    ----------
    Hidalgo, C. A. & Hausmann, R. 2009, PNAS 106(26), 10570-10575.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1], [1, 0]], index=["a", "b"], columns=["x", "y"])
    >>> reflections(m, 1).regions.loc["a"].tolist()
    [2.0, 1.5]
    """
    m = matrix.to_numpy(dtype=float)
    diversity, ubiquity = _positive(m.sum(axis=1)), _positive(m.sum(axis=0))
    regions, industries = [diversity], [ubiquity]
    for _ in range(rounds):
        r, i = np.nan_to_num(regions[-1]), np.nan_to_num(industries[-1])
        regions.append(m @ i / diversity)
        industries.append(m.T @ r / ubiquity)
    names = [f"k{n}" for n in range(rounds + 1)]
    return Reflections(
        pd.DataFrame(np.column_stack(regions), index=matrix.index, columns=names),
        pd.DataFrame(np.column_stack(industries), index=matrix.columns, columns=names),
    )


def _positive(counts: Floats) -> Floats:
    return np.where(counts > 0, counts, np.nan)


@dataclass(frozen=True)
class Complexity:
    """What :func:`complexity` gives.

    Attributes
    ----------
    regions : DataFrame
        ``region, eci, diversity``.
    industries : DataFrame
        ``industry, pci, ubiquity``.
    reason : str
        Why ``eci`` and ``pci`` are blank; empty when they are told.
    """

    regions: pd.DataFrame
    industries: pd.DataFrame
    reason: str = ""

    def __iter__(self) -> Iterator[pd.DataFrame]:
        """The two frames by label, as :func:`complexity` gave them once; deprecated."""
        warnings.warn("complexity: take .regions and .industries of the result", DeprecationWarning, stacklevel=2)
        return iter((self.regions.set_index("region"), self.industries.set_index("industry")))

    def __getitem__(self, place: int) -> pd.DataFrame:
        """One of the two frames by label, as :func:`complexity` gave them once; deprecated."""
        return list(self)[place]


def complexity(matrix: pd.DataFrame) -> Complexity:
    r"""Economic complexity of regions and industries.

    With D the diversities of regions and U the ubiquities of industries, K is the second eigenvector of
    :math:`D^{-1} M U^{-1} M^T` and :math:`\lambda` its eigenvalue:

    .. math:: ECI = \frac{K - \bar K}{sd(K)}, \qquad
              PCI = \frac{\lambda^{-1} U^{-1} M^T K - \bar K}{sd(K)}

    Both are normed by mean and standard deviation of K, as the Atlas does: a region's ECI is the mean PCI of the
    industries in which it has an advantage. The sign is the one by which ECI agrees with diversity.

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries, see :func:`advantages`.

    Returns
    -------
    Complexity
        ``regions, industries, reason``. Regions and industries without any advantage are blank. All are, with the
        reason, where the figures would depend on the order of rows: the second eigenvalue is not single, or
        diversity does not tell the sign (all regions are alike diverse, or it is uncorrelated with K).

    Raises
    ------
    NetklyngeError
        The regions fall into parts that share no industry, so that the second eigenvector only tells the parts
        apart; or fewer than three regions or two industries have an advantage.

    Notes
    -----
    The eigenvector is taken of the symmetric matrix D^-1/2 M U^-1 M^T D^-1/2, which has the same eigenvalues
    and no complex ones.

    References
    ----------
    Hausmann, R., Hidalgo, C. A. et al. 2014, The Atlas of Economic Complexity, MIT Press, p. 24.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0]], index=list("abc"), columns=list("xyz"))
    >>> complexity(m).regions["eci"].rank().tolist()
    [3.0, 2.0, 1.0]
    >>> even = pd.DataFrame([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    >>> complexity(even).reason
    'all regions have 2 industries, so diversity does not tell which end is the complex one'
    """
    full = matrix.to_numpy(dtype=float)
    rows, columns = full.sum(axis=1) > 0, full.sum(axis=0) > 0
    m = full[rows][:, columns]
    if m.shape[0] < 3 or m.shape[1] < 2:
        raise NetklyngeError("complexity needs three regions and two industries with an advantage at the least")
    d, u = m.sum(axis=1), m.sum(axis=0)
    half = m / np.sqrt(np.outer(d, u))
    values, vectors = np.linalg.eigh(half @ half.T)
    if values[-2] > 1 - EPS:
        raise NetklyngeError("complexity: the regions fall into parts that share no industry; take each part alone")
    k = vectors[:, -2] / np.sqrt(d)
    with_diversity = float((k - k.mean()) @ (d - d.mean()))
    reason = ""
    if np.ptp(d) == 0:
        reason = f"all regions have {d[0]:.0f} industries, so diversity does not tell which end is the complex one"
    elif values[-2] - values[-3] < EPS:
        reason = "the second eigenvalue is not single, so the figures would depend on the order of the rows"
    elif abs(with_diversity) < EPS * float(np.linalg.norm(k - k.mean()) * np.linalg.norm(d - d.mean())):
        reason = "complexity is uncorrelated with diversity, which so does not tell which end is the complex one"
    regions, industries = np.full(len(rows), np.nan), np.full(len(columns), np.nan)
    if not reason:
        k *= np.sign(with_diversity)
        regions[rows] = (k - k.mean()) / k.std()
        industries[columns] = (m.T @ k / u / values[-2] - k.mean()) / k.std()
    return Complexity(
        pd.DataFrame({"region": matrix.index, "eci": regions, "diversity": full.sum(axis=1).astype(int)}),
        pd.DataFrame({"industry": matrix.columns, "pci": industries, "ubiquity": full.sum(axis=0).astype(int)}),
        reason,
    )


def industry_entries(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Industries in which regions gained or lost an advantage between two years.

    Parameters
    ----------
    before, after : DataFrame
        Of 0 and 1, regions by industries, see :func:`advantages`.

    Returns
    -------
    DataFrame
        ``region, industry, before, after, entry, exit``: ``entry`` is 1 where an advantage came, 0 where it could
        have and did not, blank where it was there already; ``exit`` is 1 where it went, 0 where it stayed, blank
        where there was none. A region or an industry that one of the two years lacks is unknown there.

    Raises
    ------
    NetklyngeError
        The two share no region or no industry.

    References
    ----------
    Boschma, R., Balland, P.-A. & Kogler, D. F. 2015, Industrial and Corporate Change 24(1), 223-250; as ``entry``
    and ``exit`` of the R package EconGeo.

    Examples
    --------
    >>> first = pd.DataFrame([[1, 1, 0, 0]], index=["a"], columns=list("wxyz"))
    >>> last = pd.DataFrame([[1, 0, 1, 0]], index=["a"], columns=list("wxyz"))
    >>> industry_entries(first, last)[["entry", "exit"]].astype(object).fillna("").values.tolist()
    [['', 0], ['', 1], [1, ''], [0, '']]
    """
    regions, industries = before.index.union(after.index, sort=False), before.columns.union(after.columns, sort=False)
    if not len(before.index.intersection(after.index)) or not len(before.columns.intersection(after.columns)):
        raise NetklyngeError("industry_entries: the two matrices share no region or no industry")
    at_first, at_last = (
        f.reindex(index=regions, columns=industries).to_numpy(dtype=float).ravel() for f in (before, after)
    )
    told = np.isfinite(at_first) & np.isfinite(at_last)
    flags = {
        "before": at_first,
        "after": at_last,
        "entry": np.where(told & (at_first == 0), at_last, np.nan),
        "exit": np.where(told & (at_first == 1), 1 - at_last, np.nan),
    }
    return pd.DataFrame(
        {
            "region": np.repeat(regions.to_numpy(), len(industries)),
            "industry": np.tile(industries.to_numpy(), len(regions)),
            **{name: pd.array(values, dtype="Float64").astype("Int64") for name, values in flags.items()},
        }
    )


def industry_openings(
    jobs: IntoFrame, region: str, method: Method = "proximity", threshold: float = 1.0
) -> pd.DataFrame:
    """Industries that a region lacks, the nearest to what it has first.

    Parameters
    ----------
    jobs : frame
        ``region, industry, value``; the more regions, the more the proximities mean.
    region : str
    method : str
        Of :func:`proximities`.
    threshold : float
        Of the location quotient.

    Returns
    -------
    DataFrame
        ``industry, density, jobs, lq, ubiquity, regions, nearest`` (the region's own industry that is nearest),
        sorted by density; industries near to none are left out.

    Raises
    ------
    NetklyngeError
        There is no such region.

    Notes
    -----
    A near opening is a place to look; nothing says that it is wanted there, or that it would thrive.

    Examples
    --------
    >>> jobs = pd.DataFrame({"region": list("aabbcc"), "industry": list("xyxyxz"),
    ...                      "value": [10, 10, 10, 10, 1, 30]})
    >>> industry_openings(jobs, "c")["industry"].tolist()
    ['x', 'y']
    """
    cells = industry_matrix(jobs)
    if region not in cells.index:
        raise NetklyngeError(f"no region '{region}'; there are {', '.join(map(str, cells.index))}")
    matrix = advantages(jobs, threshold)
    near = proximities(matrix, method)
    density = relatedness_density(matrix, method).loc[region]
    has = matrix.loc[region] == 1
    quotient = cells.loc[region] * cells.to_numpy().sum() / (cells.loc[region].sum() * cells.sum())
    lacking = density.index[~has & density.notna()]
    nearest = [near.loc[i, has].idxmax() if has.any() and near.loc[i, has].max() > 0 else None for i in lacking]
    found = pd.DataFrame(
        {
            "industry": lacking,
            "density": density[lacking].to_numpy(),
            "jobs": cells.loc[region, lacking].to_numpy(),
            "lq": quotient[lacking].to_numpy(),
            "ubiquity": matrix[lacking].sum().to_numpy(),
            "regions": len(cells),
            "nearest": nearest,
        }
    )
    return found.sort_values(["density", "industry"], ascending=[False, True], ignore_index=True)
