"""People are told: once per thing, grouped, not in quiet hours, also after a kill; a dead target harms nobody."""

from __future__ import annotations

import json
import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import pytest

from extractors.errors import SettingsError, WarehouseBusy
from flows import aftermath, notify, outbox, pipeline, sending
from flows.commands import main
from flows.commands.exits import Exit
from flows.notices import Notice
from flows.notify_settings import Kind
from flows.outbox import LONGEST_REST, MOST_WAITING, Mailbox, Outbox, digest_of, is_quiet, message, not_delivered
from flows.outbox_file import failing_targets, read_outbox, write_outbox
from flows.replay import REPLAY_SEEDS
from flows.replay.server import ReplayServer
from flows.replay.site import MOMENTS
from flows.settings import Settings, load_settings
from flows.watch import prepare
from flows.world import World
from tests.receivers import Receiver, mail_server, webhook
from tests.records_factory import T0, at
from tests.replayed import ticking
from tests.test_notices import a_step, after
from warehouse import lock
from warehouse.connect import DataDir

NOON = T0.replace(hour=12)


@pytest.fixture
def place(tmp_path: Path) -> DataDir:
    found = DataDir(tmp_path / "data")
    found.private.mkdir(parents=True)
    return found


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with webhook() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[Receiver]:
    with mail_server() as receiver:
        yield receiver


def settings_for(*receivers: Receiver, **changes: Any) -> Settings:
    given: dict[str, Any] = {"notify_least_minutes": 0, "notify_disk_free_bytes": 0, "notify_disk_free_share": 0}
    return Settings(**given | {"notify_targets": [one.url for one in receivers]} | changes)


def tell_steps(settings: Settings, place: DataDir, now: datetime, *slugs: str) -> None:
    """A run ends at `now`, and the story has these steps."""
    notify.tell(settings, place, after(f"run-{now:%d%H%M}", steps=[a_step(slug) for slug in slugs], now=now))


def test_the_second_message_comes_no_sooner_than_the_settings_say_and_holds_all_since(
    place: DataDir, hook: Receiver
) -> None:
    settings = settings_for(hook, notify_least_minutes=60)
    told = []
    for minutes, steps in ((0, "a"), (15, "ab"), (30, "abc"), (60, "abc"), (120, "abc")):
        tell_steps(settings, place, NOON + timedelta(minutes=minutes), *steps)
        told.append([subject for subject, _ in hook.got])
    one, two = "storywatch: a new step of the story", "storywatch: 2 new steps of the story"
    assert told == [[one], [one], [one], [one, two], [one, two]]


def test_in_quiet_hours_nothing_is_sent_and_the_next_run_after_sends_it(place: DataDir, hook: Receiver) -> None:
    settings = settings_for(hook, notify_quiet_hours="22:00-07:00", notify_time_zone="Europe/Budapest")
    night = datetime(2025, 10, 16, 20, 5, tzinfo=UTC)  # 22:05 in Budapest
    tell_steps(settings, place, night, "call")
    tell_steps(settings, place, night + timedelta(hours=8, minutes=50), "call", "summit")  # 06:55
    assert hook.tries == 0
    tell_steps(settings, place, night + timedelta(hours=9), "call", "summit")
    assert [subject for subject, _ in hook.got] == ["storywatch: 2 new steps of the story"]
    assert "2025-10-16 20:05Z  new step call" in hook.texts()


def test_a_dead_target_is_tried_again_after_ever_longer_rests_and_delays_no_other(
    place: DataDir, hook: Receiver, mail: Receiver
) -> None:
    settings = settings_for(hook, mail)
    hook.is_dead = True
    tries = []
    for minutes, steps in ((0, "a"), (5, "ab"), (10, "ab"), (20, "ab"), (30, "ab")):
        tell_steps(settings, place, NOON + timedelta(minutes=minutes), *steps)
        tries.append(hook.tries)
    assert tries == [1, 1, 2, 2, 3]  # rests of 10, 20, 40 minutes
    assert len(mail.got) == 2
    (failing,) = failing_targets(place)
    assert (failing.label, failing.failures, len(failing.waiting)) == ("target 1 (json)", 3, 2)
    assert "500" in failing.error
    hook.is_dead = False
    tell_steps(settings, place, NOON + timedelta(minutes=70), "a", "b")
    assert [subject for subject, _ in hook.got] == ["storywatch: 2 new steps of the story"]
    assert failing_targets(place) == []
    assert len(mail.got) == 2


def test_rests_end_at_twelve_hours() -> None:
    box = Mailbox(label="x")
    for _ in range(40):
        box = not_delivered(box, "no", NOON)
    assert box.next_try_at == NOON + LONGEST_REST


def test_a_target_that_hangs_is_left_after_a_while_and_the_others_have_their_message(hook: Receiver) -> None:
    parcels = {
        "hangs": sending.Parcel(target="hangs://x", title="t", text="x", is_trouble=False),
        "hook": sending.Parcel(target=hook.url, title="t", text="x", is_trouble=False),
    }
    release = _hang()
    try:
        began = time.monotonic()
        errors = sending.send_all(parcels, seconds=3.0)
        assert time.monotonic() - began < 30
    finally:
        release()
    assert errors == {"hangs": sending.TOO_LATE, "hook": ""}


def _hang() -> Callable[[], None]:
    """A scheme of Apprise whose targets never answer, until what is returned is called."""
    from apprise.decorators import notify as scheme

    ended = threading.Event()

    @scheme(on="hangs")  # type: ignore[untyped-decorator, no-untyped-call]
    def hang(body: str, title: str, notify_type: str, *args: object, **kwargs: object) -> None:
        ended.wait(60)

    return ended.set


def test_a_run_that_is_killed_between_sending_and_noting_tells_again_and_loses_nothing(
    place: DataDir, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(hook)
    kept: list[Outbox] = []

    def killed_at_second_write(data_dir: DataDir, outbox: Outbox) -> None:
        if kept:
            raise KeyboardInterrupt
        kept.append(outbox)
        write_outbox(data_dir, outbox)

    monkeypatch.setattr(notify, "write_outbox", killed_at_second_write)
    with pytest.raises(KeyboardInterrupt):
        tell_steps(settings, place, NOON, "call")
    monkeypatch.undo()
    assert len(hook.got) == 1
    tell_steps(settings, place, NOON, "call")
    tell_steps(settings, place, NOON, "call")
    assert hook.got == [hook.got[0]] * 2


def test_what_was_noted_and_not_sent_is_sent_by_the_next_run(
    place: DataDir, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "send_all", killed)
    with pytest.raises(KeyboardInterrupt):
        tell_steps(settings_for(hook), place, NOON, "call")
    monkeypatch.undo()
    tell_steps(settings_for(hook), place, NOON, "call")
    assert [subject for subject, _ in hook.got] == ["storywatch: a new step of the story"]


def test_two_runs_that_end_at_once_do_not_tell_twice(place: DataDir, hook: Receiver) -> None:
    with lock.exclusive(place.notify_lock_path, wait_seconds=0), pytest.raises(WarehouseBusy):
        tell_steps(settings_for(hook), place, NOON, "call")
    tell_steps(settings_for(hook), place, NOON, "call")
    assert len(hook.got) == 1


def test_only_the_kinds_that_are_wanted_are_told(place: DataDir, hook: Receiver) -> None:
    tell_steps(settings_for(hook, notify_kinds=["run", "disk"]), place, NOON, "call")
    assert hook.tries == 0


def test_a_target_that_is_new_in_the_settings_hears_of_what_comes_and_not_of_what_was(
    place: DataDir, hook: Receiver
) -> None:
    tell_steps(settings_for(), place, NOON, "call")
    tell_steps(settings_for(hook), place, NOON, "call", "summit")
    assert [subject for subject, _ in hook.got] == ["storywatch: a new step of the story"]
    assert "summit happened" in hook.texts()


def test_a_notifier_that_breaks_never_fails_a_run(place: DataDir, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    said: list[str] = []
    monkeypatch.setattr(notify, "tell", broken)
    monkeypatch.setattr("flows.progress.Silent.say", lambda self, text: said.append(text))
    settings = Settings(data_dir=place.root, seeds_dir=REPLAY_SEEDS)
    with ReplayServer(moment=MOMENTS[0]) as server:
        watch = prepare(settings, World(resolver=server.resolver()))
        aftermath.after_error(watch, "monitor", "x", ValueError("the run's own"))
    assert said == ["after the run: ZeroDivisionError: "]
    assert 'storywatch_last_run_status{status="failed"} 1' in place.metrics_path.read_text()


def test_a_failure_that_names_what_is_no_unicode_is_told(place: DataDir, hook: Receiver) -> None:
    ending = replace(after("x", "failed").ending, detail=os.fsdecode(b"OSError: /srv/\xff\x00\n is full"))
    notify.tell(settings_for(hook), place, replace(after("x"), ending=ending))
    assert "/srv/ is full" in hook.texts()


def test_a_long_message_is_sent_in_parts_and_where_each_costs_only_its_beginning() -> None:
    def parts(url: str) -> list[int]:
        found = sending.service(url)
        assert found is not None
        return [len(part["body"]) for part in found[0]._apply_overflow("a line\n" * 1000, title="new")]

    discord = parts("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js")
    assert len(discord) > 3
    assert max(discord) <= 2000
    assert len(parts("clicksend://user:password@15551235555")) == 1
    assert len(parts("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js?overflow=truncate")) == 1


def test_a_run_whose_warehouse_is_broken_is_told_of(place: DataDir, hook: Receiver) -> None:
    place.warehouse_path.write_bytes(b"this is no database" * 1000)
    settings = settings_for(hook, data_dir=place.root, seeds_dir=REPLAY_SEEDS)
    with ReplayServer(moment=MOMENTS[0]) as server:
        watch = prepare(settings, World(clock=ticking(MOMENTS[0]), resolver=server.resolver()))
        for _ in range(2):
            with pytest.raises(Exception, match=r"warehouse\.duckdb"):
                pipeline.run(watch, command="test")
    assert len(hook.got) == 1
    assert "failed: Warehouse" in hook.texts()
    assert 'storywatch_last_run_status{status="failed"} 1' in place.metrics_path.read_text()


def test_maintenance_that_fails_is_told_of_once_and_so_is_that_it_works_again(place: DataDir, hook: Receiver) -> None:
    settings = settings_for(hook, data_dir=place.root, seeds_dir=REPLAY_SEEDS)
    world = World(clock=ticking(MOMENTS[0]))
    for _ in range(2):
        with pytest.raises(ValueError, match="boom"), aftermath.failures_told(settings, world, "maintain"):
            raise ValueError("boom")
    assert len(hook.got) == 1
    assert "failed: ValueError: boom" in hook.texts()
    with aftermath.failures_told(settings, world, "maintain"):
        pass
    assert len(hook.got) == 2
    assert "it works again" in hook.texts()
    with pytest.raises(KeyboardInterrupt), aftermath.failures_told(settings, world, "maintain"):
        raise KeyboardInterrupt
    assert len(hook.got) == 2
    assert not place.metrics_path.exists()  # they are of runs


def test_a_replay_tells_nobody(place: DataDir, hook: Receiver) -> None:
    settings = settings_for(hook, data_dir=place.root, seeds_dir=REPLAY_SEEDS)
    with ReplayServer(moment=MOMENTS[0]) as server:
        watch = prepare(settings, World(resolver=server.resolver(), notifies=False))
        aftermath.after_error(watch, "monitor", "x", ValueError("boom"))
    assert hook.tries == 0


# -- the outbox ----------------------------------------------------------------------------------------------------


def a_notice(number: int) -> Notice:
    return Notice(kind=Kind.FEED, text=f"feed {number} broke", at=at(number))


def test_what_waits_is_bounded_and_what_is_left_out_is_counted() -> None:
    box = outbox.put(
        Outbox(mailboxes={"x": Mailbox(label="x")}), [a_notice(number) for number in range(MOST_WAITING + 50)]
    ).mailboxes["x"]
    assert (len(box.waiting), box.dropped, box.waiting[-1].text) == (
        MOST_WAITING,
        50,
        f"feed {MOST_WAITING + 49} broke",
    )
    text = message(box)[1]
    assert len(text.splitlines()) == outbox.MOST_LINES + 1
    assert text.startswith("210 older notices are left out")


def test_headlines_can_call_nobody_and_break_no_line() -> None:
    bad = Notice(kind=Kind.STEP, at=NOON, text="@everyone\nlook \u202ehere\x07", link="https://x.example/@a")
    assert message(Mailbox(label="x", waiting=(bad,)))[1].splitlines() == [
        "2025-10-17 12:00Z  \uff20everyone look here",
        "    https://x.example/%40a",
    ]


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        (("22:00", "07:00"), ["22:00", "23:59", "00:00", "06:59"], ["07:00", "21:59"]),
        (("01:00", "02:00"), ["01:30"], ["02:00"]),
    ],
)
def test_quiet_hours_also_span_midnight(hours: tuple[str, str], quiet: list[str], loud: list[str]) -> None:
    begin, end = map(time_of_day.fromisoformat, hours)
    for expected, times in ((True, quiet), (False, loud)):
        assert {is_quiet(time_of_day.fromisoformat(one), (begin, end)) for one in times} == {expected}


def test_the_file_gives_back_what_was_put_and_is_for_its_owner_alone(place: DataDir, hook: Receiver) -> None:
    hook.is_dead = True
    tell_steps(settings_for(hook), place, NOON, "call")
    kept = read_outbox(place)
    write_outbox(place, kept)
    assert read_outbox(place) == kept
    assert kept.known.steps == {"call"}
    assert stat.S_IMODE(place.notify_path.stat().st_mode) == 0o600
    assert sorted(path.name for path in place.private.iterdir()) == ["notify.json", "notify.lock"]


def test_a_file_that_is_cut_short_is_no_reason_to_tell_everything_again(place: DataDir, hook: Receiver) -> None:
    place.notify_path.write_text('{"known": {"steps')
    old = after(steps=[a_step("call", is_older=True)], now=NOON)
    notify.tell(settings_for(hook), place, old)
    assert hook.tries == 0


# -- secrets, settings, commands -----------------------------------------------------------------------------------


def test_no_part_of_a_targets_url_is_kept_logged_or_shown(
    place: DataDir, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = "json://user:hunter2@127.0.0.1:9/tops3cret?+X-Key=s3same"
    settings = settings_for(notify_targets=[secret])
    with caplog.at_level(logging.DEBUG):
        tell_steps(settings, place, NOON, "call")
    seen = place.notify_path.read_text() + caplog.text + repr(settings) + "".join(capsys.readouterr())
    assert failing_targets(place)[0].failures == 1
    for part in ("user", "hunter2", "tops3cret", "s3same"):
        assert part not in seen, part
    assert digest_of(secret) in seen


def test_what_went_wrong_is_told_without_any_part_of_the_url() -> None:
    target = "https://user:hunter%212@bot.example:8443/tops3cret/x?key=s3same#frag"
    text = "POST https://bot.example:8443/tops3cret/x?key=s3same by user failed with hunter!2 and hunter%212: timed out"
    assert sending.scrubbed("no login with a/b", "mailto://me:a%2Fb@mail.example") == "no login with ***"
    shown = sending.scrubbed(text, target)
    assert not any(part in shown for part in ("bot.example", "tops3cret", "s3same", "user", "hunter", "8443"))
    assert shown.endswith("timed out")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("targets", "tops3cret", "number 1 must be an Apprise URL"),
        ("targets", "json://tops3cret json://tops3cret", "twice"),
        ("kinds", "step spikes", "'spike'"),
        ("kinds", "json://tops3cret", "'spike'"),
        ("quiet_hours", "22-7", "two different times of day"),
        ("quiet_hours", "07:00-07:00", "two different times of day"),
        ("time_zone", "Mars/Olympus", "IANA"),
        ("least_minutes", "-1", "greater than or equal to 0"),
        ("spike_factor", "1", "greater than or equal to 1.5"),
    ],
)
def test_a_wrong_setting_is_told_with_what_is_allowed_and_without_secrets(
    key: str, value: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"STORYWATCH_NOTIFY_{key.upper()}", value)
    with pytest.raises(SettingsError, match=problem) as caught:
        load_settings()
    assert caught.value.key == f"notify_{key}"
    assert "tops3cret" not in str(caught.value)


def test_the_file_has_a_table_and_the_environment_overrules_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("storywatch.toml").write_text('[notify]\ntargets = ["json://a.example/x"]\nquiet_hours = "22:00-07:00"\n')
    monkeypatch.setenv("STORYWATCH_NOTIFY_TARGETS", "json://b.example/x mailto://c.example")
    settings = load_settings()
    assert [one.get_secret_value() for one in settings.notify_targets] == ["json://b.example/x", "mailto://c.example"]
    assert settings.notify_quiet_hours == "22:00-07:00"
    Path("storywatch.toml").write_text('[notify]\ntarget = ["json://a.example/tops3cret"]\n')
    with pytest.raises(SettingsError, match="did you mean notify_targets") as caught:
        load_settings()
    assert "tops3cret" not in str(caught.value)


def test_notify_test_tells_each_targets_result(
    tmp_path: Path, hook: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORYWATCH_NOTIFY_TARGETS", f"{hook.url} nosuchscheme://x")
    assert called("notify", "test", monkeypatch=monkeypatch) == Exit.ATTENTION
    out, err = capsys.readouterr()
    assert out == "target 1 (json): taken\n"
    assert err == f"target 2 (nosuchscheme): {sending.UNKNOWN}\n"
    assert [subject for subject, _ in hook.got] == ["storywatch: a test"]
    monkeypatch.delenv("STORYWATCH_NOTIFY_TARGETS")
    assert called("notify", "test", monkeypatch=monkeypatch) == Exit.USAGE


def test_notify_list_shows_what_waits_and_who_fails(
    place: DataDir, hook: Receiver, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.root)
    hook.is_dead = True
    tell_steps(settings_for(hook), place, NOON, "call")
    monkeypatch.setenv("STORYWATCH_NOTIFY_TARGETS", hook.url)
    assert called("notify", "list", "--data", str(place.root), monkeypatch=monkeypatch) == Exit.ATTENTION
    out = capsys.readouterr().out
    assert "target 1 (json): failed 1 time since 2025-10-17 12:00Z" in out
    assert "waits: step: new step call" in out
    called("notify", "list", "--data", str(place.root), "--json", monkeypatch=monkeypatch)
    (target,) = json.loads(capsys.readouterr().out)["targets"]
    assert (target["failures"], target["waiting"][0]["kind"]) == (1, "step")


def called(*arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Exit code of the command line."""
    monkeypatch.setattr("sys.argv", ["storywatch", *arguments])
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0
