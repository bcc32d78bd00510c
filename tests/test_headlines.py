"""extractors/headlines.py: which headlines announce the same report. All of them are ours."""

from __future__ import annotations

import pytest

from extractors.headlines import Headlines, headline, is_same

SAME = [
    ("Trump and Putin agree to meet after long call", "UPDATE 2-Trump and Putin agree to meet after long call"),
    ("Zelensky arrives at White House for talks", "Zelenskyy arrives at the White House for talks - Example"),
    ("Zelensky asks Washington for air defence", "Selenskyj asks Washington for air defence | The Daily Example"),
    ("Orbán says Hungary ready to host Trump-Putin summit", "Orban: Hungary is ready to host Trump–Putin summit"),
    ("Putin warns Trump against Tomahawks to Ukraine", "Putin warned Trump against Tomahawk missiles to Ukraine"),
    ("Kyiv hopes for missiles after Washington visit", "Kiev hopes for missiles after Washington visit"),
    ("BREAKING: Trump, Putin to hold second summit in Budapest", "Trump and Putin to hold second summit in Budapest"),
    ("Ushakov says the call lasted two and a half hours", "Ouchakov says call lasted two and a half hours"),
    ("Selenskyj trifft Trump im Weißen Haus", "Selenskyj trifft Trump im Weissen Haus"),
    ("Зеленский прибыл в Вашингтон на переговоры", "СРОЧНО: Зеленский прибыл в Вашингтон на переговоры"),
    ("プーチン氏とトランプ氏、ブダペストで会談へ", "【速報】プーチン氏とトランプ氏、ブダペストで会談へ"),
    ("普京与特朗普将在布达佩斯会晤", "快讯：普京与特朗普将在布达佩斯会晤"),
    ("ทรัมป์และปูตินจะพบกันที่บูดาเปสต์", "ด่วน! ทรัมป์และปูตินจะพบกันที่บูดาเปสต์"),
    ("L’entretien Trump-Poutine a duré deux heures", "L'entretien Trump - Poutine a duré deux heures"),
    ("Two hurt in Kharkiv strike", "2 hurt in Kharkiv strike"),
    ("EU agrees $50bn loan for Kyiv", "EU agrees $50 billion loan for Kyiv"),
    ("Russian oil output down 3% in September", "Russian oil output down 3 per cent in September"),
    ("Russia fires 1,200 drones in a week", "Russia fires 1200 drones in a week"),
    ("Putin and Trump to hold summit in Budapest", "Trump, Putin to hold summit in Budapest"),
    ("Date of Budapest summit not set, Kremlin says", "Kremlin: date of Budapest summit not set"),
    ("Trump calls off Budapest summit with Putin", "Trump cancels Budapest summit with Putin"),
    ("US imposes sanctions on two oil firms", "United States imposes sanctions on two oil firms"),
]  # fmt: skip
OTHER = [
    ("place", "Trump and Putin to meet in Budapest", "Trump and Putin to meet in Vienna"),
    ("step", "Trump and Putin plan summit in Budapest", "Trump and Putin cancel summit in Budapest"),
    ("step", "Rubio and Lavrov to meet next week", "Rubio and Lavrov meeting next week postponed"),
    ("step", "Kremlin confirms Budapest summit plans", "Kremlin denies Budapest summit plans"),
    ("step", "Trump to meet Putin in Alaska", "Trump met Putin in Alaska"),
    ("counterpart", "Trump to meet Putin in Budapest", "Trump to meet Zelensky in Budapest"),
    ("counterpart", "Merz speaks to Trump about peace plan", "Macron speaks to Trump about peace plan"),
    ("number", "Russia launches 50 drones at Ukraine overnight", "Russia launches 70 drones at Ukraine overnight"),
    ("number", "Trump expects summit with Putin in two weeks", "Trump expects summit with Putin in three weeks"),
    ("date", "Orban to meet Putin on Friday in Budapest", "Orban to meet Putin on Monday in Budapest"),
    ("negation", "EU will not block Putin flight to Budapest", "EU will block Putin flight to Budapest"),
    ("place", "Iran rejects call for talks in Geneva", "Iraq rejects call for talks in Geneva"),
    ("place", "Austria offers to host peace summit", "Australia offers to host peace summit"),
    ("step", "Trump und Putin planen Gipfel in Budapest", "Gipfel von Trump und Putin in Budapest abgesagt"),
    ("place", "Путин и Трамп встретятся в Будапеште", "Путин и Трамп встретятся в Анкаре"),
    ("question", "Trump and Putin to meet in Budapest", "Will Trump and Putin meet in Budapest?"),
    ("question", "Trump trifft Putin in Budapest", "Trifft Trump Putin in Budapest?"),
    ("who", "Russia attacks Ukraine over summit plans", "Ukraine attacks Russia over summit plans"),
    ("who", "Putin: Trump wants peace in Europe", "Trump: Putin wants peace in Europe"),
    ("who", "Путин позвонил Трампу перед саммитом", "Трамп позвонил Путину перед саммитом"),
    ("who", "Trump blames Putin for delay", "Trump blames Putin's aide for delay"),
    ("step", "White House says Budapest summit is on", "White House says Budapest summit is off"),
    ("step", "Trump before Budapest call with Putin", "Trump after Budapest call with Putin"),
    ("step", "Trump to speak with Putin on Thursday", "Trump spoke with Putin on Thursday"),
    ("step", "Trump to meet Putin in Budapest", "Trump to meet Putin in Budapest - Kremlin denies"),
    ("maybe", "Trump to meet Putin in Budapest", "Trump may meet Putin in Budapest"),
    ("maybe", "Путин и Трамп встретятся в Вене", "Путин и Трамп могут встретиться в Вене"),
    ("counterpart", "US approves sale of missiles to Ukraine", "Germany approves sale of missiles to Ukraine"),
    ("number", "EU agrees 50 million loan for Ukraine", "EU agrees 50 billion loan for Ukraine"),
    ("negation", "Top in Boedapest gaat volgens Orban door", "Top in Boedapest gaat volgens Orban niet door"),
    ("negation", "Putin reser till Budapest för samtal", "Putin reser inte till Budapest för samtal"),
    ("negation", "Putin vai a Budapeste para cúpula", "Putin não vai a Budapeste para cúpula"),
    ("negation", "פוטין יגיע לבודפשט לפסגה עם טראמפ", "פוטין לא יגיע לבודפשט לפסגה עם טראמפ"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_edits_outlets_prefixes_and_spellings_of_names_merge(one: str, other: str) -> None:
    assert is_same(headline(one), headline(other))
    assert is_same(headline(other), headline(one))


@pytest.mark.parametrize(("what", "one", "other"), OTHER)
def test_another_step_counterpart_place_number_or_date_never_merges(what: str, one: str, other: str) -> None:
    assert not is_same(headline(one), headline(other)), what
    assert not is_same(headline(other), headline(one)), what


def test_titles_without_words_are_never_the_same() -> None:
    assert not is_same(headline(""), headline("..."))


def test_the_first_of_the_same_is_named_and_equal_words_go_first() -> None:
    seen = Headlines()
    seen.add("a", headline("Kyiv hopes for Tomahawk missiles after Washington visit"))
    seen.add("b", headline("Kyiv hopes for missiles after Washington visit"))
    for title, name in [
        ("Kyiv hopes for missiles after Washington visit!", "b"),
        ("Kiev hopes for Tomahawk missiles after the Washington visit today", "a"),
    ]:
        found = seen.first_same(headline(title))
        assert found is not None
        assert found[0] == name
    assert seen.first_same(headline("Kyiv hopes for missiles after Ankara visit")) is None
