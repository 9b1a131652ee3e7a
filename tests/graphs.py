"""Small networks of the literature that more than one test uses."""

from __future__ import annotations

import networkx as nx

GIRLS = nx.Graph(
    [
        ("Betty", "Sue"),
        ("Sue", "Alice"),
        ("Sue", "Dale"),
        ("Sue", "Pam"),
        ("Alice", "Jane"),
        ("Alice", "Dale"),
        ("Alice", "Pam"),
        ("Jane", "Dale"),
        ("Pam", "Carol"),
        ("Carol", "Tina"),
    ]
)
