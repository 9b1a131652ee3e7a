"""How long the measures take on synthetic national ledgers; run ``python -m benchmarks``."""
