"""The whole pipe on the replay: every URL ends where the replay expects it, and nothing is lost or counted twice."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from extractors.errors import NetworkUnreachable, SeedFileError, SettingsError
from extractors.records import Outcome, RunReport
from flows import pipeline
from flows.pipeline import Interrupted, plainly
from flows.replay.site import MOMENTS, Expected, expected
from flows.settings import Settings
from flows.watch import prepare
from flows.world import World
from tests.fakeweb import FakeWeb
from tests.receivers import Receiver, mail_server, webhook
from tests.replayed import replay_watch, run_all_moments, run_moment
from tests.test_metrics import parsed
from warehouse import connect, lock, read

P = ParamSpec("P")
T = TypeVar("T")
TABLES = ("coverage", "article_all", "ledger")


@pytest.fixture(scope="module")
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with webhook() as hook, mail_server() as mail:
        yield hook, mail


@pytest.fixture(scope="module")
def replayed(
    tmp_path_factory: pytest.TempPathFactory, receivers: tuple[Receiver, Receiver]
) -> tuple[Path, list[RunReport]]:
    folder = tmp_path_factory.mktemp("replay") / "data"
    told = {"notify_targets": [one.url for one in receivers], "notify_least_minutes": 0}
    return folder, run_all_moments(folder, notify_kinds=["step", "run"], **told)


def public_rows(data_dir: Path) -> dict[str, list[str]]:
    """All rows of the public views that tell of articles and URLs."""
    with connect.public_reader(connect.DataDir(data_dir)) as con:
        return {view: sorted(map(repr, read.query(con, f"FROM {view}")[1])) for view in TABLES}


@pytest.mark.parametrize("want", expected(), ids=lambda want: want.url.removeprefix("http://"))
def test_each_url_of_the_replay_ends_as_expected(want: Expected, replayed: tuple[Path, list[RunReport]]) -> None:
    with connect.reader(connect.DataDir(replayed[0]), wait_seconds=5) as con:
        report = read.why(con, want.url)
        original = want.of
        if want.of and not want.of.startswith("seed:"):
            of = read.why(con, want.of)
            original = of.article.url if of and of.article else want.of
    assert report is not None, "not discovered"
    assert (report.outcome, report.reason) == (want.outcome, want.reason), report.detail
    if want.outcome is Outcome.LOADED:
        assert report.verdict is not None
        assert report.verdict.of == original
    if want.relevance is not None:
        assert report.match is not None
        assert report.match.relevance is want.relevance


def test_nothing_is_discovered_that_the_replay_does_not_expect(replayed: tuple[Path, list[RunReport]]) -> None:
    assert sum(report.discovered for report in replayed[1]) == len(expected())


def test_discovered_is_the_sum_of_the_outcomes_after_every_run(replayed: tuple[Path, list[RunReport]]) -> None:
    discovered = 0
    for report in replayed[1]:
        discovered += report.discovered
        assert report.ledger_discovered == discovered == sum(report.ledger_outcomes.values())
        assert report.status == "completed"


def test_a_published_folder_that_was_deleted_comes_back_without_texts_where_these_are_not_to_be_published(
    replayed: tuple[Path, list[RunReport]], tmp_path: Path
) -> None:
    place = connect.DataDir(tmp_path / "data")
    shutil.copytree(replayed[0] / "private", place.private)
    with replay_watch(place.root, MOMENTS[-1]) as (watch, _):
        without = replace(watch, settings=watch.settings.model_copy(update={"publish_text": False}))
        pipeline.begin(without, "run-9", "test")
    with connect.public_reader(place) as con:
        (told,) = read.query(con, "SELECT count(*), count(text), count(lead) FROM article_all")[1]
    assert told[0] > 0
    assert told[1:] == (0, 0)


def test_coverage_shows_independent_reports_newest_first(replayed: tuple[Path, list[RunReport]]) -> None:
    with connect.public_reader(connect.DataDir(replayed[0])) as con:
        columns, rows = read.query(con, "FROM coverage")
    times = [row[columns.index("published_at")] for row in rows]
    known = [at for at in times if at is not None]
    assert len(rows) >= 15
    assert known == sorted(known, reverse=True)


def test_a_feed_that_has_not_changed_answers_304_at_the_second_poll(tmp_path: Path) -> None:
    run_moment(tmp_path, MOMENTS[0])
    run_moment(tmp_path, MOMENTS[0], later=timedelta(minutes=15))
    with connect.reader(connect.DataDir(tmp_path), wait_seconds=5) as con:
        _, rows = read.query(con, "SELECT count(*) FROM \"fetch\" WHERE kind = 'feed' AND status = 304")
    assert rows[0][0] >= 1


def test_every_feed_of_the_replay_that_answers_is_due_at_each_moment(
    replayed: tuple[Path, list[RunReport]],
) -> None:
    assert {report.feeds_polled for report in replayed[1]} == {11}


def test_running_again_stores_nothing_new(tmp_path: Path) -> None:
    run_moment(tmp_path, MOMENTS[0])
    before = public_rows(tmp_path)
    again = run_moment(tmp_path, MOMENTS[0], later=timedelta(hours=12))
    assert (again.discovered, again.fetched) == (0, 0)
    assert again.published_snapshot is not None  # after half a day it is published all the same
    assert public_rows(tmp_path) == before


def test_without_news_a_run_publishes_nothing(tmp_path: Path) -> None:
    assert run_moment(tmp_path, MOMENTS[0]).published_snapshot is not None
    assert run_moment(tmp_path, MOMENTS[0], later=timedelta(minutes=15)).published_snapshot is None


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    """The outcomes of a run of the first moment."""
    data_dir = tmp_path_factory.mktemp("undisturbed")
    run_moment(data_dir, MOMENTS[0])
    return outcomes(data_dir)


@pytest.mark.parametrize(
    "stage", ["poll", "record", "due", "fetch", "extract", "judge_and_load", "finish", "publish_if_due"]
)
def test_ctrl_c_in_any_stage_leaves_a_balanced_ledger_and_the_next_run_goes_on(
    stage: str, tmp_path: Path, undisturbed: list[tuple[object, ...]]
) -> None:
    def interrupting(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if function.__name__ == stage:
            raise KeyboardInterrupt
        return plainly(function, *args, **kwargs)

    with replay_watch(tmp_path / "data", MOMENTS[0]) as (watch, _), pytest.raises(KeyboardInterrupt) as stopped:
        pipeline.run(watch, command="test", caller=interrupting)
    if isinstance(stopped.value, Interrupted):
        report = stopped.value.report
        assert report.status == "interrupted"
        assert report.ledger_discovered == sum(report.ledger_outcomes.values())
    run_moment(tmp_path / "data", MOMENTS[0])
    assert outcomes(tmp_path / "data") == undisturbed


def outcomes(data_dir: Path) -> list[tuple[object, ...]]:
    """(url, outcome, reason, article) of every URL of the ledger."""
    with connect.reader(connect.DataDir(data_dir), wait_seconds=5) as con:
        return read.query(con, "SELECT url, outcome, reason, article_url FROM entry ORDER BY url")[1]


def test_a_killed_run_loses_nothing(tmp_path: Path, undisturbed: list[tuple[object, ...]]) -> None:
    script = (
        "import os, signal, sys\nfrom pathlib import Path\n"
        "from flows import pipeline\nfrom flows.replay.site import MOMENTS\nfrom tests.replayed import replay_watch\n"
        "def killing(function, *args, **kwargs):\n"
        "    if function.__name__ == 'judge_and_load':\n        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return function(*args, **kwargs)\n"
        "with replay_watch(Path(sys.argv[1]), MOMENTS[0]) as (watch, _):\n"
        "    pipeline.run(watch, command='test', caller=killing)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "data")], cwd=Path(__file__).parent.parent, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert {row[1] for row in outcomes(tmp_path / "data")} == {"pending", "off_story"}
    run_moment(tmp_path / "data", MOMENTS[0])
    assert outcomes(tmp_path / "data") == undisturbed


def test_a_bug_makes_the_run_failed_and_is_not_hidden(tmp_path: Path) -> None:
    def buggy(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if function.__name__ == "extract":
            raise ZeroDivisionError("a bug")
        return plainly(function, *args, **kwargs)

    with replay_watch(tmp_path, MOMENTS[0]) as (watch, _), pytest.raises(ZeroDivisionError):
        pipeline.run(watch, command="test", caller=buggy)
    with connect.reader(connect.DataDir(tmp_path), wait_seconds=5) as con:
        status = read.status(con, MOMENTS[0])
    assert status.last_run is not None
    assert (status.last_run.status, status.last_run.detail) == ("failed", "ZeroDivisionError: a bug")


def test_when_no_feed_can_be_reached_it_says_so_and_tries_no_page(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nname = "one"\nurl = "http://one.example/rss"\n')
    with FakeWeb() as web:
        world = World(resolver=web.resolver(unknown={"one.example"}))
        watch = prepare(Settings(data_dir=tmp_path / "data", feeds_file=feeds), world)
        with pytest.raises(NetworkUnreachable, match="none of 1 feeds"):
            pipeline.run(watch, command="test")
    with connect.reader(connect.DataDir(tmp_path / "data"), wait_seconds=5) as con:
        status = read.status(con, MOMENTS[0])
        asked = read.last_feed_fetches(con)
    assert status.last_run is not None
    assert status.last_run.status == "failed"
    assert asked["http://one.example/rss"].reason == "dns_error"
    assert status.feeds_failing == ()  # the network's fault, not the feed's


def test_the_open_network_is_not_asked_without_a_contact(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="contact"):
        prepare(Settings(data_dir=tmp_path), World())


@pytest.mark.parametrize("name", ["feeds.toml", "story.toml"])
def test_a_broken_seed_file_is_told_with_file_and_line_before_anything_starts(name: str, tmp_path: Path) -> None:
    broken = tmp_path / name
    broken.write_text("\n\nthis is no TOML\n")
    settings = Settings(data_dir=tmp_path / "data", **{name.replace(".toml", "_file"): broken})  # type: ignore[arg-type]
    with FakeWeb() as web, pytest.raises(SeedFileError) as caught:
        prepare(settings, World(resolver=web.resolver()))
    assert (caught.value.path, caught.value.line) == (broken, 3)
    assert not (tmp_path / "data").exists()


def test_one_run_asks_prefect_for_at_most_25_tasks(tmp_path: Path) -> None:
    called: list[str] = []

    def counting(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        called.append(function.__name__)
        return plainly(function, *args, **kwargs)

    many = "".join(
        f"<item><title>Trump and Putin plan Budapest summit {n}</title><link>http://n{n % 40}.example/{n}</link></item>"
        for n in range(700)
    )
    feeds = tmp_path / "feeds.toml"
    feeds.write_text('[[feed]]\nname = "one"\nurl = "http://one.example/rss"\n')
    with FakeWeb() as web:
        web.serve("http://one.example/rss", f'<rss version="2.0"><channel><title>t</title>{many}</channel></rss>')
        settings = Settings(data_dir=tmp_path / "data", feeds_file=feeds, host_delay_seconds=0)
        report = pipeline.run(prepare(settings, World(resolver=web.resolver())), command="test", caller=counting)
    assert report.fetched == 700
    assert len(called) <= 25


def test_a_feed_that_feeds_toml_no_longer_names_is_no_longer_in_use(tmp_path: Path) -> None:
    feeds = tmp_path / "feeds.toml"
    with FakeWeb() as web:
        for name, in_use in (("one", 1), ("two", 1)):
            feeds.write_text(f'[[feed]]\nname = "{name}"\nurl = "http://{name}.example/rss"\n')
            watch = prepare(Settings(data_dir=tmp_path / "data", feeds_file=feeds), World(resolver=web.resolver()))
            pipeline.run(watch, command="test")
            with connect.reader(watch.data_dir, wait_seconds=5) as con:
                status = read.status(con, MOMENTS[0])
            assert (status.feeds, [feed.name for feed in status.feeds_failing]) == (in_use, [name])


def test_the_published_run_names_the_snapshot_that_it_is_in(tmp_path: Path) -> None:
    report = run_moment(tmp_path, MOMENTS[0])
    with connect.public_reader(connect.DataDir(tmp_path)) as con:
        rows = read.query(con, "SELECT run_id, published_snapshot FROM run_health")[1]
    assert rows == [(report.run_id, report.published_snapshot)]


def test_while_another_run_asks_the_feeds_a_run_leaves_that_to_it(tmp_path: Path) -> None:
    with replay_watch(tmp_path, MOMENTS[0]) as (watch, _):
        watch.data_dir.private.mkdir(parents=True)
        with lock.exclusive(watch.data_dir.feeds_lock_path, wait_seconds=0):
            report = pipeline.run(watch, command="test")
    assert (report.status, report.feeds_polled, report.discovered) == ("completed", 0, 0)


def test_ctrl_c_that_comes_out_as_another_error_is_still_ctrl_c(tmp_path: Path) -> None:
    def muddling(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if function.__name__ == "due":
            try:
                raise KeyboardInterrupt
            except KeyboardInterrupt:
                raise ValueError("Task run is not set")  # noqa: B904 (as Prefect does)
        return function(*args, **kwargs)

    with replay_watch(tmp_path, MOMENTS[0]) as (watch, _), pytest.raises(Interrupted) as stopped:
        pipeline.run(watch, command="test", caller=muddling)
    assert stopped.value.report.status == "interrupted"


def test_while_another_run_fetches_pages_a_run_leaves_them_to_it(tmp_path: Path) -> None:
    with replay_watch(tmp_path, MOMENTS[0]) as (watch, _):
        settings = watch.settings.model_copy(update={"writer_wait_seconds": 0.2})
        watch.data_dir.private.mkdir(parents=True)
        with lock.exclusive(watch.data_dir.pages_lock_path, wait_seconds=0):
            report = pipeline.run(replace(watch, settings=settings), command="test")
    assert report.status == "completed"
    assert (report.fetched, set(report.ledger_outcomes)) == (0, {"pending", "off_story"})
    run_moment(tmp_path, MOMENTS[0])
    run_moment(tmp_path / "whole", MOMENTS[0])
    assert outcomes(tmp_path) == outcomes(tmp_path / "whole")


def test_the_replays_three_moments_are_told_as_the_steps_of_the_story_in_one_message_each(
    replayed: tuple[Path, list[RunReport]], receivers: tuple[Receiver, Receiver]
) -> None:
    hook, mail = receivers
    assert [subject for subject, _ in hook.got] == [
        "storywatch: 3 new steps of the story",
        "storywatch: a new step of the story",
        "storywatch: 6 new steps of the story",
    ]
    assert [text.split() for _, text in mail.got] == [text.split() for _, text in hook.got]
    told = [line.split("new step ")[1].split(":")[0] for line in hook.texts().splitlines() if "new step " in line]
    assert len(told) == len(set(told)) == 10


def test_the_metrics_say_what_the_ledger_says(replayed: tuple[Path, list[RunReport]]) -> None:
    folder, reports = replayed
    families = {one.name: one for one in parsed((folder / "public/metrics.prom").read_text("utf-8"))}
    urls = {
        (sample.labels["outcome"], sample.labels["reason"]): sample.value
        for sample in families["storywatch_ledger_urls"].samples
    }
    with connect.public_reader(connect.DataDir(folder)) as con:
        ledger = read.query(con, "SELECT outcome, reason, urls FROM ledger")[1]
    assert urls == {(outcome, reason): count for outcome, reason, count in ledger if count}
    assert sum(urls.values()) == reports[-1].ledger_discovered
    (completed,) = families["storywatch_runs"].samples
    assert (completed.name, completed.labels, completed.value) == ("storywatch_runs_total", {"status": "completed"}, 3)
    published = families["storywatch_snapshot_published_timestamp_seconds"].samples[0].value
    assert abs(published - reports[-1].ended_at.timestamp()) < 60
