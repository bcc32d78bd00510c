"""storywatch backfill on the command line: what it prints, its exit codes, and what it asks for."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flows.commands.exits import Exit
from tests.warc_files import record

ROOT = Path(__file__).parent.parent
DAYS = ("--since", "2025-10-14", "--until", "2025-10-16")
# Blocked by the address guard: no traffic, a complete run.
FEEDS = '[[feed]]\nname = "loopback"\nurl = "http://127.0.0.1:1/sitemap.xml"\nkind = "sitemap"\n'


def storywatch(
    folder: Path, *arguments: str, contact: bool = True, given: str = ""
) -> subprocess.CompletedProcess[str]:
    (folder / "feeds.toml").write_text(FEEDS)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "STORYWATCH_"))}
    contacts = {"STORYWATCH_CONTACT": "operator@storywatch.example"} if contact else {}
    return subprocess.run(
        [sys.executable, "-c", "from flows.commands import main; main()", "backfill", *arguments],
        cwd=folder,
        env={**kept, **contacts, "HOME": str(folder), "PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def shell(folder: Path, arguments: str) -> subprocess.CompletedProcess[str]:
    """storywatch with redirections, as a shell has them."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "STORYWATCH_"))}
    program = f"{shlex.quote(sys.executable)} -c 'from flows.commands import main; main()'"
    return subprocess.run(
        ["sh", "-c", f"{program} {arguments}"],
        cwd=folder,
        env={
            **kept,
            "STORYWATCH_CONTACT": "operator@storywatch.example",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_hole_is_told_with_exit_code_1_and_where_to_look(tmp_path: Path) -> None:
    result = storywatch(tmp_path, *DAYS, "--feeds", "feeds.toml", "--no-prefect")
    assert result.returncode == Exit.ATTENTION, result.stderr
    assert "1 slices were blocked or failed; the view backfill names them" in result.stderr
    assert "slices: 1 blocked" in result.stdout


def test_an_archive_is_counted_in_slices_of_records(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(record("https://outlet.example/a", b"<p>A parish council.</p>"))
    result = storywatch(tmp_path, "--warc", "a.warc", "--no-prefect", contact=False)
    assert result.returncode == Exit.DONE, result.stderr
    assert "archive a.warc, slices of 1,000 records: 1" in result.stderr


def test_a_list_from_standard_input_and_the_report_as_json(tmp_path: Path) -> None:
    result = storywatch(
        tmp_path, "--urls", "-", "--json", "--no-prefect", given="http://x.example/a\tTrams in spring\n"
    )
    assert result.returncode == Exit.DONE, result.stderr
    report = json.loads(result.stdout)
    assert (report["discovered"], report["slices"]) == (1, {"found": 1})


def test_a_list_from_standard_input_may_hold_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"http://x.example/trams-\xff\tTrams in spring\nhttp://x.example/b\tTrams\n")
    result = shell(tmp_path, "backfill --urls - --json --no-prefect < list.txt")
    assert result.returncode == Exit.DONE, result.stderr
    assert json.loads(result.stdout)["discovered"] == 2


@pytest.mark.parametrize("arguments", ["backfill --urls - --no-prefect", "url -"])
def test_closed_standard_input_is_told_with_exit_code_2(arguments: str, tmp_path: Path) -> None:
    result = shell(tmp_path, f"{arguments} <&-")
    assert (result.returncode, "Traceback" in result.stderr) == (Exit.USAGE, False)
    assert "standard input is closed" in " ".join(result.stderr.split())


def test_a_dry_run_tells_the_sum_first_and_one_line_per_kind_of_source(tmp_path: Path) -> None:
    shown = storywatch(tmp_path, *DAYS, "--dry-run").stdout.splitlines()  # the packaged feeds and searches
    assert "slices would be asked" in shown[0]
    assert len(shown) < 15
    assert any("Google News: a query each" in line for line in shown)
    named = storywatch(tmp_path, *DAYS, "--dry-run", "--source", "Google News").stdout
    assert "Google News hu:" in named


def test_a_dry_run_says_what_would_be_asked_and_writes_nothing(tmp_path: Path) -> None:
    result = storywatch(tmp_path, *DAYS, "--feeds", "feeds.toml", "--dry-run")
    assert result.returncode == Exit.DONE, result.stderr
    assert "1 slices would be asked" in result.stdout
    as_json = storywatch(tmp_path, *DAYS, "--feeds", "feeds.toml", "--dry-run", "--json")
    assert [one["source"] for one in json.loads(as_json.stdout)["slices"]] == ["loopback"]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--since and --until are needed"),
        (("--since", "2025-13-01", "--until", "2025-10-16"), "is no day such as"),
        ((*DAYS, "--source", "nobody", "--feeds", "feeds.toml"), "none of 1 sources has that in its name"),
        (("--urls", "nowhere.txt"), "there is no such file"),
    ],
)
def test_a_wrong_command_line_is_told_with_exit_code_2(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    contact = "--source" in arguments  # the others are told before a missing contact is
    result = storywatch(tmp_path, *arguments, "--no-prefect", contact=contact)
    assert result.returncode == Exit.USAGE
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_nobody_is_asked_without_a_contact(tmp_path: Path) -> None:
    result = storywatch(tmp_path, *DAYS, "--no-prefect", contact=False)
    assert result.returncode == Exit.USAGE
    assert "contact" in result.stderr
