"""flows/spool.py: answers survive the run that got them, and are forgotten when they are taken in."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from extractors.http import Request, Result
from extractors.records import Response
from flows.spool import LONGEST_KEPT, Spool
from tests.records_factory import T0

ROOT = Path(__file__).parent.parent


def result(url: str) -> Result:
    return Request(url=url), Response(
        url=url,
        final_url=url,
        status=200,
        headers={},
        body=b"<p>text</p>",
        fetched_at=T0,
        elapsed_seconds=0.1,
        wire_bytes=11,
    )


def left_behind(folder: Path, *urls: str) -> None:
    with Spool(folder, "first", T0) as spool:
        for url in urls:
            spool.put(result(url))


def test_what_was_not_taken_in_is_there_for_the_next_run(tmp_path: Path) -> None:
    left_behind(tmp_path, "http://a.example/1", "http://a.example/2")
    with Spool(tmp_path, "second", T0) as spool:
        assert spool.answers == {url: result(url) for url in ("http://a.example/1", "http://a.example/2")}


def test_what_was_taken_in_is_forgotten_and_its_file_with_it(tmp_path: Path) -> None:
    left_behind(tmp_path, "http://a.example/1")
    with Spool(tmp_path, "second", T0) as spool:
        spool.put(result("http://a.example/2"))
        spool.clear(["http://a.example/1", "http://a.example/2"])
        assert spool.answers == {}
    assert list(tmp_path.iterdir()) == []


def test_what_another_run_left_stays_until_all_of_it_is_taken_in(tmp_path: Path) -> None:
    left_behind(tmp_path, "http://a.example/1", "http://a.example/2")
    with Spool(tmp_path, "second", T0) as spool:
        spool.clear(["http://a.example/1"])
    with Spool(tmp_path, "third", T0) as spool:
        assert set(spool.answers) == {"http://a.example/1", "http://a.example/2"}


def test_the_answers_of_a_run_that_lives_are_its_own(tmp_path: Path) -> None:
    holding = (
        "import sys\nfrom pathlib import Path\nfrom flows.spool import Spool\nfrom tests.test_spool import T0, result\n"
        "with Spool(Path(sys.argv[1]), 'other', T0) as spool:\n"
        "    spool.put(result('http://a.example/1'))\n    print('kept', flush=True)\n    sys.stdin.read()\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", holding, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"kept\n"
        with Spool(tmp_path, "mine", T0) as spool:
            assert spool.answers == {}
        other.kill()
    with Spool(tmp_path, "mine", T0) as spool:
        assert set(spool.answers) == {"http://a.example/1"}


def test_an_answer_that_was_cut_off_by_a_kill_is_dropped_and_those_before_it_are_kept(tmp_path: Path) -> None:
    left_behind(tmp_path, "http://a.example/1", "http://a.example/2")
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-7])
    with Spool(tmp_path, "second", T0) as spool:
        assert set(spool.answers) == {"http://a.example/1"}


def test_what_nobody_can_read_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "first.answers").write_bytes((5).to_bytes(8, "big") + b"hello")
    with Spool(tmp_path, "second", T0) as spool:
        assert spool.answers == {}
        spool.clear([])
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_can_be_kept_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Spool(tmp_path / "file" / "below", "first", T0) as spool:
        spool.put(result("http://a.example/1"))
        spool.clear([])


class OfAnotherVersion:
    """Read back as a Response without any field."""

    def __reduce__(self) -> tuple[object, ...]:
        return object.__new__, (Response,)


def message(content: bytes) -> bytes:
    return len(content).to_bytes(8, "big") + content


@pytest.mark.parametrize(
    "damage",
    [
        b"\xff" * 8 + b"a length beyond all files",
        (1 << 40).to_bytes(8, "big") + b"a length beyond this file",
        message(pickle.dumps({"another": "thing"})),
        message(pickle.dumps(("http://a.example/1", "no request"))),
        message(pickle.dumps((Request(url="http://a.example/1"), None))),
        message(pickle.dumps((Request(url="http://a.example/1"), OfAnotherVersion()))),
        message(b"\x80\x04\x95" + b"\xff" * 8),
        message(b"\x80\x05B\xff\xff\xff\x7f."),
    ],
)
def test_whatever_stands_in_a_file_no_run_fails_and_what_comes_before_is_kept(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.answers").write_bytes(damage)
    left_behind(tmp_path, "http://a.example/1")
    with (tmp_path / "first.answers").open("ab") as file:
        file.write(damage)
    with Spool(tmp_path, "second", T0) as spool:
        assert set(spool.answers) == {"http://a.example/1"}
        spool.clear(["http://a.example/1"])
    assert list(tmp_path.iterdir()) == []


def test_an_answer_of_another_day_is_not_used_and_its_file_is_deleted(tmp_path: Path) -> None:
    left_behind(tmp_path, "http://a.example/1")
    with Spool(tmp_path, "second", T0 + LONGEST_KEPT) as spool:
        assert set(spool.answers) == {"http://a.example/1"}
    for late in (T0 + LONGEST_KEPT + timedelta(seconds=1), T0 - LONGEST_KEPT - timedelta(seconds=1)):
        left_behind(tmp_path, "http://a.example/1")
        with Spool(tmp_path, "third", late) as spool:
            assert spool.answers == {}
        assert list(tmp_path.iterdir()) == []
