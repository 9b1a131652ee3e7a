"""Files in and out: limits, tables, atomic outputs. Nothing here knows what a study is."""
