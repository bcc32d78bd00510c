"""benchmarks/warehouse.py: the warehouse that it makes is one that storywatch would have written."""

from __future__ import annotations

from benchmarks.warehouse import made, published
from warehouse import connect, integrity, publish


def test_the_made_warehouse_is_whole_and_is_published_with_what_readers_come_for() -> None:
    with made(400, 45) as place:
        spent = published(place)
        assert 0 < spent["lock"] < spent["file"] < spent["all"]
        assert [one for one in integrity.check(place, wait_seconds=0) if not one.is_well] == []
        with connect.public_reader(place) as client:
            assert client.execute("SELECT count(*), sum(copies) FROM coverage").fetchall() == [(240, 60)]
        manifest = publish.last_published(place)
        assert manifest is not None
        assert sum(one.rows for one in manifest.parquet) == manifest.rows["article"] == 400
