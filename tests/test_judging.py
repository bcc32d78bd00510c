"""flows/judging.py: verdicts against the store. What is stored in the end does not depend on who came when."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.fingerprints import fingerprint, seed_fingerprint
from extractors.records import Article
from flows import judging
from tests import warm
from tests.records_factory import RUN, address, at, make_article, make_judged, make_seed
from tests.test_dedup import text
from warehouse import load

WINDOW = timedelta(days=30)
DAY = 24 * 60
SEED = make_seed("first", fingerprint=seed_fingerprint(text("seed")))


def written(name: str, parts: Sequence[str], *, minute: float, seen: float = 0, dated: bool = True) -> Article:
    return make_article(
        name,
        text="\n".join(text(part, 60) for part in parts),
        published_at=at(minute) if dated else None,
        first_seen_at=at(seen),
    )


class Store:
    """A warehouse in memory that articles come into batch by batch."""

    def __init__(self, *batches: Sequence[Article]) -> None:
        self.con = warm.in_memory()
        load.record_seeds(self.con, [SEED], RUN)
        for batch in batches:
            self.take(batch)

    def take(self, batch: Sequence[Article]) -> judging.Judgement:
        fresh = {one.url: (one, fingerprint(one.text)) for one in batch}
        done = judging.judged(self.con, fresh, seeds=[SEED], window=WINDOW)
        judged = [
            make_judged(one.url, article=one, fingerprint=its, verdict=done.verdicts[one.url])
            for one, its in fresh.values()
        ]
        load.load_judged(self.con, judged, RUN)
        load.supersede_verdicts(self.con, [one.verdict for one in done.superseded], RUN, at=at(0))
        return done

    def verdicts(self) -> list[tuple[Any, ...]]:
        """Measures rounded: nothing but the last digits of a sum may differ."""
        return self.con.execute(
            'SELECT article_url, kind, "of", round(containment, 9), round(resemblance, 9), shared_shingles, '
            "round(similarity, 9), similar_to, lead_seconds FROM verdict ORDER BY 1"
        ).fetchall()

    def of(self) -> dict[str, str | None]:
        rows = self.con.execute('SELECT article_url, "of" FROM verdict').fetchall()
        return {url.rsplit("/", 1)[1]: of and of.rsplit("/", 1)[-1] for url, of in rows}


ARTICLES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "b", "c", "seed", "x1", "x2", "x3", "x4"]), min_size=1, max_size=4),
        st.sampled_from([0, 0, 10, 20, 40 * DAY]),
        st.integers(0, 2),
        st.booleans(),
    ),
    min_size=2,
    max_size=9,
)


@settings(max_examples=25, deadline=None)
@given(ARTICLES, st.randoms(use_true_random=False), st.integers(1, 3))
def test_stored_verdicts_do_not_depend_on_the_order_of_arrival_nor_on_the_batches(
    rows: list[tuple[list[str], int, int, bool]], chance: random.Random, size: int
) -> None:
    articles = [written(f"u{n}", one[0], minute=one[1], seen=one[2], dated=one[3]) for n, one in enumerate(rows)]
    at_once = Store(articles).verdicts()
    shuffled = chance.sample(articles, k=len(articles))
    assert Store(*(shuffled[start : start + size] for start in range(0, len(shuffled), size))).verdicts() == at_once


def test_an_older_article_that_comes_late_takes_over_the_copies_and_the_history_says_so() -> None:
    early, middle, late = (written(name, "abcd", minute=n) for n, name in enumerate(["early", "middle", "late"]))
    store = Store([late], [middle])
    assert store.of() == {"late": "middle", "middle": None}
    done = store.take([early])
    assert store.of() == {"late": "early", "middle": "early", "early": None}
    assert [(one.verdict.article_url, one.entry_url) for one in done.superseded] == [
        (address("late"), address("late")),
        (address("middle"), address("middle")),
    ]
    history = 'SELECT article_url, revision, kind, "of" FROM verdict_history ORDER BY 1, 2'
    assert store.con.execute(history).fetchall() == [
        (address("late"), 1, "independent", None),
        (address("late"), 2, "exact", address("middle")),
        (address("middle"), 1, "independent", None),
    ]


def test_equal_times_go_by_url() -> None:
    b, a = written("b", "abcd", minute=0), written("a", "abcd", minute=0)
    assert Store([b], [a]).of() == {"a": None, "b": "a"}


def test_what_changes_no_verdict_supersedes_none() -> None:
    first, copy, other = written("a", "abcd", minute=0), written("b", "abcd", minute=1), written("c", "xyz", minute=-1)
    store = Store([first])
    assert store.take([copy]).superseded == []
    assert store.take([other]).superseded == []


def test_near_ones_are_looked_for_within_the_window_and_equal_ones_anywhere() -> None:
    old = written("old", "abcd", minute=0)
    store = Store([old], [written("same", "abcd", minute=31 * DAY), written("near", "abce", minute=62 * DAY)])
    assert store.of() == {"old": None, "same": "old", "near": None}
    store.take([written("soon", "abcx", minute=29 * DAY)])
    assert store.of()["soon"] == "old"


def test_a_passage_that_turns_out_to_go_round_makes_no_copies_any_more_and_chains_no_group() -> None:
    carriers = [written(f"u{n}", ["terms", "conditions", "links", f"own{n}", f"more{n}"], minute=n) for n in range(6)]
    store = Store(*([one] for one in carriers))
    assert set(store.of().values()) == {None}
    assert store.con.execute("SELECT count(*) FROM verdict_history").fetchall()[0][0] > 0
    assert store.con.execute("FROM duplicate_group").fetchall() == []


def test_a_copy_of_a_copy_is_in_the_group_of_the_original_with_its_lead_time() -> None:
    original = written("original", "abcd", minute=0)
    copy = written("copy", ["a", "b", "x1", "x2"], minute=60)
    second = written("second", ["x1", "x2", "x3"], minute=120)
    of_seed = written("of-seed", ["own"], minute=5)
    of_seed = make_article("of-seed", text=text("seed"), published_at=at(5), outlet="other.example", language=None)
    store = Store([original, copy, second, of_seed])
    assert store.of() == {"original": None, "copy": "original", "second": "copy", "of-seed": "seed:first"}
    rows = store.con.execute(
        "SELECT original, original_title, copies, near_copies, first_lead_seconds, last_lead_seconds, outlets, "
        "languages, [m.url for m in members], [m.lead_seconds for m in members] FROM duplicate_group"
    ).fetchall()
    assert rows == [
        (
            address("original"),
            "Headline original",
            2,
            2,
            3600,
            7200,
            ["daily.example"],
            ["en"],
            [address("copy"), address("second")],
            [3600, 7200],
        ),
        ("seed:first", "Seed first", 1, 0, 300, 300, ["other.example"], [], [address("of-seed")], [300]),
    ]
