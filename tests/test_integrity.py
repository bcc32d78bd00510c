"""warehouse/integrity.py: what is whole is called whole, and every kind of damage is found and named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from extractors.errors import WarehouseBusy, WarehouseMissing
from flows.replay.site import MOMENTS
from tests.holding import HOLD_AS_CLIENT, running
from tests.replayed import run_moment
from tests.stocked import CALL, stocked_place
from warehouse import connect, integrity, migrate
from warehouse.connect import DataDir


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> DataDir:
    return stocked_place(tmp_path_factory.mktemp("pattern") / "data")


@pytest.fixture
def place(pattern: DataDir, tmp_path: Path) -> DataDir:
    shutil.copytree(pattern.root, tmp_path / "data", symlinks=True)
    return DataDir(tmp_path / "data")


def bad(place: DataDir) -> list[tuple[str, str]]:
    """(check, detail) of what is not well; each has its remedy."""
    found = [one for one in integrity.check(place, wait_seconds=0.1) if not one.is_well]
    assert all(one.remedy for one in found)
    return [(one.check, one.detail) for one in found]


def test_what_is_whole_is_called_whole(place: DataDir, tmp_path: Path) -> None:
    assert bad(place) == []
    run_moment(tmp_path / "replayed", MOMENTS[0])
    assert bad(DataDir(tmp_path / "replayed")) == []


# Statement that does the damage -> what is told of it; keys of the stocked warehouse.
ORPHANS = {
    f"DELETE FROM article_text WHERE article_url = '{CALL}'": "1 articles without a text",
    "UPDATE article_text SET article_url = 'x' WHERE article_url LIKE '%echo%'": "1 texts without an article",
    f"DELETE FROM story_match WHERE article_url = '{CALL}'": "1 articles that nothing says",
    "INSERT INTO story_match SELECT * REPLACE ('x' AS article_url) FROM story_match LIMIT 1": "1 matches with",
    f"DELETE FROM verdict WHERE article_url = '{CALL}'": "1 articles on the story without a verdict",
    "UPDATE story_match SET relevance = 'off' WHERE article_url LIKE '%echo%'": "1 verdicts of articles off",
    "DELETE FROM seed": "1 verdicts that name an original that is not there",
    "UPDATE article SET entry_url = 'x' WHERE url LIKE '%echo%'": "1 articles that no URL",
    "UPDATE entry SET article_url = 'x' WHERE url LIKE '%echo%'": "1 URLs that led to an article that is not there",
    "UPDATE entry SET outcome = 'failed', reason = 'timeout' WHERE url LIKE '%echo%'": "1 URLs whose outcome",
    "INSERT INTO decision SELECT * REPLACE ('x' AS url) FROM decision LIMIT 1": "1 decisions on URLs",
    "INSERT INTO article_step VALUES ('x', 'call', 'run-1')": "1 reports of steps without an article",
    "UPDATE sketch SET article_url = 'x' WHERE sketch_id = 1": "1 sketches without an article",
    "INSERT INTO posting VALUES (1, 1, 99, 'run-1')": "1 hashes without a sketch",
}


@pytest.mark.parametrize(("damage", "told"), ORPHANS.items(), ids=ORPHANS.values())
def test_an_orphan_is_found_and_named_with_a_key(place: DataDir, damage: str, told: str) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute(damage)
    found = bad(place)
    assert {check for check, _ in found} == {"orphans"}
    assert any(detail.startswith(told) and "such as " in detail for _, detail in found), found


def test_every_kind_of_orphan_has_a_test() -> None:
    sql = (Path(integrity.__file__).parent / "sql" / "check" / "orphans.sql").read_text()
    kinds = [line.split("'")[1] for line in sql.splitlines() if line.lstrip().startswith("SELECT '")]
    assert len(kinds) == len(ORPHANS)
    assert all(any(kind.startswith(told.removeprefix("1 ")) for told in ORPHANS.values()) for kind in kinds)


def test_a_lost_log_a_ledger_that_shrank_and_one_that_does_not_add_up_are_found(place: DataDir) -> None:
    kept = place.private / "rows.json"
    told = json.loads(kept.read_text())
    kept.write_text(json.dumps(told | {"entry": 14}))
    assert [check for check, _ in bad(place)] == ["rows"]
    kept.unlink()
    assert bad(place) == [
        ("rows", "rows.json, the counts of the last commit, is not there: a lost log would go unnoticed")
    ]
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute("UPDATE run SET ledger_discovered = 20, ledger_outcomes = MAP {'loaded': 20::BIGINT}")
    assert bad(place) == [("ledger", "it has 13 URLs; a run had counted 20")]
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute("UPDATE run SET ledger_discovered = 12 WHERE run_id = 'run-2'")
    assert bad(place) == [("ledger", "run run-2 found that discovered is not the sum of the outcomes")]


def unreadable(place: DataDir) -> None:
    place.warehouse_path.write_bytes(b"x" * 100_000)


def older(place: DataDir) -> None:
    place.warehouse_path.unlink()
    with duckdb.connect(place.warehouse_path) as connection:
        migrate.migrate(connection, place.warehouse_path, migrate.migrations()[:3])


def newer(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute("INSERT INTO schema_migration VALUES (9999, 'later', 'x', now())")


def changed_step(place: DataDir) -> None:
    with connect.writer(place, wait_seconds=1) as connection:
        connection.execute("UPDATE schema_migration SET checksum = 'another' WHERE version = 2")


@pytest.mark.parametrize(
    ("damage", "check", "told"),
    [
        (unreadable, "private file", "not a storywatch warehouse"),
        (older, "schema", "version 3, this storywatch writes"),
        (newer, "private file", "this storywatch knows"),
        (changed_step, "private file", "step 2"),
    ],
)
def test_a_private_file_that_is_not_ours_or_of_another_version_is_found_and_the_published_one_checked_all_the_same(
    place: DataDir, damage: Callable[[DataDir], None], check: str, told: str
) -> None:
    damage(place)
    found = integrity.check(place, wait_seconds=0.1)
    assert [(one.check, one.is_well) for one in found] == [(check, False), ("published file", True)]
    assert told in found[0].detail


def one_bit(file: Path) -> None:
    file.chmod(0o644)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def no_manifest(file: Path) -> None:
    (file.parent / "manifest.json").unlink()


def other_count(file: Path) -> None:
    beside = file.parent / "manifest.json"
    beside.chmod(0o644)
    told = json.loads(beside.read_text())
    beside.write_text(json.dumps(told | {"rows": told["rows"] | {"entry": 99}}))


def gone(file: Path) -> None:
    file.unlink()


def other_parquet(file: Path) -> None:
    one_bit(next(file.parent.rglob("*.parquet")))


def no_parquet(file: Path) -> None:
    next(file.parent.rglob("*.parquet")).unlink()


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (one_bit, "size or SHA-256 differ"),
        (no_manifest, "missing or broken"),
        (other_count, "in entry"),
        (gone, "nothing is"),
        (other_parquet, "SHA-256 differs"),
        (no_parquet, "it is missing"),
    ],
)
def test_a_published_file_that_is_not_what_its_manifest_says_is_found(
    place: DataDir, damage: Callable[[Path], None], told: str
) -> None:
    damage(place.published_path)
    ((check, detail),) = bad(place)
    assert check == "published file"
    assert told in detail


def test_nothing_to_check_and_a_file_in_use_are_told(place: DataDir, tmp_path: Path) -> None:
    with pytest.raises(WarehouseMissing):
        integrity.check(DataDir(tmp_path / "empty"), wait_seconds=0)
    with running(HOLD_AS_CLIENT, place.warehouse_path), pytest.raises(WarehouseBusy):
        integrity.check(place, wait_seconds=0.05)
