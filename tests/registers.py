"""Small tables of statistical offices that more than one test reads."""

from __future__ import annotations

STATBANK = {
    "version": "2.0",
    "class": "dataset",
    "label": "Jobs",
    "id": ["Region", "NACE2007", "ContentsCode", "Tid"],
    "size": [2, 2, 1, 2],
    "role": {"time": ["Tid"], "geo": ["Region"], "metric": ["ContentsCode"]},
    "dimension": {
        "Region": {
            "label": "region",
            "category": {"index": {"0604": 0, "0701": 1}, "label": {"0604": "Kongsberg", "0701": "Horten"}},
        },
        "NACE2007": {
            "label": "industry",
            "category": {"index": {"26": 0, "30": 1}, "label": {"26": "Electronics", "30": "Transport"}},
        },
        "ContentsCode": {"label": "contents", "category": {"index": {"Jobs": 0}, "label": {"Jobs": "Jobs"}}},
        "Tid": {
            "label": "year",
            "category": {"index": {"2019": 0, "2020": 1}, "label": {"2019": "2019", "2020": "2020"}},
        },
    },
    "value": [1, 2, 3, 4, 5, 6, None, 8],
    "status": {"6": ":"},
}
