"""Pairs of addresses that were once judged wrongly, found by trying to break the rules: of one article, and of two.

Slugs and identifiers are made up; hosts of real outlets stand only where a rule is that outlet's own.
"""

from __future__ import annotations

_P = "https://lantern.example"

SAME: list[tuple[str, str]] = [
    # forms that any outlet may have
    (f"{_P}/news/2025/10/16/talks/index.amp", f"{_P}/news/2025/10/16/talks"),
    (f"{_P}/world/a-b-101760001234567-amp.html", f"{_P}/world/a-b-101760001234567.html"),
    (f"{_P}/amphtml/a-b-123456789.html", f"{_P}/a-b-123456789.html"),
    (f"{_P}/amp/news/2025/10/16/talks", f"{_P}/news/2025/10/16/talks"),
    (f"{_P}/nyomtatas/world/20251016_a-b", f"{_P}/world/20251016_a-b"),
    (f"{_P}/world/a-b-c/tisk", f"{_P}/world/a-b-c"),
    (f"{_P}/world/a-b-c/diskuse", f"{_P}/world/a-b-c"),
    (f"{_P}/news-1/amp", f"{_P}/news-1"),
    (f"{_P}/a-b?__vfz=medium%3Dsharebar", f"{_P}/a-b"),
    (f"{_P}/a-b?linkId=1&dcmp=x&tbref=hp", f"{_P}/a-b"),
    (f"{_P}/a-b?ref=tw", f"{_P}/a-b"),
    (f"{_P}/a-b?source=hirkereso", f"{_P}/a-b"),
    (f"{_P}/a-b?s_cid=soc:fb:2025", f"{_P}/a-b"),
    (f"{_P}/a-b?mbid=social_twitter", f"{_P}/a-b"),
    (f"{_P}/a-b?_=1760612345678&rand=0.81234567", f"{_P}/a-b"),
    (f"{_P}/a-b?shared=email&msg=fail", f"{_P}/a-b"),
    (f"{_P}/a-b?session_id=0a1b2c3d4e5f60718293a4b5", f"{_P}/a-b"),
    (f"{_P}/a-b#/media/File:Bridge.jpg", f"{_P}/a-b"),
    (f"{_P}/#/schema/person/1", f"{_P}/"),
    # outlets that tell an article by its number alone
    (
        "https://www.lemonde.fr/x/article/2025/10/16/a-b_6640000_3210.html",
        "https://abonnes.lemonde.fr/y/article/2025/10/16/c_6640000_3210.html",
    ),
    (
        "https://www.independent.co.uk/news/a-b-b2847001.html",
        "https://www.independent.co.uk/news/world/c-b2847001.html",
    ),
    ("https://news.sky.com/story/a-b-13451001", "https://news.sky.com/story/c-13451001?dcmp=x"),
    ("https://thehill.com/policy/5558001-a-b/", "https://thehill.com/homenews/5558001-c/"),
    (
        "https://www.thehindu.com/news/a-b/article70170001.ece",
        "https://www.thehindu.com/news/article70170001.ece?homepage=true",
    ),
    (
        "https://www.scmp.com/news/article/3329001/a-b?module=x&pgtype=article",
        "https://www.scmp.com/news/world/article/3329001/c",
    ),
    ("https://www.nrc.nl/nieuws/2025/10/16/a-a4909001", "https://www.nrc.nl/nieuws/2025/10/16/b-c-a4909001"),
    ("https://nos.nl/l/2586001", "https://nos.nl/artikel/2586001-a-b"),
    ("https://www.hs.fi/x/art-2000011560001.html", "https://www.hs.fi/y/art-2000011560001.html?share=a"),
    (
        "https://www.haaretz.com/x/2025-10-16/ty-article/.premium/a-b/00000199-eeee-aaaa-bbbb-ffff00000000",
        "https://www.haaretz.com/x/2025-10-16/ty-article/c/00000199-eeee-aaaa-bbbb-ffff00000000?gift=1",
    ),
    ("https://www.thetimes.co.uk/article/a-b-abcd12345", "https://www.thetimes.com/world/europe/article/a-b-abcd12345"),
    (
        "https://news.naver.com/main/read.naver?mode=LSD&mid=shm&sid1=104&oid=001&aid=0015680001",
        "https://n.news.naver.com/mnews/article/001/0015680001",
    ),
    ("https://uk.news.yahoo.com/a-b-123456789.html", "https://www.yahoo.com/news/a-b-123456789.html"),
    (
        "https://www.idnes.cz/zpravy/a-b.A251016_200001_zahranicni_abc/tisk",
        "https://www.idnes.cz/zpravy/c.A251016_200001_zahranicni_abc",
    ),
    # links that lead there
    (
        "https://news.google.com/__i/rss/rd/articles/CBMiAU_yqLa?oc=5",
        "https://news.google.com/rss/articles/CBMiAU_yqLa?hl=hu",
    ),
    ("https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Flantern.example%2Fa-b", f"{_P}/a-b"),
    ("https://twitter.com/i/redirect?url=https%3A%2F%2Flantern.example%2Fa-b", f"{_P}/a-b"),
]

# Names that are tracking at some outlets and tell articles apart at others.
_CONTENT_NAMES = [
    "seq_no",
    "session_id",
    "sessionid",
    "newsletter_id",
    "nlid",
    "nb",
    "emailid",
    "itid",
    "mbid",
    "commentid",
    "comment_id",
    "trk",
    "s_cid",
    "shared",
    "_",
    "rand",
    "vn_id",
    "ga_no",
    "cx_id",
    "pk_id",
    "stm_id",
    "feedname",
    "list_name",
]

DIFFERENT: list[tuple[str, str]] = [
    *((f"{_P}/view?{name}=1001", f"{_P}/view?{name}=1002") for name in _CONTENT_NAMES),
    ("https://news.google.com/rss?hl=hu&gl=HU&ceid=HU:hu", "https://news.google.com/rss?hl=en-US&gl=US&ceid=US:en"),
    ("https://news.google.com/rss/search?q=a&hl=hu", "https://news.google.com/rss/search?q=a&hl=de"),
    (f"{_P}/?feed=rss2", f"{_P}/"),
    (f"{_P}/#/article/1001", f"{_P}/#/article/1002"),
    (f"{_P}/topics?channel=reddit", f"{_P}/topics?channel=tiktok"),
    (f"{_P}/apps?platform=ios", f"{_P}/apps?platform=android"),
    (f"{_P}/show?app=home", f"{_P}/show?app=mobile"),
    (f"{_P}/index.php?mod=search", f"{_P}/index.php?mod=home"),
    (f"{_P}/view?sid=20251016abcdefghij12", f"{_P}/view?sid=20251016abcdefghij13"),
    (f"{_P}/2025/10/amp", f"{_P}/2025/10"),
    (f"{_P}/2025/10/16/amp", f"{_P}/2025/10/16"),
    (f"{_P}/edition/2025-10-16/print", f"{_P}/edition/2025-10-16"),
    (f"{_P}/print/2025-10-16", f"{_P}/2025-10-16"),
    (f"{_P}/opinion-2025/comments", f"{_P}/opinion-2025"),
    (f"{_P}/amp/guitar-2000", f"{_P}/guitar-2000"),
    (f"{_P}/topics/amp/a-b-c", f"{_P}/topics/a-b-c"),
    (f"{_P}/2025/10/index.html", f"{_P}/2025/10/default.html"),
    (f"{_P}/a/home.html", f"{_P}/a/index.html"),
    ("https://t.me/desk/12?comment=5", "https://t.me/desk/12?comment=6"),
    ("https://www.reddit.com/r/news/comments/abc/x/k1/", "https://www.reddit.com/r/news/comments/abc/x/k2/"),
    ("https://www.rferl.org/archive/news/20251016.html", "https://www.rferl.org/archive/features/20251016.html"),
    ("https://www.abc.net.au/news/archive/20251016", "https://www.abc.net.au/news/world/20251016"),
]
