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


SENTENCES = (
    "La guerra sigue en el este de Ucrania, donde los combates no cesan.",
    "El presidente sigue en el hospital.",
    "La policía halló las fotos en este dispositivo.",
    "O governo espera que o ministro assine o acordo na sexta-feira.",
    "O ministro pediu que a União Europeia siga a recomendação.",
    "Que o país siga em frente, disse o presidente.",
    "Об этом глава региона сообщил в Telegram-канале.",
    "Про це президент написав у Telegram-каналі.",
    "Эксперты нашли ошибку в расчётах станции.",
    "Вчені знайшли помилку в розрахунках.",
    "Zelensky is expected to join the conversation by telephone.",
    "Hungary was asked to join the discussion in Brussels.",
    "Ukraine wants to join the community of European states.",
    "Anyone with information is asked to contact the police on 101.",
    "Millions of people follow her on Instagram, where she wrote about the call.",
    "She has held that post at the European Commission since 2019.",
    "Reporting by the newspaper suggests that the talks had failed.",
    "Files from the archive show how the decision was made.",
    "Die Tickets gibt es künftig nur noch in einer App.",
    "Bei Social Media kursiert ein Video des Treffens.",
    "Die Behörde warnte mit Push-Nachrichten vor dem Sturm.",
    "A miniszterelnök azt kérte, hogy Szerbia is csatlakozzon a csoporthoz.",
    "Kanala abone olan herkes bilgilendirildi.",
    "Rusia no quiere suscribirse a la iniciativa europea.",
    "Отказываться подписаться на такие условия Киев не стал.",
    "Residents can sign up to receive alerts about floods.",
    "Le ministre appelle : « suivez-nous sur cette voie ».",
    "日本政府は会員登録の義務化を検討している。",
    "Le texte, réservée aux abonnés pendant une heure, fut publié.",
    "Die Partei will mit einem täglichen Newsletter um Wähler werben.",
    "Der Politiker ruft dazu auf, ihm auf Telegram folgen zu wollen.",
    "Photo: the picture that shook the country was taken in 1972.",
    "People were told to log in to read the verdict.",
    "Support our work, the fighters wrote in a plea for money.",
    "В WhatsApp-канале министерства появилось сообщение о задержках.",
    "Президент написал об этом в телеграм-канале.",
    "Наш Telegram не взломан, заявили в Кремле.",
    "Le site invite : abonnez-vous à la paix.",
    "Volg ons op weg naar vrede.",
    "Gli abbonati a cui è stato inviato il messaggio sono mille.",
    "Seguici su questa strada, ha detto.",
    "The president said that Ukraine was free to continue.",
    "You have to register with the police to post a banner.",
    "The company will receive a commission of two percent on each sale.",
    "Brokers get a commission when oil is sold.",
    "Melden Sie sich bei der Polizei, sagte der Sprecher, und zeigen Sie die Tat an.",
    "The president wrote and told people to tap the button to vote.",
    "Tusk apelował: zapisz się do wojska.",
    "In einer App der Bahn steht der neue Fahrplan.",
    "Lo sigue a través de la frontera un convoy.",
    "La UE quiere que Kiev siga a la mesa.",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_of_the_news_that_has_the_words_of_a_request_stays(sentence: str) -> None:
    assert kept([*STORY[:2], sentence, *STORY[2:]]) == [*STORY[:2], sentence, *STORY[2:]]


CALLS = (
    "Subscribe to our newsletter",
    "Sign up for our daily newsletter to get more.",
    "Follow Metro.co.uk on Twitter and Facebook for the latest news updates.",
    "Follow us on X",
    "Please log in to comment on this.",
    "Join the conversation below",
    "Email the author at a@b.example",
    "Contact us by email",
    "Подписывайтесь на наш Telegram-канал",
    "Нашли ошибку? Выделите её и нажмите Ctrl+Enter",
    "Підписуйтесь на нас",
    "Abonnez-vous à notre newsletter",
    "Suivez-nous sur Facebook",
    "Síguenos en X",
    "Suscríbete a nuestro boletín",
    "Assine a newsletter",
    "Seguici su Facebook",
    "Iratkozzon fel hírlevelünkre",
    "Kövessen minket",
    "Folgen Sie uns auf Facebook",
    "Reporting by Jane Doe and John Roe; Editing by A. Smith",
    "With files from The Wire",
    "Photo: Jane Doe / Wire",
    "We may earn a commission from links",
    "Volg ons op Facebook",
    "Читайте нас в Telegram",
    "Новости теперь в нашем Telegram-канале",
    "Meld je aan voor onze nieuwsbrief",
)


@pytest.mark.parametrize("call", CALLS)
def test_a_request_to_the_reader_goes_in_each_language(call: str) -> None:
    assert kept([*STORY[:2], call, *STORY[2:]]) == STORY


@pytest.mark.parametrize(
    "heading", ["More from the quay", "Latest news from the ferry", "Weitere Themen der Gespräche"]
)
def test_a_heading_over_whole_paragraphs_ends_no_article_and_one_over_other_headlines_does(heading: str) -> None:
    assert kept([*STORY[:3], heading, *STORY[3:]]) == [*STORY[:3], heading, *STORY[3:]]
    assert kept([*STORY, heading, "Why the northern quay has no roof", "Who owns the old stage"]) == STORY
