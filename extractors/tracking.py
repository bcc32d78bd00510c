"""The table of tracking parameters: they say how a reader came to a page, never which page it is.

Our own table; the facts come from the sources that each group names. Not here: parameters of single outlets (issue 3).
Used by extractors/urls.py alone.
"""

from __future__ import annotations

import re

# Whatever its value, a parameter of one of these names is dropped. Lower case; compared without regard to case.
_NAMES = (
    # Meta: click identifier and its older action maps (ClearURLs, globalRules and facebook)
    "fbclid fb_action_ids fb_action_types fb_source fb_ref fb_comment_id action_object_map action_type_map",
    "action_ref_map mibextid",
    # Google Ads and Analytics (ClearURLs, globalRules; Google Ads Help, "auto-tagging")
    "gclid gclsrc dclid gbraid wbraid gad_source gad_campaignid srsltid gs_l _ga _gl",
    # Click identifiers of Microsoft, Yandex, X, TikTok, LinkedIn, Instagram, Pinterest, Reddit, Snap, Impact
    # (ClearURLs, globalRules and instagram; the vendors' advertising manuals)
    "msclkid yclid ysclid ymclid _openstat twclid ttclid li_fat_id igshid igsh epik rdt_cid sccid irclickid",
    # Embedded posts of X (ClearURLs, globalRules and twitter)
    "__twitter_impression ref_src ref_url",
    # Mail services: Mailchimp, Marketo, HubSpot, Drip, Vero, Omeda, MailerLite, Kit (ClearURLs, globalRules)
    "mc_cid mc_eid mc_tc mkt_tok _hsenc _hsmi __hstc __hssc __hsfp __s hsctatracking vero_id vero_conv wickedid",
    "oly_anon_id oly_enc_id rb_clickid ml_subscriber ml_subscriber_hash sc_cid s_kwcid ck_subscriber_id",
    # Campaign codes of web analytics: Adobe's s_cid, AT Internet's xtor, Mapp's wt_mc, Echobox, Alibaba's spm; from
    # ClearURLs: globalRules, bbc and theguardian.com
    "cmpid cmp s_cid ncid icid ito xtor echobox wt_mc wt_zmc wtrid wtmc tracking_source spm",
    # Piano at the BBC (ClearURLs, bbc)
    "at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_ptr_name at_ptr_id at_bbc_team",
    "at_link_id at_link_type at_link_origin at_format",
    # Share and entry codes of MSN and The New York Times (ClearURLs, nytimes.com)
    "ocid smid smtyp",
)
TRACKING_NAMES = frozenset(name for names in _NAMES for name in names.split())

# Families: what begins so is dropped.
TRACKING_PREFIXES = (
    "utm_",  # Urchin/Google Analytics campaign parameters (ClearURLs, globalRules)
    "mtm_",  # Matomo (ClearURLs, globalRules)
    "pk_",  # Matomo's former name, Piwik (matomo.org, "campaign tracking")
    "piwik_",
    "ga_",  # Google Analytics (ClearURLs, globalRules)
    "hmb_",  # Hearst mail (ClearURLs, globalRules)
    "itm_",  # internal campaigns in utm's manner (ClearURLs, globalRules)
    "otm_",  # Outbrain/Onet (ClearURLs, globalRules)
    "hsa_",  # HubSpot ads (knowledge.hubspot.com, "tracking templates")
    "stm_",  # Salesforce
    "dicbo",  # Outbrain click
    "tblci",  # Taboola click
    "vn_",  # ClearURLs, globalRules
)

# Names that some sites use for content: dropped only where the value is the name of a channel, as in "?ref=rss".
CHANNEL_NAMES = frozenset(
    {
        "ref",
        "source",
        "src",
        "from",
        "via",
        "medium",
        "referrer",
        "referer",
        "origin",
        "partner",
        "feed",
        "share",
        "rss",
    }
)
_CHANNEL = re.compile(
    r"(?i)rss(?:[-_.]?\w{0,12})?|feed(?:burner)?|atom|news-?letter\w{0,12}|e?mail|push|social|share|app|widget|"
    r"(?:www\.)?(?:face-?book|fb|twitter|x|t\.co|instagram|ig|tele-?gram|tg|whats-?app|viber|vk|vkontakte|ok|linkedin|"
    r"reddit|flipboard|google|googlenews|news\.google|bing|yandex|dzen|yahoo|msn|apple|applenews|smartnews|upday|"
    r"startlap|hirstart|pulse|tiktok|youtube|copy(?:link)?)(?:[-_.](?:com|share|button|link|news|rss|feed))?"
)


def is_tracking(name: str, value: str) -> bool:
    """True when the parameter says nothing about which page it is. `name`, `value`: percent-encoding normalised."""
    lowered = name.lstrip("?").lower()  # "??utm_source=": an address glued to another's query (ClearURLs, "(?:%3F)?")
    while lowered.startswith("%3f"):
        lowered = lowered[3:]
    if lowered in TRACKING_NAMES or lowered == "utm" or lowered.startswith(TRACKING_PREFIXES):
        return True
    return lowered in CHANNEL_NAMES and _CHANNEL.fullmatch(value) is not None
