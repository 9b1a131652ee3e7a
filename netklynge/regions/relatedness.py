"""Relatedness and complexity: which industries go together, and which lie near to what a region can do."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.regions.specialisation import industry_matrix

__all__ = ["advantages", "complexity", "openings", "proximities", "reflections", "relatedness_density"]

Method = Literal["proximity", "cosine", "jaccard", "association"]
Floats = npt.NDArray[np.float64]


def advantages(jobs: Any, threshold: float = 1.0, at_least: bool = False) -> pd.DataFrame:
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

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries, see :func:`advantages`.
    method : {"proximity", "cosine", "jaccard", "association"}

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


def reflections(matrix: pd.DataFrame, rounds: int = 2) -> tuple[pd.DataFrame, pd.DataFrame]:
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
    regions, industries : DataFrame
        Columns ``k0`` (diversity, ubiquity) to ``k<rounds>``; blank without any advantage.

    References
    ----------
    Hidalgo, C. A. & Hausmann, R. 2009, PNAS 106(26), 10570-10575.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1], [1, 0]], index=["a", "b"], columns=["x", "y"])
    >>> reflections(m, 1)[0].loc["a"].tolist()
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
    return (
        pd.DataFrame(np.column_stack(regions), index=matrix.index, columns=names),
        pd.DataFrame(np.column_stack(industries), index=matrix.columns, columns=names),
    )


def _positive(counts: Floats) -> Floats:
    return np.where(counts > 0, counts, np.nan)


def complexity(matrix: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    r"""Economic complexity of regions and industries.

    The second eigenvector of :math:`D^{-1} M U^{-1} M^T` (D diversities, U ubiquities), standardised, signed to
    agree with diversity; that of industries is the mean of their regions', standardised.

    Parameters
    ----------
    matrix : DataFrame
        Of 0 and 1, regions by industries.

    Returns
    -------
    regions, industries : DataFrame
        ``eci``, ``diversity``; ``pci``, ``ubiquity``. Blank without any advantage.

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
    Hausmann, R., Hidalgo, C. A. et al. 2014, The Atlas of Economic Complexity, MIT Press.

    Examples
    --------
    >>> m = pd.DataFrame([[1, 1, 1], [1, 1, 0], [1, 0, 0]], index=list("abc"), columns=list("xyz"))
    >>> complexity(m)[0]["eci"].rank().tolist()
    [3.0, 2.0, 1.0]
    """
    full = matrix.to_numpy(dtype=float)
    rows, columns = full.sum(axis=1) > 0, full.sum(axis=0) > 0
    m = full[rows][:, columns]
    if m.shape[0] < 3 or m.shape[1] < 2:
        raise NetklyngeError("complexity needs three regions and two industries with an advantage at the least")
    d, u = m.sum(axis=1), m.sum(axis=0)
    half = m / np.sqrt(np.outer(d, u))
    values, vectors = np.linalg.eigh(half @ half.T)
    if values[-2] > 1 - 1e-9:
        raise NetklyngeError("complexity: the regions fall into parts that share no industry; take each part alone")
    eci = _standard(vectors[:, -2] / np.sqrt(d))
    eci *= np.sign(np.corrcoef(eci, d)[0, 1]) or 1.0
    pci = _standard(m.T @ eci / u)
    regions = np.full(len(rows), np.nan)
    industries = np.full(len(columns), np.nan)
    regions[rows], industries[columns] = eci, pci
    return (
        pd.DataFrame({"eci": regions, "diversity": full.sum(axis=1).astype(int)}, index=matrix.index),
        pd.DataFrame({"pci": industries, "ubiquity": full.sum(axis=0).astype(int)}, index=matrix.columns),
    )


def _standard(values: Floats) -> Floats:
    spread = values.std()
    return (values - values.mean()) / spread if spread > 0 else np.zeros_like(values)


def openings(jobs: Any, region: str, method: Method = "proximity", threshold: float = 1.0) -> pd.DataFrame:
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
    >>> openings(jobs, "c")["industry"].tolist()
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
