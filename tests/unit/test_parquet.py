"""Large tables are written in slices; what is read back is the same."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from sewerzone.io import parquet


@pytest.mark.parametrize("rows", [5, 6, 7, 11])
def test_slices_hold_what_one_piece_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    at = np.arange(rows, dtype=float)
    shapes = shapely.buffer(shapely.points(at, 2 * at), 1.0)
    shapes[3] = shapely.MultiPolygon([shapes[3], shapely.box(90, 90, 91, 91)])
    shapes[4] = None
    number = pd.array([None if k % 3 == 0 else k for k in range(rows)], dtype="Int64")
    text = [None if k % 2 else f"家{k}" for k in range(rows)]
    late = pd.Series([None] * (rows - 1) + ["late"], dtype=object)
    frame = gpd.GeoDataFrame(
        {"n": number, "t": text, "late": late, "never": None, "is": at > 2}, geometry=shapes, crs="EPSG:6678"
    )
    parquet.write_parquet({"one": frame}, tmp_path / "whole")
    monkeypatch.setattr(parquet, "FEW", 0)
    parquet.write_parquet({"one": frame}, tmp_path / "by_column")
    assert (tmp_path / "by_column" / "one.parquet").read_bytes() == (tmp_path / "whole" / "one.parquet").read_bytes()
    monkeypatch.setattr(parquet, "SLICE", 3)
    parquet.write_parquet({"one": frame}, tmp_path / "sliced")
    whole, sliced = (tmp_path / name / "one.parquet" for name in ("whole", "sliced"))
    assert pq.ParquetFile(sliced).num_row_groups == -(-rows // 3)
    assert pq.read_schema(sliced).equals(pq.read_schema(whole), check_metadata=True)
    assert_geodataframe_equal(gpd.read_parquet(sliced), gpd.read_parquet(whole))
