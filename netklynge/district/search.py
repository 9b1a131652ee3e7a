"""How broadly and deeply firms search for knowledge: per respondent, from what a survey asked.

The measures of the open-innovation literature: how many kinds of sources a firm uses at all (breadth), how many it
uses intensively (depth), and, where it was asked where its sources sit, in how many kinds and places (geographical
breadth).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import pandas as pd

from netklynge.findings import NetklyngeError
from netklynge.study.zones import NOT_RELEVANT, RINGS

if TYPE_CHECKING:
    from netklynge.study.study import Study

__all__ = ["search_breadth"]

_SILENT = ("no_answer", "do_not_know")
_NOT_ASKED = "not_asked"
_NO_USE = ("none", "no", "never", "not used", NOT_RELEVANT, "0")


def search_breadth(
    study: Study, question: str, deep: Collection[str] = (), unused: Collection[str] = _NO_USE
) -> pd.DataFrame:
    """Search breadth, depth and geographical breadth of each respondent, over the items of one question.

    Breadth is the number of items (sources, kinds of partners) that the respondent uses at all; depth the number that
    it uses intensively, by the answers named in `deep`; geographical breadth the number of different pairs of an item
    and a ring among the answers that are rings. An item without an answer is untold: it counts in ``untold`` and
    nowhere else.

    Parameters
    ----------
    study : Study
        With a table of answers.
    question : str
        The question whose items are the sources, as in the codebook.
    deep : collection of str
        Answers that say an item is used intensively; without any, depth is blank.
    unused : collection of str
        Answers that say an item is not used.

    Returns
    -------
    DataFrame
        One row per respondent that was asked: ``actor``, ``question``, ``items`` (asked and answered), ``untold``
        (asked and not answered), ``breadth`` (0 to items), ``depth`` (0 to breadth, blank without `deep`), ``rings``
        (different ones) and ``geographical_breadth`` (0 to items times four), the last two blank where no answer is a
        ring.

    Raises
    ------
    NetklyngeError
        The study has no answers or no such question, or no answer to it is one of those in `deep`.

    References
    ----------
    Laursen, K. & Salter, A. (2006). Open for innovation: the role of openness in explaining innovation performance
    among U.K. manufacturing firms. *Strategic Management Journal* 27, 131-150 (breadth and depth, section "Measures").
    Fitjar, R. D. & Rodríguez-Pose, A. (2013). Firm collaboration and modes of innovation in Norway. *Research Policy*
    42, 128-138 (kinds of partners by where they sit).

    Examples
    --------
    >>> import netklynge as nk
    >>> from dataclasses import replace
    >>> told = [("f1", "customers", "local"), ("f1", "suppliers", "none"), ("f1", "customers", "national"),
    ...         ("f2", "customers", "no_answer"), ("f2", "suppliers", "local")]
    >>> answers = pd.DataFrame(told, columns=["respondent", "item", "answer"]).assign(question="q15")
    >>> study = replace(nk.load("horten"), answers=answers)
    >>> found = search_breadth(study, "q15").set_index("actor")
    >>> found[["items", "untold", "breadth", "geographical_breadth"]].values.tolist()
    [[2, 0, 1, 2], [1, 1, 1, 1]]
    """
    answers = study.answers
    if not len(answers):
        raise NetklyngeError(f"study '{study.name}' has no answers; import a survey with 'netklynge import' first")
    rows = answers[answers["question"] == question]
    if not len(rows):
        known = ", ".join(pd.unique(answers["question"].dropna()))
        raise NetklyngeError(f"study '{study.name}' has no question '{question}'; it has {known}")
    rows = rows.assign(item=rows["item"].fillna(""))
    rows = rows[rows["answer"] != _NOT_ASKED]
    met = set(rows["answer"].dropna())
    if deep and not met & set(deep):
        raise NetklyngeError(f"question '{question}': no answer is one of {', '.join(deep)}; it has {', '.join(met)}")
    silent = rows["answer"].isna() | rows["answer"].isin(_SILENT)
    told = rows[~silent]
    used = told[~told["answer"].isin(list(unused))]
    people = pd.Index(pd.unique(rows["respondent"]), name="actor")

    def distinct(part: pd.DataFrame, column: str = "item") -> pd.Series[int]:
        return part.groupby("respondent")[column].nunique().reindex(people, fill_value=0).astype(int)

    placed = used[used["answer"].isin(RINGS)]
    placed = placed.assign(pair=placed["item"] + " " + placed["answer"])
    table = pd.DataFrame(
        {
            "question": question,
            "items": distinct(told),
            "untold": distinct(rows) - distinct(told),
            "breadth": distinct(used),
            "depth": distinct(used[used["answer"].isin(list(deep))]) if deep else pd.NA,
            "rings": distinct(placed, "answer"),
            "geographical_breadth": distinct(placed, "pair"),
        },
        index=people,
    )
    if not len(placed):
        table = table.assign(rings=pd.NA, geographical_breadth=pd.NA)
    whole = ["depth", "rings", "geographical_breadth"]
    return table.astype(dict.fromkeys(whole, "Int64")).reset_index()
