"""A purchase ledger of a million rows into a study: ``python -m benchmarks.purchases``.

Beside it stands pandas, which only reads the cells as text and sums the amounts by the supplier's name as it is
written: no ties joined, nothing placed, nothing rejected.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROWS, SUPPLIERS = 1_000_000, 20_000
HEADER = ["Leverandørnr", "Leverandør", "Org.nr", "Poststed", "Land", "Bilagsdato", "Beløp", "Valuta", "Tekst"]
TOWNS = {"Horten": "NO", "Oslo": "NO", "Kongsberg": "NO", "Bergen": "NO", "Göteborg": "SE", "Hamburg": "DE"}
SYLLABLES = "nor mek tek sen kon aut ron lak var hus byg fjor dal vik stål bøy rå lyn sol mar hov ler gra ose und jel"
TRADES = ["Mekaniske", "Elektro", "Transport", "Verktøy", "Plast", "Data", "Bygg", "Regnskap", "Maskin", "", ""]
FORMS = [" AS", " A/S", " ASA", "", " AB", " GmbH"]
DIALECTS = {
    "Windows-1252, semicolons": ("cp1252", ";", csv.QUOTE_MINIMAL),
    "UTF-8, commas, all quoted": ("utf-8", ",", csv.QUOTE_ALL),
}


def suppliers(draw: random.Random) -> list[tuple[str, str, str]]:
    """Name, organisation number (three in ten) and town of made-up suppliers."""
    from stdnum.no import orgnr

    found = []
    for _ in range(SUPPLIERS):
        name = "".join(draw.sample(SYLLABLES.split(), draw.choice((2, 3)))).capitalize()
        name = f"{name} {draw.choice(TRADES)}".strip() + draw.choice(FORMS)
        eight = f"9{draw.randrange(10**7):07}"
        valid = [eight + last for last in "0123456789" if orgnr.is_valid(eight + last)] or [""]
        found.append((name, valid[0] if draw.random() < 0.3 else "", draw.choice(list(TOWNS))))
    return found


def rows(seed: int = 1) -> Iterator[list[str]]:
    """Rows of a ledger in which few suppliers have many entries, and one name in twenty is written otherwise."""
    draw = random.Random(seed)
    known = suppliers(draw)
    for k in range(ROWS):
        i = int(20 * draw.paretovariate(0.7)) % SUPPLIERS
        name, number, town = known[i]
        if draw.random() < 0.05:
            name = draw.choice((name.upper(), name.lower(), name.replace("ø", "oe")))
        date = f"{draw.randint(1, 28):02}.{draw.randint(1, 12):02}.{draw.randint(2019, 2024)}"
        amount = f"{draw.randint(1, 99_999)},{draw.randint(0, 99):02}"
        yield [str(10_000 + i), name, number, town, TOWNS[town], date, amount, "NOK", f"Faktura {k}"]


def measured(code: str, *arguments: str) -> tuple[float, float, float]:
    """Seconds by the clock, seconds of the processors and highest memory in MB of a Python process."""
    begun = time.perf_counter()
    process = os.posix_spawn(sys.executable, [sys.executable, "-c", code, *arguments], os.environ)
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"the measured process failed: {code}")
    return time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e3


IMPORT = (
    "import sys; from netklynge.cli.commands import app\napp(['import', sys.argv[1], '-o', sys.argv[2], '--force'])"
)
PANDAS = """
import sys, pandas as pd
table = pd.read_csv(sys.argv[1], sep=sys.argv[2], encoding=sys.argv[3], dtype=str)
table["Beløp"] = table["Beløp"].str.replace(",", ".").astype(float)
print(len(table.groupby("Leverandør")["Beløp"].sum()), "names as they are written")
"""


def main() -> None:
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for dialect, (encoding, mark, quoting) in DIALECTS.items():
            file = Path(folder) / "Firma leverandører.csv"
            with file.open("w", encoding=encoding, newline="") as out:
                writer = csv.writer(out, delimiter=mark, quoting=quoting)
                writer.writerow(HEADER)
                writer.writerows(rows())
            size = file.stat().st_size / 1e6
            runs = {
                "netklynge import": (IMPORT, str(file), str(Path(folder) / "study")),
                "pandas, reading and summing": (PANDAS, str(file), mark, encoding),
                "Python with netklynge, doing nothing": ("import netklynge.cli.commands, netklynge.parsers.suppliers",),
            }
            for what, (code, *arguments) in runs.items():
                least = [min(column) for column in zip(*(measured(code, *arguments) for _ in range(3)), strict=True)]
                lines.append(f"| {what} | {dialect} | {size:.0f} | {least[0]:.1f} | {least[1]:.1f} | {least[2]:.0f} |")
    print("| what | file | MB | clock s | cpu s | memory MB |\n|---|---|---:|---:|---:|---:|", *lines, sep="\n")


if __name__ == "__main__":
    main()
