"""extractors/articles.py and what it stands on: main content, metadata, and the pages that are no articles."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.articles import EXTRACTOR, extract_article
from extractors.errors import ExtractionLost, NotArticle, PageError
from extractors.records import REASONS, Entry, Outcome, Page, Response
from extractors.words import word_count

NOW = datetime(2025, 10, 20, 12, 0, tzinfo=UTC)
URL = "https://lantern.example/world/ferry-talks"

SENTENCES = (
    "The ferry company and the harbour board met on Thursday to settle who pays for the new pier.",
    "Both sides said afterwards that the meeting had been useful, though nothing was signed.",
    "A second round is planned for next month, provided that the auditors finish their report in time.",
    "Residents of the island have waited for a decision since the old landing stage was closed in spring.",
    "Until then the boats go on calling at the northern quay, which cannot be reached by bus.",
    "The mayor asked both parties to publish the figures on which their estimates rest.",
)
BODY = "".join(
    f"<p>{first} {second}</p>" for first, second in zip(SENTENCES, SENTENCES[1:] + SENTENCES[:1], strict=True)
)


def page_html(body: str = BODY, head: str = "<title>Ferry talks go on | The Lantern</title>", lang: str = "en") -> str:
    inner = f"<main><article><h1>Ferry talks go on</h1>{body}</article></main>"
    return f"<!DOCTYPE html><html lang='{lang}'><head>{head}</head><body>{inner}</body></html>"


def page(
    body: bytes | str | None = None,
    *,
    content_type: str = "text/html; charset=utf-8",
    url: str = URL,
    entry: Mapping[str, Any] | None = None,
) -> Page:
    written = page_html() if body is None else body
    content = written.encode() if isinstance(written, str) else written
    return Page(
        entry=Entry(
            **{
                "url": URL,
                "canonical_url": URL,
                "feed_url": "https://lantern.example/rss",
                "outlet": "lantern.example",
                "first_seen_at": NOW,
                **(entry or {}),
            }
        ),
        response=Response(
            url=URL,
            final_url=url,
            status=200,
            headers={"content-type": content_type},
            body=content,
            fetched_at=NOW,
            elapsed_seconds=0.1,
            wire_bytes=len(content),
        ),
    )


def refused(body: bytes | str, **options: Any) -> PageError:
    with pytest.raises(PageError) as caught:
        extract_article(page(body, **options))
    assert REASONS[caught.value.reason] in (Outcome.NOT_ARTICLE, Outcome.FAILED)
    return caught.value


# -- an article -----------------------------------------------------------------------------------------------------


def test_an_article_comes_with_its_text_and_its_origin() -> None:
    article = extract_article(page(url=URL + "/?utm_source=rss"))
    assert article.title == "Ferry talks go on"
    assert article.text.split("\n")[-6:] == [re.sub("<.*?>", "", part) for part in BODY.split("</p>")[:-1]]
    assert (article.url, article.entry_url, article.outlet) == (URL, URL, "lantern.example")
    assert article.final_url == URL + "/?utm_source=rss"
    assert article.word_count == word_count(article.text) > 150
    assert (article.language, article.extractor) == ("en", EXTRACTOR)
    assert article.published_at is None


LD = """<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "name": "x"}, {"@type": ["NewsArticle"],
"headline": "Ferry talks &amp; figures", "datePublished": "2025-10-16T21:05:09+02:00",
"author": [{"@type": "Person", "name": "By Ada Quill"}, {"@type": "Organization", "name": "Lantern"}]},]}</script>"""


def test_metadata_come_from_json_ld_even_with_a_comma_too_many() -> None:
    article = extract_article(page(page_html(head=LD)))
    assert (article.title, article.authors) == ("Ferry talks & figures", ("Ada Quill",))
    assert article.published_at == datetime(2025, 10, 16, 19, 5, 9, tzinfo=UTC)
    assert (article.published_precision, article.published_source) == ("second", "page")


@pytest.mark.parametrize(
    ("head", "body", "instant", "precision"),
    [
        ('<meta property="article:published_time" content="2025-10-16T21:05Z">', "", "2025-10-16T21:05", "minute"),
        ('<meta name="DC.date.issued" content="2025-10-16">', "", "2025-10-16T00:00", "day"),
        ("", '<time datetime="2025-10-16T08:00:00Z">Thursday</time>', "2025-10-16T08:00", "second"),
        ('<meta property="article:published_time" content="1970-01-01T00:00Z"><meta name="date" content="2025-10-16">',
         "", "2025-10-16T00:00", "day"),
    ],
)  # fmt: skip
def test_a_date_is_what_the_page_states(head: str, body: str, instant: str, precision: str) -> None:
    article = extract_article(page(page_html(body + BODY, head)))
    assert article.published_at is not None
    assert article.published_at.isoformat().startswith(instant)
    assert (article.published_precision, article.published_source) == (precision, "page")


def test_a_date_in_the_text_or_the_footer_is_nobody_s_date_of_publication() -> None:
    text = (
        BODY + "<p>The contract was signed on 3 March 2019, and again on 2021-04-05.</p><footer>© 2024 Lantern</footer>"
    )
    assert extract_article(page(page_html(text))).published_at is None


def test_the_feed_s_date_and_title_stand_in_for_the_page_s() -> None:
    entry = {"published_at": NOW, "published_precision": "minute", "title": "From the feed", "language": "pt-BR"}
    bare = f"<html><body>{BODY}</body></html>"
    article = extract_article(page(bare, entry=entry))
    assert (article.published_at, article.published_precision, article.published_source) == (NOW, "minute", "feed")
    assert article.title == "From the feed"


@pytest.mark.parametrize("raw", ["2031-01-01T00:00:00Z", "1066-10-14", "2025-10-16T00:00:00+99:99", "soon"])
def test_an_absurd_date_of_a_page_is_dropped(raw: str) -> None:
    head = f'<meta property="article:published_time" content="{raw}">'
    assert extract_article(page(page_html(head=head))).published_at is None


@pytest.mark.parametrize(
    ("link", "believed"),
    [
        ("https://www.lantern.example/world/ferry", "https://lantern.example/world/ferry"),
        ("/world/ferry?utm_source=x", "https://lantern.example/world/ferry"),
        (f"{URL}?utm_source=x", None),
        ("https://lantern.example/", None),
        ("https://news.lantern.example/world/ferry", "https://news.lantern.example/world/ferry"),
        ("https://lantern.example/index.html?utm_source=x", None),
        ("https://beacon.example/world/ferry", None),
        ("https://lantern.example.test/world/ferry", None),
        ("javascript:void(0)", None),
        ("", None),
    ],
)
def test_the_canonical_link_is_believed_within_the_outlet_and_never_when_it_names_the_front_page(
    link: str, believed: str | None
) -> None:
    article = extract_article(page(page_html(head=f'<link rel="canonical" href="{link}">')))
    assert (article.url, article.canonical_link) == (URL, believed)


def test_words_are_counted_in_scripts_without_spaces() -> None:
    assert word_count("Ada's well-known 3.5 % plan") == 4
    assert word_count("会談は中止された") == 4
    assert word_count("") == 0


# -- encodings ------------------------------------------------------------------------------------------------------

RUSSIAN = "".join(
    f"<p>{text}</p>"
    for text in (
        "Паромная компания и портовый совет встретились в четверг, чтобы решить, кто заплатит за новый причал.",
        "Стороны сообщили, что разговор был полезным, хотя никаких бумаг подписано не было.",
        "Второй раунд назначен на следующий месяц, если ревизоры успеют закончить свой отчёт к сроку.",
        "Жители острова ждут решения с весны, когда закрыли старую пристань, и пока ездят через северный порт.",
        "Мэр попросил обе стороны опубликовать расчёты, на которых основаны их сметы и сроки строительства.",
    )
)


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html", "windows-1251"),
        ("cp1251", "text/html", "windows-1251"),
        ("cp1251", "text/html; charset=utf-8", "windows-1251"),
        ("cp1251", "text/html; charset=iso-8859-1", ""),
        ("cp1251", "text/html", ""),
        ("koi8-r", "text/html; charset=koi8-r", ""),
        ("utf-16", "text/html", ""),
        ("utf-8-sig", "text/html; charset=windows-1251", ""),
    ],
)
def test_the_text_is_right_whatever_is_declared(encoding: str, content_type: str, meta: str) -> None:
    html = page_html(RUSSIAN, f"<meta charset='{meta}'>" if meta else "", "ru")
    article = extract_article(page(html.encode(encoding), content_type=content_type))
    assert "Паромная компания и портовый совет" in article.text
    assert article.language == "ru"


def test_nul_bytes_and_references_to_no_character_leave_storable_text() -> None:
    article = extract_article(page(page_html(BODY.replace("ferry", "fer\x00ry&#xD800;&#0;&#x110000;", 1))))
    assert "\x00" not in article.text.encode().decode()


def test_a_page_cut_short_keeps_what_came() -> None:
    assert "useful" in extract_article(page(page_html()[:-400])).text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<div>" * 300, "</div>" * 300),
        ("<div>" * 1900, "</div>" * 1900),
        ("<table><tr><td>" * 100, "</td></tr></table>" * 100),
    ],
)
def test_deep_nesting_is_not_lost_in_silence(before: str, after: str) -> None:
    article = extract_article(page(page_html(before + BODY + after)))
    assert all(sentence in article.text for sentence in SENTENCES)


def test_what_is_nested_deeper_than_the_parser_goes_is_said_to_be_lost() -> None:
    assert refused(page_html("<div>" * 2100 + BODY)).reason == "extraction_lost"


def test_a_script_of_10_mb_does_not_hide_the_article() -> None:
    noise = f"<script>var words = '{'ferry ' * 1_700_000}'</script>"
    assert "northern quay" in extract_article(page(page_html(noise + BODY))).text


def test_a_paragraph_of_nearly_a_megabyte_is_kept_whole() -> None:
    text = " ".join(SENTENCES * 1500)
    assert extract_article(page(page_html(f"<p>{text}</p>"))).word_count == word_count(text)


@pytest.mark.slow
def test_a_paragraph_of_9_mb_is_said_to_be_lost() -> None:
    error = refused(page_html(f"<p>{' '.join(SENTENCES * 17_000)}</p>"))
    assert error.reason == "extraction_lost"


@pytest.mark.parametrize("rest", ["<p class=", "<script>var half = '", "<!-- ", "<p>One more sen"])
def test_a_page_cut_short_anywhere_keeps_what_came_before(rest: str) -> None:
    assert (
        "auditors finish" in extract_article(page(page_html()[: -len("</article></main></body></html>")] + rest)).text
    )


def test_a_text_is_in_the_language_that_it_is_written_in_whatever_the_page_claims() -> None:
    article = extract_article(page(page_html(RUSSIAN, lang="en")))
    assert article.language == "ru"
    assert article.language_confidence is not None
    assert article.language_confidence > 0.9


def test_the_gap_between_the_feed_s_date_and_the_page_s_is_kept() -> None:
    head = '<meta property="article:published_time" content="2025-10-16T21:05Z">'
    entry = {"published_at": datetime(2025, 10, 16, 20, 5, tzinfo=UTC), "published_precision": "minute"}
    article = extract_article(page(page_html(head=head), entry=entry))
    assert (article.published_gap_seconds, article.published_from) == (3600.0, "meta")
    assert extract_article(page(page_html(head=head))).published_gap_seconds is None


def test_a_text_that_was_cut_is_read_anew_where_the_page_states_more_of_it() -> None:
    paragraphs = [
        f"Paragraph {number} says that the pier number {number} costs {number} crowns." for number in range(60)
    ]
    stated = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(paragraphs)})
    hidden = "".join(f"<div class='comments'><span>{text}</span></div>" for text in paragraphs)
    html = page_html(BODY + hidden, f'<script type="application/ld+json">{stated}</script>')
    assert "pier number 59 costs" in extract_article(page(html)).text


# -- what is no article ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"", "text/html", "empty_body"),
        (b" \n\t ", "text/html", "empty_body"),
        (b"<html><body></body></html>", "text/html", "too_short"),
        (b"%PDF-1.7\n...", "text/html", "unsupported_type"),
        (b"%PDF-1.7\n...", "application/pdf", "unsupported_type"),
        (b"\x89PNG\r\n\x1a\n", "text/html", "unsupported_type"),
        (b"\x00\x00\x00 ftypmp42", "video/mp4", "unsupported_type"),
        (b'{"a": 1}', "application/json", "unsupported_type"),
        (b"just words", "text/plain", "unsupported_type"),
        (page_html().encode(), "image/jpeg", "unsupported_type"),
    ],
)
def test_what_is_no_page_is_refused(body: bytes, content_type: str, reason: str) -> None:
    assert refused(body, content_type=content_type).reason == reason


WALL = {
    "en": "We and our 842 partners store and access information on your device. You can withdraw your consent. "
    "Choose Accept all to agree to personalised advertising, or manage your preferences. See our privacy policy.",
    "de": "Wir und unsere 213 Partner verarbeiten Daten. Mit Alle akzeptieren erteilen Sie Ihre Einwilligung in "
    "personalisierte Werbung. Einzelheiten stehen in der Datenschutzerklärung, Widerruf jederzeit per Cookie.",
    "fr": "Nous et nos 120 partenaires utilisons des cookies. Cliquez sur tout accepter ou continuer sans accepter. "
    "Votre consentement vaut pour la publicité personnalisée, voir notre politique de confidentialité.",
    "hu": "Mi és 57 partnerünk sütiket használunk. Az elfogadom gombbal hozzájárulás adható a személyre szabott "
    "hirdetésekhez; az adatvédelmi tájékoztató a sütibeállítások között található.",
    "ru": "Мы и наши партнёры используем файлы cookie. Нажмите принять все, чтобы дать согласие на персонализированную "
    "рекламу, или прочтите, что такое политика конфиденциальности.",
    "uk": "Ми та наші партнери обробляємо дані. Натисніть прийняти всі, щоб дати згоду на персоналізовану рекламу; "
    "деталі містить політика конфіденційності та налаштування кукі.",
}


@pytest.mark.parametrize("language", WALL)
def test_a_cookie_wall_is_no_article(language: str) -> None:
    wall = page_html(
        f"<div><p>{WALL[language]}</p><p>{WALL[language]}</p></div>", "<title>The Lantern</title>", language
    )
    assert refused(wall).reason == "consent"


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        (
            "Just a moment...",
            "<p>lantern.example needs to review the security of your connection.</p>",
            "bot_challenge",
        ),
        (
            "Access denied",
            "<p>Verify that you are human. Enable JavaScript and cookies to continue.</p>",
            "bot_challenge",
        ),
        ("lantern.example", "<script>window._cf_chl_opt={}</script><p>Wait</p>", "bot_challenge"),
        ("Вы не робот?", "<p>Подтвердите, что вы не робот.</p>", "bot_challenge"),
        ("Page not found | The Lantern", f"<p>{SENTENCES[0]}</p>" + BODY, "soft_404"),
        ("404", "<p>Nothing here.</p>", "soft_404"),
        ("Seite nicht gefunden - Die Laterne", "<p>Zur Startseite</p>", "soft_404"),
        ("Az oldal nem található", "<p>Vissza a címlapra</p>", "soft_404"),
        ("Страница не найдена", "<p>На главную</p>", "soft_404"),
        ("Сторінку не знайдено", "<p>На головну</p>", "soft_404"),
        ("Page introuvable", "<p>Retour</p>", "soft_404"),
        ("Sign in | The Lantern", "<p>Welcome back.</p><form><input type='password'></form>", "login"),
        (
            "Ferry talks",
            f"<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p><p>Subscribe to continue reading.</p>",
            "paywall_stub",
        ),
        ("Fährgespräche", f"<p>{SENTENCES[0]}</p><p>Dieser Artikel ist nur für Abonnenten.</p>", "paywall_stub"),
        ("Ferry talks", "<p>Watch this.</p>", "too_short"),
    ],
)
def test_a_page_in_place_of_the_article_is_named_for_what_it_is(title: str, body: str, reason: str) -> None:
    error = refused(f"<html><head><title>{title}</title></head><body><div>{body}</div></body></html>")
    assert (error.reason, isinstance(error, NotArticle)) == (reason, True)
    assert error.detail


def test_a_list_of_headlines_is_no_article() -> None:
    links = "".join(
        f"<li><a href='/{n}'>The harbour board and the ferry company meet for round {n}</a></li>" for n in range(60)
    )
    assert refused(f"<html><head><title>World</title></head><body><ul>{links}</ul></body></html>").reason == "listing"
    assert refused(page_html(), url="https://lantern.example/").reason == "listing"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "What cookie walls ask",
            "Accept all, say most; few name a legitimate interest or let you withdraw consent.",
        ),
        ("Just a moment", "The check of a browser took a second once; now a captcha may take ten."),
        (
            "Page not found: a history of the 404",
            "The page not found notice is older than most of the sites that show it.",
        ),
        ("Readers tire of paywalls", "Subscribe to continue reading, say the boxes; already a subscriber? Few are."),
    ],
)
def test_an_article_about_such_pages_is_an_article(title: str, text: str) -> None:
    head = f"<title>{title} | The Lantern</title><script>window._cf_chl_opt = {{}}</script>"
    assert text in extract_article(page(page_html(f"<p>{text}</p>" + BODY, head))).text


def test_running_text_that_does_not_come_back_is_an_error_and_no_short_page() -> None:
    hidden = f"<div class='comments' id='comments'>{BODY * 4}</div>"
    error = refused(f"<html><head><title>Ferry</title></head><body><div>{hidden}</div></body></html>")
    assert isinstance(error, ExtractionLost)
    assert error.reason == "extraction_lost"


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=200), st.sampled_from(["text/html", "text/html; charset=utf-16", "", "application/xhtml+xml"])
)
def test_any_bytes_are_an_article_or_a_page_error(body: bytes, content_type: str) -> None:
    for content in (body, b"<html><body>" + body):
        error = refused(content, content_type=content_type)
        str(error).encode()
