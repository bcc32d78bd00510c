"""storywatch compare: two texts side by side, and lines as they arrive."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import SettingsError
from extractors.fingerprints import fingerprint
from flows.comparing import compare, from_file, judged_headlines, judged_lines, passages
from tests.records_factory import T0
from tests.test_dedup import seed, text
from warehouse import connect, publish, read

ROOT = Path(__file__).parents[1]


def storywatch(*arguments: str, given: str = "", cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from flows.commands import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], input=given, capture_output=True, text=True, cwd=cwd, check=False
    )


def lines(*rows: dict[str, Any]) -> list[str]:
    return [json.dumps(row) for row in rows]


def test_lines_are_judged_in_order_against_the_seeds_and_those_before_them() -> None:
    found = list(
        judged_lines(
            lines(
                {"id": "1", "text": text("a"), "published": "2025-10-16T12:00:00Z", "lang": "en"},
                {"id": "2", "text": text("a"), "published": "2025-10-16T13:00:00Z", "lang": "en"},
                {"id": "3", "text": " ".join(text("a").split()[:150])},
                {"id": "4", "text": text("s") + " more", "published": "2025-10-17"},
                {"id": "5", "text": text("b"), "published": None},
            ),
            [seed(text("s"), hours=0)],
        )
    )
    assert [(one["id"], one["verdict"], one["of"], one["lead_seconds"]) for one in found] == [
        ("1", "independent", None, None),
        ("2", "exact", "1", 3600),
        ("3", "near", "1", None),
        ("4", "near", "seed:one", 43200),
        ("5", "independent", None, None),
    ]
    assert (found[2]["containment"], found[1]["resemblance"]) == (1.0, 1.0)


def test_a_wrong_line_is_named_and_the_rest_goes_on() -> None:
    for line, problem in [
        ("{", "line 1.*no JSON"),
        ("[]", "line 1.*object"),
        ('{"id": "1"}', "line 1.*text"),
        ('{"id": "1", "text": "a", "published": "soon"}', "line 1.*ISO 8601"),
    ]:
        wrong, right = judged_lines([line, '{"id": "2", "text": "b"}'], ())
        assert wrong["id"] is None
        assert re.search(problem, wrong["error"])
        assert (right["id"], right["verdict"]) == ("2", "independent")


def test_a_wrong_headline_is_named_and_the_rest_goes_on() -> None:
    wrong, right = judged_headlines(['{"id": 1}', '{"id": 2, "title": "Talks fail"}'])
    assert wrong == {"id": None, "error": 'line 1: must have "title", a text'}
    assert (right["id"], right["verdict"]) == (2, "independent")


def test_pages_without_metadata_are_compared_by_their_texts(tmp_path: Path) -> None:
    body = "".join(f"<p>Passenger {n} told how smoke filled cabin {n} before help came.</p>" for n in range(20))
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(f"<html><body>{body}</body></html>")
    found = compare(from_file(tmp_path / "a.html"), from_file(tmp_path / "b.html"))
    assert found.verdict.kind.value == "exact"


def test_a_file_that_is_not_there_is_told_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read: No such file or directory"):
        from_file(tmp_path / "nowhere.txt")


def test_headlines_are_judged_against_those_before_them() -> None:
    found = judged_headlines(
        lines(
            {"id": 1, "title": "Kyiv hopes for missiles after Washington visit"},
            {"id": 2, "title": "UPDATE 1-Kiev hopes for missiles after Washington visit"},
            {"id": 3, "title": "Kyiv hopes for missiles after Ankara visit"},
            {"id": 4, "title": "Kyiv still hopes for Tomahawk missiles after Washington visit"},
        )
    )
    assert [(one["id"], one["verdict"], one["of"]) for one in found] == [
        (1, "independent", None),
        (2, "exact", 1),
        (3, "independent", None),
        (4, "near", 1),
    ]


def test_shared_passages_are_runs_of_eight_words_and_more() -> None:
    shared, phrase = text("shared", 30), text("phrase", 6)
    one = f"{text('x', 40)} {shared} {text('y', 40)} {phrase} {text('z', 9)}"
    other = f"{phrase} {text('v', 20)} {shared} {text('w', 20)}"
    both = frozenset(fingerprint(one).shingles) & frozenset(fingerprint(other).shingles)
    assert passages(one, both) == (shared,)


def test_shared_passages_are_found_in_scripts_without_spaces() -> None:
    shared = "总统与总理将在首都会晤讨论停火以及两国贸易关系"
    one, other = f"据报道{shared}。会晤日期未定", f"消息人士称，{shared}，地点已经选好"
    both = frozenset(fingerprint(one).shingles) & frozenset(fingerprint(other).shingles)
    assert [shared in passage for passage in passages(one, both)] == [True]


def test_the_command_shows_verdict_measures_and_passages_of_two_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text("a") + " " + text("b", 100))
    (tmp_path / "b.txt").write_text(text("a"))
    shown = storywatch("compare", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--json")
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert (told["verdict"], told["of"], told["reverse_containment"]) == ("near", str(tmp_path / "b.txt"), 1.0)
    assert told["passages"] == [text("a")]
    shown = storywatch("compare", str(tmp_path / "a.txt"), str(tmp_path / "b.txt"))
    assert "a.txt is a near copy of" in shown.stdout
    found = compare(from_file(tmp_path / "b.txt"), from_file(tmp_path / "a.txt"))
    assert (found.verdict.containment, found.verdict.kind.value) == (1.0, "near")


def test_lines_go_through_the_command_without_a_warehouse(tmp_path: Path) -> None:
    given = "\n".join(lines({"id": "x", "text": text("a")}, {"id": "y", "text": text("a").upper()}))
    shown = storywatch("compare", "--jsonl", given=given)
    assert [json.loads(line)["verdict"] for line in shown.stdout.splitlines()] == ["independent", "exact"]
    wrong = storywatch("compare", "--jsonl", given=given + "\nno json")
    assert (wrong.returncode, len(wrong.stdout.splitlines())) == (1, 3)
    assert "line 3" in wrong.stderr
    assert storywatch("compare", "one").returncode == 2
    assert storywatch("compare", "absent.txt", "seed:absent").returncode == 2


def test_the_text_of_a_seed_is_kept_on_request_in_the_private_file_alone(tmp_path: Path) -> None:
    (tmp_path / "seed.txt").write_text(f"A headline\n{text('s')}")
    options = ["--url", "https://seed.example/s", "--language", "en", "--slug", "told", "--fact", "One.", "--keep-text"]
    added = storywatch("seed", "add", "seed.txt", *options, cwd=tmp_path)
    assert added.returncode == 0, added.stderr
    assert text("s")[:40] not in (tmp_path / "seeds" / "told.toml").read_text()
    with connect.reader(connect.DataDir(tmp_path / "data"), wait_seconds=5) as con:
        assert text("s") in (read.seed_text(con, "told") or "")
    shown = storywatch("compare", "seed:told", "seed:told", "--json", cwd=tmp_path)
    assert text("s") in json.loads(shown.stdout)["passages"][0]
    data_dir = connect.DataDir(tmp_path / "data")
    publish.publish(data_dir, "run", now=T0, wait_seconds=5)
    with connect.public_reader(data_dir) as con:
        tables = {row[0] for row in read.query(con, "SELECT table_name FROM duckdb_tables()")[1]}
    assert "verdict_history" in tables
    assert not tables & {"seed_text", "sketch", "posting"}
