"""The `storywatch` command: what it prints where, and what it ends with."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.commands import app, main
from flows.commands.demo import MARK, QUESTIONS
from flows.commands.exits import MEANING, Exit
from flows.commands.show import PIPE_WIDTH
from flows.preview import preview
from flows.replay import REPLAY_SEEDS
from flows.replay.site import MOMENTS
from flows.settings import PACKAGE_SEEDS
from tests.interrupting import interrupted_demo
from tests.replayed import replay_watch, run_moment
from warehouse import connect, lock, read
from warehouse.rows import rows

ROOT = Path(__file__).parent.parent
COMMANDS = (
    *("run", "backfill", "demo", "why", "url", "fetch", "query", "status", "extract", "seed list", "seed add"),
    *("extract", "explain", "compare", "rescore", "reextract", "diff", "story check"),
    *("db migrate", "db check", "db backup", "db restore", "db publish"),
    *("feeds list", "feeds add", "feeds check", "feeds disable", "feeds enable"),
    *("up", "down", "reconcile", "maintain", "doctor"),
)
Storywatch = Callable[..., tuple[int, str, str]]
VIEWS = "SELECT view_name FROM duckdb_views() WHERE NOT internal"


@pytest.fixture
def storywatch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Storywatch:
    """Call the command in an empty folder: (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["storywatch", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("cli") / "data"
    run_moment(folder, MOMENTS[0])
    return str(folder)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(command: str, storywatch: Storywatch) -> None:
    code, out, _ = storywatch(*command.split(), "--help")
    assert code == Exit.DONE
    assert "Examples" in out
    assert f"storywatch {command}" in out


def test_help_shows_no_marks_of_its_markup(storywatch: Storywatch) -> None:
    shown = {command: storywatch(*command.split(), "--help")[1] for command in COMMANDS}
    assert [command for command, out in shown.items() if "\\b" in out or "[bold]" in out] == []


def test_the_list_of_query_names_every_view(storywatch: Storywatch, data: str) -> None:
    named = storywatch("query", "--data", data, "--list")[1]
    out = storywatch("query", "--data", data, "--format", "json", VIEWS)[1]
    views = {one["view_name"] for one in json.loads(out)}
    assert len(views) >= 10
    assert [view for view in views if view not in named] == []


def test_a_cell_longer_than_the_screen_is_cut_and_it_says_how_to_see_all(storywatch: Storywatch, data: str) -> None:
    code, out, err = storywatch("query", "--data", data, "SELECT 'a' || repeat('b', 500) || 'c' AS text")
    assert code == Exit.DONE
    assert out.count("b") == PIPE_WIDTH - 2
    assert "\u2026" in out
    assert "--format csv or json" in err
    _, out, err = storywatch("query", "--data", data, "SELECT 'two' || chr(10) || 'lines' AS text, 1250630.0 AS s")
    assert "two lines" in out
    assert "1250630" in out
    assert "--format" not in err


def test_the_help_of_status_says_when_it_exits_with_1(storywatch: Storywatch) -> None:
    out = " ".join(storywatch("status", "--help")[1].split())
    rules = ("no run", "failed", "killed", "add up", "half of the feeds", "disk", "maintenance", "within 2 s", "paused")
    for rule in rules:
        assert rule in out


def test_the_commands_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert app.registered_commands
    for command in COMMANDS:
        assert re.search(rf"`(storywatch )?{command}\b", readme), command


def test_the_readme_has_the_table_of_exit_codes() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for code, meaning in MEANING.items():
        assert f"| {code.value} | {meaning} |" in readme


def test_status_of_an_empty_folder_is_not_initialised(storywatch: Storywatch) -> None:
    code, out, _ = storywatch("status", "--json")
    assert code == Exit.ATTENTION
    told = json.loads(out)
    assert told["initialised"] is False
    assert len(told["attention"]) == 1


def test_status_tells_the_ledger_and_that_all_is_well(storywatch: Storywatch, data: str) -> None:
    code, out, _ = storywatch("status", "--json", "--data", data)
    status = json.loads(out)
    assert code == Exit.DONE
    assert status["initialised"] is True
    assert status["discovered"] == sum(status["outcomes"].values())
    assert status["attention"] == []
    assert storywatch("status", "--data", data)[1].startswith("last run")


def test_query_prints_tables_csv_and_json(storywatch: Storywatch, data: str) -> None:
    sql = "SELECT url, published_at, language FROM coverage ORDER BY url"
    rows = json.loads(storywatch("query", sql, "--data", data, "--format", "json")[1])
    lines = list(csv.DictReader(io.StringIO(storywatch("query", sql, "--data", data, "--format", "csv")[1])))
    code, table, notes = storywatch("query", sql, "--data", data)
    assert code == Exit.DONE
    assert rows
    assert [row["url"] for row in rows] == [line["url"] for line in lines]
    assert all(
        re.fullmatch(r"2025-10-\d\dT[0-9:.]+\+00:00", row["published_at"]) for row in rows if row["published_at"]
    )
    assert all(row["url"] in table.replace("\n", "") for row in rows[:1])
    assert notes == f"{len(rows)} rows\n"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEKT 1", "syntax error"),
        ("FROM covrage", "coverage"),
        ("FROM read_text('/etc/hostname')", "disabled"),
        ("DELETE FROM entry", "read-only"),
        ("SELECT 1; SELECT 2", "2 statements"),
    ],
)
def test_a_wrong_query_is_told_in_one_message_and_exits_with_2(
    sql: str, message: str, storywatch: Storywatch, data: str
) -> None:
    code, out, err = storywatch("query", sql, "--data", data)
    assert (code, out) == (Exit.USAGE, "")
    assert message in err
    assert "Traceback" not in err


def test_query_and_why_without_a_warehouse_say_what_to_do(storywatch: Storywatch) -> None:
    for arguments in (("query", "SELECT 1"), ("why", "http://a.example/")):
        code, _, err = storywatch(*arguments)
        assert code == Exit.ATTENTION
        assert "storywatch run" in err


def test_why_tells_the_way_of_a_url_in_any_spelling(storywatch: Storywatch, data: str) -> None:
    row = json.loads(storywatch("query", "SELECT url FROM coverage LIMIT 1", "--data", data, "-f", "json")[1])[0]
    code, out, _ = storywatch("why", row["url"].replace("https://", "http://WWW.") + "?utm_source=x", "--data", data)
    assert code == Exit.DONE
    assert "loaded: independent" in out
    assert "discovered (run " in out
    told = json.loads(storywatch("why", row["url"], "--data", data, "--json")[1])
    assert told["outcome"] == "loaded"
    assert told["article"]["url"] == row["url"]


def test_csv_and_json_write_lists_truth_and_what_is_no_number_as_programs_read_it(
    storywatch: Storywatch, data: str
) -> None:
    sql = "SELECT ['a', 'b'] AS l, true AS t, 'nan'::DOUBLE AS n, 1.50::DECIMAL(9, 2) AS d, DATE '2025-10-16' AS day"
    assert json.loads(storywatch("query", sql, "--data", data, "-f", "json")[1]) == [
        {"l": ["a", "b"], "t": True, "n": None, "d": 1.5, "day": "2025-10-16"}
    ]
    csv_lines = storywatch("query", sql, "--data", data, "-f", "csv")[1].splitlines()
    assert csv_lines[1].startswith('"[""a"", ""b""]",true,')


def test_a_table_too_wide_for_its_columns_has_one_field_a_line(storywatch: Storywatch, data: str) -> None:
    out = storywatch("query", "FROM coverage LIMIT 1", "--data", data)[1]
    assert out.startswith("row 1\n  url ")
    assert len(out.splitlines()) < 60


def test_why_of_what_is_no_address_says_so_and_a_scheme_may_be_left_out(storywatch: Storywatch, data: str) -> None:
    row = json.loads(storywatch("query", "SELECT url FROM coverage LIMIT 1", "--data", data, "-f", "json")[1])[0]
    assert storywatch("why", row["url"].removeprefix("https://"), "--data", data)[0] == Exit.DONE
    assert storywatch("why", "ftp://a.example/", "--data", data)[0] == Exit.USAGE


def test_why_of_an_unknown_url_says_so(storywatch: Storywatch, data: str) -> None:
    code, _, err = storywatch("why", "http://nobody.example/x", "--data", data)
    assert code == Exit.ATTENTION
    assert "no feed ever showed http://nobody.example/x" in err


def test_a_run_on_the_open_network_without_a_contact_is_refused(storywatch: Storywatch) -> None:
    code, out, err = storywatch("run", "--no-prefect")
    assert (code, out) == (Exit.USAGE, "")
    assert "setting contact" in err
    assert not Path("data").exists()


def test_a_wrong_setting_is_told_with_its_source(storywatch: Storywatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORYWATCH_CONCURRENCY", "many")
    code, _, err = storywatch("run")
    assert code == Exit.USAGE
    assert "STORYWATCH_CONCURRENCY in the environment" in err


def test_a_warehouse_held_by_another_process_exits_with_4_and_names_it(
    storywatch: Storywatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_moment(tmp_path / "data", MOMENTS[0])
    script = "import sys, duckdb\ncon = duckdb.connect(sys.argv[1])\nprint('held', flush=True)\nsys.stdin.read()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "data/private/warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        monkeypatch.setenv("STORYWATCH_WRITER_WAIT_SECONDS", "0.1")
        monkeypatch.setenv("STORYWATCH_CONTACT", "operator@storywatch.example")
        feeds = tmp_path / "feeds.toml"
        feeds.write_text('[[feed]]\nname = "loopback"\nurl = "http://127.0.0.1:1/rss"\n')
        code, _, err = storywatch("run", "--no-prefect", "--feeds", str(feeds))
        why_code, why_out, why_err = storywatch("why", "http://nobody.example/")
        assert holder.stdin is not None
        holder.stdin.close()
    assert code == Exit.BUSY
    assert str(holder.pid) in err
    assert (why_code, why_out) == (Exit.ATTENTION, "")
    assert "reading the last published file" in why_err


def test_a_feed_on_an_address_that_is_not_public_is_blocked_for_everybody_who_runs_it(
    storywatch: Storywatch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORYWATCH_CONTACT", "operator@storywatch.example")
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nname = "loopback"\nurl = "http://127.0.0.1:1/rss"\n')
    code, out, err = storywatch("run", "--no-prefect", "--feeds", str(feeds), "--json")
    assert code == Exit.ATTENTION
    assert "all 1 feeds failed" in err
    assert json.loads(out)["feeds_failed"] == 1
    with connect.reader(connect.DataDir(tmp_path / "data"), wait_seconds=5) as con:
        assert read.query(con, 'SELECT reason FROM "fetch"')[1] == [("blocked",)]


def test_a_dry_run_says_what_would_be_fetched_and_writes_nothing(tmp_path: Path) -> None:
    with replay_watch(tmp_path / "data", MOMENTS[0]) as (watch, _):
        planned = preview(watch)
    assert planned.to_fetch
    assert planned.off_story
    assert not (tmp_path / "data").exists()
    run_moment(tmp_path / "data", MOMENTS[0])
    with replay_watch(tmp_path / "data", MOMENTS[0]) as (watch, _):
        assert preview(watch).to_fetch == ()


def test_seed_add_writes_only_to_seeds_here_and_list_shows_it(storywatch: Storywatch, tmp_path: Path) -> None:
    text = "A headline of ours\n" + " ".join(f"word{n}" for n in range(100))
    (tmp_path / "article.txt").write_text(text)
    packaged = sorted(PACKAGE_SEEDS.iterdir())
    add = (
        "seed",
        "add",
        "article.txt",
        "--url",
        "https://daily.example/a",
        "--language",
        "en",
        "--published",
        "2025-10-16",
    )
    code, out, _ = storywatch(*add, "--fact", "It was said")
    assert (code, out.split(":")[0]) == (Exit.DONE, "seeds/a-headline-of-ours.toml")
    assert sorted(PACKAGE_SEEDS.iterdir()) == packaged
    assert "word50" not in Path("seeds/a-headline-of-ours.toml").read_text()
    listed = json.loads(storywatch("seed", "list", "--json")[1])
    mine = next(seed for seed in listed if seed["slug"] == "a-headline-of-ours")
    assert (mine["title"], mine["facts"]) == ("A headline of ours", ["It was said"])
    assert len(listed) >= 3  # and both packaged ones
    code, _, err = storywatch(*add)
    assert code == Exit.USAGE
    assert "--force" in err
    assert storywatch(*add, "--force")[0] == Exit.DONE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("no-such-file.txt", "--url", "https://a.example/"), "can't be read"),
        (("nowhere.txt",), "can't be read"),
        (("article.txt",), "--url: is needed"),
        (("article.txt", "--url", "https://a.example/", "--published", "yesterday"), "--published"),
        (("article.txt", "--url", "https://a.example/"), "--language"),
        (("short.txt", "--url", "https://a.example/", "--language", "en"), "at least"),
    ],
)
def test_seed_add_says_what_is_missing(
    arguments: tuple[str, ...], message: str, storywatch: Storywatch, tmp_path: Path
) -> None:
    (tmp_path / "article.txt").write_text("A headline\n" + "many words here " * 40)
    (tmp_path / "short.txt").write_text("Too short")
    code, _, err = storywatch("seed", "add", *arguments)
    assert code == Exit.USAGE
    assert message in err
    assert not Path("seeds").exists()


def test_feeds_list_shows_every_feed_with_its_last_poll(storywatch: Storywatch, data: str) -> None:
    listed = json.loads(storywatch("feeds", "list", "--json", "--data", data)[1])
    assert len(listed) >= 50
    code, out, _ = storywatch("feeds", "list", "--data", data)
    assert code == Exit.DONE
    searches = sum(feed["is_search"] for feed in listed)
    assert f"{len(listed) - searches} feeds from" in out
    assert f"and {searches} searches for the queries of" in out
    own = json.loads(
        storywatch("feeds", "list", "--json", "--data", data, "--feeds", str(REPLAY_SEEDS / "feeds.toml"))[1]
    )
    assert {feed["last_fetch"]["reason"] for feed in own} == {"ok", "http_gone"}


def test_the_demo_refuses_a_folder_that_is_not_its_own(storywatch: Storywatch, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    code, _, err = storywatch("demo", "--no-prefect", "--data", "mine")
    assert code == Exit.USAGE
    assert "not made by the demo" in err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


def test_the_demo_says_when_its_folder_is_in_use_or_can_not_be_made(storywatch: Storywatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("precious")
    code, _, err = storywatch("demo", "--no-prefect", "--data", "file")
    assert (code, "no folder can be made" in err) == (Exit.USAGE, True)
    (tmp_path / "demo-data").mkdir()
    with lock.exclusive(tmp_path / "demo-data" / MARK, wait_seconds=0):
        code, _, err = storywatch("demo", "--no-prefect")
    assert (code, str(os.getpid()) in err) == (Exit.BUSY, True)


def cpu_seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_the_demo_without_prefect_takes_30_seconds_at_most_and_its_questions_have_answers(tmp_path: Path) -> None:
    before = cpu_seconds_of_children()  # not the wall's: other tests run beside this one
    demo = subprocess.run(
        [sys.executable, "-c", "from flows.commands import main; main()", "demo", "--no-prefect"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert demo.returncode == Exit.DONE, demo.stderr
    assert cpu_seconds_of_children() - before < 30
    assert (tmp_path / "demo-data" / MARK).exists()
    assert not (tmp_path / "home").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo-data"]
    with connect.public_reader(connect.DataDir(tmp_path / "demo-data")) as con:
        for question, sql in QUESTIONS:
            assert question in demo.stdout
            assert sql in demo.stdout
            assert read.query(con, sql)[1]


@pytest.mark.slow
def test_sigterm_ends_a_run_as_ctrl_c_does(tmp_path: Path) -> None:
    code, err = interrupted_demo(tmp_path, 0.2, "--no-prefect", number=signal.SIGTERM)
    assert code == Exit.INTERRUPTED, err
    assert "stopped by hand" in err
    with connect.reader(connect.DataDir(tmp_path / "demo-data"), wait_seconds=5) as con:
        statuses = [row["status"] for row in rows(con, "read/last_run")]
    assert statuses in (["interrupted"], ["completed"])  # completed: it came between two moments


@pytest.mark.slow
@pytest.mark.parametrize("wait_seconds", [0.0, 0.3, 0.6])
def test_ctrl_c_ends_with_130_and_a_balanced_ledger_and_says_so(wait_seconds: float, tmp_path: Path) -> None:
    code, err = interrupted_demo(tmp_path, wait_seconds, "--no-prefect")
    assert code == Exit.INTERRUPTED, err
    assert "stopped by hand" in err
    assert "Traceback" not in err
    with connect.reader(connect.DataDir(tmp_path / "demo-data"), wait_seconds=5) as con:
        discovered, outcomes = read.ledger_counts(con)
    assert discovered == sum(outcomes.values()) > 0
