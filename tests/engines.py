"""The frames that measures take: one function per engine that makes such a frame, and one that reads any of them."""

from functools import cache

import duckdb
import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest


@cache
def _session():
    """A local Spark; the tests that use it run with `make spark`."""
    sql = pytest.importorskip("pyspark.sql")
    settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.driver.host": "127.0.0.1"}
    builder = sql.SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _spark(frame):
    session = _session()
    from pyspark.sql import types

    kinds = {"i": types.LongType(), "f": types.DoubleType()}
    fields = [types.StructField(name, kinds.get(kind.kind, types.StringType())) for name, kind in frame.dtypes.items()]
    cells = [[None if pd.isna(v) else v for v in row] for row in frame.astype(object).itertuples(index=False)]
    return session.createDataFrame(cells, types.StructType(fields))


ENGINES = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "polars-lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "duckdb": lambda frame: duckdb.from_arrow(pa.Table.from_pandas(frame, preserve_index=False)),
    "spark": _spark,
}
NAMES = [pytest.param(name, marks=pytest.mark.spark) if name == "spark" else name for name in ENGINES]


def as_pandas(frame):
    """A frame of any engine, computed."""
    table = nw.from_native(frame)
    table = table.collect() if isinstance(table, nw.LazyFrame) else table
    return table.to_pandas()
