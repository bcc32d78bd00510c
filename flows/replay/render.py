"""Pages, feeds and the PDF of the replay as bytes. Pure: the same site and moment give the same bytes.

Pages come from each outlet's own `page.html.jinja` (autoescape on). Feeds are written by hand here, one function per
format, so that no library repairs what is meant to be odd: a missing date, an absurd one, a byte that is no UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from html import escape

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.replay.site import OUTLETS_FOLDER, FeedFormat, Outlet, OutletFeed, ReplayArticle, Site

FEED_TYPES: dict[FeedFormat, str] = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
}
FEED_LENGTH = 20  # entries; more than any outlet has
RELATED_LENGTH = 3  # headlines of the outlet's own beside an article
_BROKEN = "\ue000"  # stands for the broken byte until the feed is encoded
_BROKEN_BYTE = b"\xe9"  # "é" in Latin-1, never complete in UTF-8 before a letter


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(OUTLETS_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def page(site: Site, article: ReplayArticle, moment: datetime) -> bytes:
    """The HTML page of an article in the outlet's design and charset, with what else the outlet has by `moment`."""
    outlet = site.outlet(article.outlet)
    others = [a for a in site.of_outlet(outlet.slug, moment) if a.serves == "page" and a.key != article.key]
    html = (
        _environment()
        .get_template(f"{outlet.slug}/page.html.jinja")
        .render(
            outlet=outlet,
            article=article,
            url=outlet.url(article.path.partition("?")[0]),
            published=article.published.astimezone(outlet.zone).isoformat(),
            printed_date=_printed_date(article.published, outlet),
            others=others[:RELATED_LENGTH],
        )
    )
    return html.encode(outlet.charset, errors="xmlcharrefreplace")


def feed(site: Site, outlet: Outlet, form: OutletFeed, moment: datetime) -> bytes:
    """The feed's document at `moment`, newest entry first."""
    listed = [article for article in site.of_outlet(outlet.slug, moment) if article.listed][:FEED_LENGTH]
    return _WRITERS[form.format](outlet, form, listed).encode().replace(_BROKEN.encode(), _BROKEN_BYTE)


def pdf(article: ReplayArticle) -> bytes:
    """A valid PDF 1.4 of one page that shows the headline and the body (Latin-1 only)."""
    lines = [article.headline, "", *article.paragraphs]
    shown = " T* ".join(f"({_pdf_string(line)}) Tj" for line in lines)
    content = f"BT /F1 11 Tf 14 TL 50 780 Td {shown} ET".encode("latin-1", errors="replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R"
        b" /Resources << /Font << /F1 4 0 R >> >> >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    )
    document, offsets = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(document))
    return document + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table) + trailer


def _pdf_string(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _printed_date(published: datetime, outlet: Outlet) -> str:
    local = published.astimezone(outlet.zone)
    return outlet.date_format.format(
        day=local.day, month=outlet.months[local.month - 1], year=local.year, time=f"{local:%H:%M}"
    )


# -- feeds ---------------------------------------------------------------------------------------------------------


def _date(article: ReplayArticle, written: str) -> str:
    """The date as the feed writes it: `written`, or what the article's file wants instead. Empty: none."""
    return written if article.feed_date is None else article.feed_date


def _summary(article: ReplayArticle) -> str:
    return article.summary.replace("é", _BROKEN, 1) if article.broken_byte else article.summary


def _rss(outlet: Outlet, form: OutletFeed, articles: Sequence[ReplayArticle]) -> str:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">',
        "<channel>",
        f"<title>{escape(form.name)}</title>",
        f"<link>{outlet.url('/')}</link>",
        f"<description>{escape(outlet.name)}</description>",
        f"<language>{outlet.language}</language>",
        f'<atom:link href="{escape(outlet.url(form.path))}" rel="self" type="application/rss+xml"/>',
    ]
    for article in articles:
        date = _date(article, format_datetime(article.published.astimezone(outlet.zone)))
        parts += [
            "<item>",
            f"<title>{escape(article.headline)}</title>",
            f"<link>{escape(outlet.url(article.path))}</link>",
            f'<guid isPermaLink="false">{outlet.slug}-{article.slug}</guid>',
            f"<dc:creator>{escape(article.byline)}</dc:creator>",
            f"<description><![CDATA[<p>{escape(_summary(article), quote=False)}</p>]]></description>",
            *([f"<pubDate>{escape(date)}</pubDate>"] if date else []),
            "</item>",
        ]
    return "\n".join([*parts, "</channel>", "</rss>", ""])


def _atom(outlet: Outlet, form: OutletFeed, articles: Sequence[ReplayArticle]) -> str:
    newest = max((article.published for article in articles), default=None)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}" xml:base="{outlet.url("/")}">',
        f"<title>{escape(form.name)}</title>",
        f"<id>tag:{outlet.host},2025:{form.path}</id>",
        f'<link rel="self" href="{escape(outlet.url(form.path))}"/>',
        f'<link rel="alternate" type="text/html" href="{outlet.url("/")}"/>',
        *([f"<updated>{newest.astimezone(outlet.zone).isoformat()}</updated>"] if newest else []),
    ]
    for article in articles:
        date = _date(article, article.published.astimezone(outlet.zone).isoformat())
        href = article.path if form.relative_links else outlet.url(article.path)
        parts += [
            "<entry>",
            f'<title type="text">{escape(article.headline)}</title>',
            f'<link rel="alternate" type="text/html" href="{escape(href)}"/>',
            f"<id>tag:{outlet.host},2025:{article.slug}</id>",
            f"<author><name>{escape(article.byline)}</name></author>",
            f'<summary type="html">{escape(f"<p>{escape(_summary(article), quote=False)}</p>", quote=False)}</summary>',
            *([f"<published>{escape(date)}</published>", f"<updated>{escape(date)}</updated>"] if date else []),
            "</entry>",
        ]
    return "\n".join([*parts, "</feed>", ""])


def _json(outlet: Outlet, form: OutletFeed, articles: Sequence[ReplayArticle]) -> str:
    items = []
    for article in articles:
        date = _date(article, article.published.astimezone(outlet.zone).isoformat())
        items.append(
            {
                "id": f"{outlet.slug}:{article.slug}",
                "url": outlet.url(article.path),
                "title": article.headline,
                "summary": _summary(article),
                "content_text": _summary(article),
                "authors": [{"name": article.byline}],
                **({"date_published": date} if date else {}),
            }
        )
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": form.name,
        "home_page_url": outlet.url("/"),
        "feed_url": outlet.url(form.path),
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _sitemap(outlet: Outlet, form: OutletFeed, articles: Sequence[ReplayArticle]) -> str:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"',
        '        xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">',
    ]
    for article in articles:
        date = _date(article, article.published.astimezone(outlet.zone).isoformat())
        parts += [
            "<url>",
            f"<loc>{escape(outlet.url(article.path))}</loc>",
            "<news:news>",
            f"<news:publication><news:name>{escape(form.name)}</news:name>",
            f"<news:language>{outlet.language}</news:language></news:publication>",
            *([f"<news:publication_date>{escape(date)}</news:publication_date>"] if date else []),
            f"<news:title>{escape(article.headline)}</news:title>",
            "</news:news>",
            "</url>",
        ]
    return "\n".join([*parts, "</urlset>", ""])


_WRITERS: dict[FeedFormat, Callable[[Outlet, OutletFeed, Sequence[ReplayArticle]], str]] = {
    "rss": _rss,
    "atom": _atom,
    "json": _json,
    "sitemap": _sitemap,
}
