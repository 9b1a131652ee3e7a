"""Facts that older files tell inside texts, taken over into the columns that they belong in."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from netklynge.findings import Finding

__all__ = ["taken_over"]

_PREFIXES = (  # of ``content`` in relations: prefix, column, value
    ("planned:", "status", "planned"),
    ("absent:", "status", "absent"),
    ("unit:", "ownership", "unit"),
    ("lineage:", "ownership", "lineage"),
)
_LETTER = r"[^\W\d_]"
# "industrial_park", "Industripark", "science park"; neither "Sparkasse" nor "spark plugs"
_PARK = rf"(?i)(?:(?<!{_LETTER})|{_LETTER}{{4}})park(?:en|s)?(?!{_LETTER})"


def taken_over(
    tables: Mapping[str, pd.DataFrame], files: Mapping[str, str]
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Tables of text with ``status``, ``ownership`` and ``houses_only`` filled from texts where they are blank.

    Parameters
    ----------
    tables, files : mapping
        Table name to its text frame and to the file name that notices bear.

    Returns
    -------
    tables : dict
    notices : list of Finding
        One per column and value that were taken over, at the first row: it names the column to fill.
    """
    out, notices = dict(tables), []

    def take(table: str, told: pd.Series[bool], column: str, value: str, where: str) -> None:
        frame = out[table]
        have = frame[column] if column in frame else pd.Series(pd.NA, index=frame.index, dtype="string")
        new = (told.fillna(False).astype(bool) & have.isna()).to_numpy(dtype=bool)
        if not new.any():
            return
        out[table] = frame.assign(**{column: have.mask(new, value)})
        row, text = int(frame.index[new][0]), str(frame[where].to_numpy()[new][0])
        number = str(new.sum())
        finding = Finding(
            files[table], row, where, text, "told_in_text", where=where, to=column, told=value, rows=number
        )
        notices.append(finding)

    if (relations := out.get("relations")) is not None and "content" in relations:
        for prefix, column, value in _PREFIXES:
            take("relations", relations["content"].str.startswith(prefix), column, value, "content")
    if (actors := out.get("actors")) is not None and "role" in actors:
        take("actors", actors["role"] == "source_only", "status", "source_only", "role")
        kind = actors["kind"] if "kind" in actors else pd.Series(pd.NA, index=actors.index, dtype="string")
        take("actors", actors["role"].str.contains(_PARK) & (kind != "firm").fillna(True), "houses_only", "1", "role")
    return out, notices
