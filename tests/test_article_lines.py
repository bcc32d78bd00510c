"""extractors/article_lines.py and page_parts.py: which lines of a page's text are the article, which are around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml.html import document_fromstring

from extractors.article_lines import Surroundings, article_lines
from extractors.page_parts import linked_lines, without_cards
from tests.class_pages import WORDS

STORY: list[str] = WORDS["en"]["paragraphs"]
URL = "https://lantern.example/region/ferry-talks"


def kept(lines: list[str], **around: object) -> list[str]:
    return article_lines("\n".join(lines), Surroundings(**around)).split("\n")  # type: ignore[arg-type]


def test_the_headline_and_what_stands_over_it_are_no_paragraphs() -> None:
    lines = ["Region", "FERRY TALKS END – without a date", *STORY]
    assert kept(lines, headlines=["Ferry talks end: without a date"]) == STORY


def test_a_headline_that_comes_late_or_a_line_that_only_resembles_it_stays() -> None:
    late = [*STORY, "Ferry talks end"]
    assert kept(late, headlines=["Ferry talks end"]) == late
    assert kept(["Ferry talks end badly", *STORY], headlines=["Ferry talks end"]) == ["Ferry talks end badly", *STORY]


def test_boxes_of_links_go_and_a_link_that_stands_alone_stays() -> None:
    first, second = "Why the northern quay has no roof", "Who owns the old landing stage"
    linked = frozenset({first, second})
    assert kept([*STORY[:2], first, f"• {second}", *STORY[2:]], linked=linked) == STORY
    assert kept([*STORY[:2], f"- {first}", *STORY[2:]], linked=linked) == STORY
    assert kept([*STORY[:2], first, *STORY[2:]], linked=linked) == [*STORY[:2], first, *STORY[2:]]


def test_names_in_a_list_that_are_links_stay() -> None:
    assert kept([*STORY, "- Ada Quill", "- Bo Reed"], linked=frozenset({"Ada Quill", "Bo Reed"}))[-2:] == [
        "- Ada Quill",
        "- Bo Reed",
    ]


def test_what_follows_the_end_that_the_page_states_goes() -> None:
    stated = " ".join(STORY)
    after = ["The island's other landing stage was built by a miller in a wet year, as every child there knows well."]
    assert kept([*STORY, *after], stated=stated) == STORY


def test_a_stated_body_that_is_an_excerpt_cuts_nothing() -> None:
    for stated in (" ".join(STORY[:3])[:-30], " ".join(STORY[:1]), " ".join(STORY[:3])[:-30] + "…"):
        assert kept(STORY, stated=stated) == STORY


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement", "Leave a comment", "Share this article", "Read more: Who owns the old landing stage",
        "Related: The quay that has no roof", "ALSO READ | Who pays for the pier?", "Sign up for our daily newsletter",
        "Get the latest from the harbour in your inbox.", "Follow us on Facebook, Instagram and Telegram",
        "Do you have a story to tell? Write to us.", "Photo: Ada Quill/Lantern",
        "Additional reporting by Bo Reed", "Auch interessant", "Lesen Sie auch: Wem der Anleger gehört",
        "Folgen Sie uns auf WhatsApp", "Melden Sie sich für unseren Newsletter an", "Passer la publicité",
        "À lire aussi : le quai sans toit", "Abonnez-vous à notre lettre", "Suivez-nous sur Facebook",
        "Olvassa el ezt is: Kié a stég?", "Iratkozzon fel hírlevelünkre!", "Kövessen minket a Facebookon is!",
        "Hirdetés", "Читайте также: Кому принадлежит причал", "Подпишитесь на наш Telegram-канал",
        "Поделиться", "Читайте також: Кому належить причал", "Підпишіться на наш Telegram-канал", "Поділитися",
        "Lee también: El muelle sin techo", "Leggi anche: Di chi è il molo", "Czytaj też: Czyje jest molo",
        "関連記事", "관련기사",
    ],
)  # fmt: skip
def test_lines_that_speak_for_the_page_go_in_many_languages(line: str) -> None:
    assert kept([*STORY[:3], line, *STORY[3:]]) == STORY


@pytest.mark.parametrize(
    "line",
    [
        "“Subscribe to our newsletter” was all that the harbour board's page had to say on Friday.",
        "The company said that it would share more figures, and that comments were welcome until May.",
        "Read more slowly, the auditors told the board, and sign nothing before the report is whole.",
        "Related costs were put at a third of the estimate by people who have seen both papers.",
        "Der Newsletter der Reederei nannte keinen Preis.",
        "Реклама парома висит на каждом столбе города.",
    ],
)
def test_lines_of_the_article_that_have_such_words_stay(line: str) -> None:
    assert kept([*STORY[:3], line, *STORY[3:]]) == [*STORY[:3], line, *STORY[3:]]


def test_a_long_paragraph_stays_whatever_it_asks_for() -> None:
    long = " ".join(STORY) + " Sign up for our newsletter."
    assert kept([long, *STORY]) == [long, *STORY]


@pytest.mark.parametrize("heading", ["More from The Lantern", "You may also like", "Meistgelesen", "Kapcsolódó cikkek"])
def test_nothing_of_the_article_comes_after_the_heading_over_others(heading: str) -> None:
    assert kept([*STORY, heading, "The quay that has no roof", "It rains there."]) == STORY


def test_such_a_heading_near_the_beginning_ends_nothing() -> None:
    assert kept([STORY[0], "More from The Lantern", *STORY[1:]]) == [STORY[0], "More from The Lantern", *STORY[1:]]


@pytest.mark.parametrize(
    "line",
    ["Published: 16 October 2025, 21:05", "Stand: 22.04.2024, 06:00 Uhr", "16 октября 2025 в 21:05", "3 min read",
     "2025. október 16.", "Tempo de leitura: 2 min"],
)  # fmt: skip
def test_a_line_that_only_dates_the_page_goes_from_the_beginning(line: str) -> None:
    assert kept([line, *STORY]) == STORY
    assert kept([*STORY, line]) == [*STORY, line]


def test_rules_that_would_take_most_of_the_text_take_nothing() -> None:
    lines = ["The board met.", *[f"Read more: part {number} of the ferry's long story" for number in range(20)]]
    assert kept(lines) == lines


@given(
    st.lists(st.sampled_from([*STORY, "Advertisement", "Read more: x y z", "More from us", "", "- a b c d"])),
    st.sets(st.sampled_from(["a b c d", STORY[0]])),
)
def test_only_lines_are_taken_and_their_order_stays(lines: list[str], linked: set[str]) -> None:
    left = kept(lines, linked=frozenset(linked), stated=" ".join(STORY))
    remaining = iter(lines or [""])
    assert all(line in remaining for line in left)


# -- parts of the tree ----------------------------------------------------------------------------------------------


def paragraph(text: str) -> str:
    return f"<p>{text}</p>"


def test_the_cards_of_other_articles_within_an_article_go() -> None:
    cards = "".join(
        f"<article><h2>Card</h2>{paragraph('A miller built it in a wet year.')}</article>" for _ in range(3)
    )
    tree = document_fromstring(f"<body><article>{''.join(map(paragraph, STORY))}{cards}</article></body>")
    without_cards(tree)
    assert "miller" not in tree.text_content()
    assert STORY[-1] in tree.text_content()


def test_an_article_within_a_frame_that_is_called_one_stays() -> None:
    inner = f"<article>{''.join(map(paragraph, STORY))}</article>"
    tree = document_fromstring(f"<body><article>{paragraph('A short frame.')}{inner}</article></body>")
    without_cards(tree)
    assert STORY[0] in tree.text_content()


def test_lines_are_links_when_they_lead_elsewhere_alone_or_as_a_block_of_a_card() -> None:
    tree = document_fromstring(
        "<body><p>See <a href='/quay'>the quay</a> for more.</p><a href='/a'><h3>First card</h3><p>Its lead.</p></a>"
        "<a href='#top'>To the top</a><a href='/region/ferry-talks#comments'>Go to comments</a>"
        "<a href='https://[broken'>Broken link here</a></body>"
    )
    lines = ["See the quay for more.", "First card", "Its lead.", "To the top", "Go to comments", "Broken link here"]
    assert linked_lines(tree, URL, lines) == {"First card", "Its lead.", "Broken link here"}
