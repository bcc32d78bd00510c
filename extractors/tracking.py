"""The table of tracking parameters: they say how a reader came to a page, never which page it is.

Our own table; the facts come from the sources that each group names. Not here: parameters of single outlets
(outlets.toml), and AMP, mobile and print forms (page_forms.py). Used by extractors/urls.py alone.
"""

from __future__ import annotations

import re

from extractors.url_parts import names

# Whatever its value, a parameter of one of these names is dropped. Lower case; compared without regard to case.
TRACKING_NAMES = names(
    # Meta: click identifier and its older action maps (ClearURLs, globalRules and facebook)
    "fbclid fb_action_ids fb_action_types fb_source fb_ref fb_comment_id action_object_map action_type_map",
    "action_ref_map mibextid",
    # Google Ads and Analytics (ClearURLs, globalRules; Google Ads Help, "auto-tagging")
    "gclid gclsrc dclid ved usg gbraid wbraid gad_source gad_campaignid srsltid gs_l _ga _gl",
    # Click identifiers of Microsoft, Yandex, X, TikTok, LinkedIn, Instagram, Pinterest, Reddit, Snap, Impact
    # (ClearURLs, globalRules and instagram; the vendors' advertising manuals)
    "msclkid yclid ysclid ymclid _openstat twclid ttclid li_fat_id igshid igsh epik rdt_cid sccid irclickid",
    # Embedded posts of X (ClearURLs, globalRules and twitter)
    "__twitter_impression ref_src ref_url",
    # Mail services: Mailchimp, Marketo, HubSpot, Drip, Vero, Omeda, MailerLite, Kit (ClearURLs, globalRules)
    "mc_cid mc_eid mc_tc mkt_tok _hsenc _hsmi __hstc __hssc __hsfp __s hsctatracking vero_id vero_conv wickedid",
    "oly_anon_id oly_enc_id rb_clickid ml_subscriber ml_subscriber_hash sc_cid s_kwcid ck_subscriber_id",
    # Campaign codes of web analytics: AT Internet's xtor, Mapp's wt_mc, Echobox, Alibaba's spm; from
    # ClearURLs: globalRules, bbc and theguardian.com
    "cmpid cmp ncid icid ito xtor echobox wt.mc_id wt.mc_ev wt.tsrc wt_mc wt_zmc wtrid wtmc tracking_source spm",
    # Piano at the BBC (ClearURLs, bbc)
    "at_medium at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_ptr_name at_ptr_id at_bbc_team",
    "at_link_id at_link_type at_link_origin at_format",
    # Piano elsewhere (docs.piano.io, "composer")
    "piano_t piano_d",
    # Share and entry codes of MSN and The New York Times (ClearURLs, nytimes.com)
    "ocid smid smtyp",
    # Share buttons: WordPress's Jetpack (jetpack.com, "sharing"), Spot.IM, AddThis, Hootsuite, Trumba, Passle, Flattr
    "spot_im_redirect_source spot_im_highlight_immediate spotim_referrer __sta linksource taid link_source",
    # Yahoo and AOL, CNET and CBS, Meta (ClearURLs: techcrunch, cnet, facebook)
    "guccounter guce_referrer guce_referrer_sig soc_src soc_trk ftag __tn__ paipv eav _rdr sfnsn",
    # comScore, Coremetrics, Eloqua, Salesforce, Sailthru, Dotdigital, Bronto, Adestra (the vendors' manuals on links)
    "ns_source ns_mchannel ns_campaign ns_linkname ns_fee cm_mmc cm_ven cm_cat cm_pla cm_ite cm_lm et_rid et_cid",
    "elqtrackid elqtrack elqaid elqat elqcampaignid sailthru_id sc_src sc_lid sc_uid sc_llid sc_eh sc_customer",
    "dm_i dm_t bt_ee bt_ts bxid cndid esrc recip_id lctg ncl_email",
    # Shown by the address bar for readers who came by a subscription or an app: Google's Subscribe with Google and News
    # Showcase, Branch, Adjust, Wikipedia's wprov, Seznam's boxes (ClearURLs, seznamzpravy.cz)
    "gaa_at gaa_n gaa_ts gaa_sig google_editors_picks _branch_match_id _branch_referrer adjust_t wprov",
    # Internal campaigns and recommendation boxes: Adobe's intcid, Cxense, Outbrain, Hearst (addresses as sites link)
    "intcid intcmp int_source int_medium int_campaign int_content iref icid_source obref",
    "obinsite oborigurl traffic_source",
    "internal_source click_source list_source rss_source fromrss wpisrc wpmm yptr",
    # Russian advertising law's label, counters of Mail.ru and Rambler, and VK's
    "erid frommail from_cut trkcampaign trkinfo trk_contact trk_msg trk_module trk_sid rb_source roistat",
    # Sessions that a server writes into addresses (PHP, Java, ASP.NET, ColdFusion, osCommerce)
    "phpsessid jsessionid aspsessionid asp.net_sessionid cfid cftoken oscsid zenid",
    # Against caches; the page is the same
    "nocache no_cache cachebuster cache_buster",
    # Where in the comments the reader is (WordPress's replytocom; Disqus)
    "replytocom unapproved moderation-hash",
    # Google Analytics and its kin, spelled out: of "ga_", "cx_", "vn_" and "pk_" alone other names are made as well
    # (ClearURLs, globalRules; matomo.org, "campaign tracking"; Cxense's manual)
    "ga_source ga_medium ga_campaign ga_term ga_content ga_place vn_source vn_medium vn_campaign vn_term vn_content",
    "pk_source pk_medium pk_campaign pk_keyword pk_kwd pk_content pk_cid cx_testid cx_testvariant cx_artpos cx_tag",
    "cx_click cx_navsource cx_experiencesource cx_recswidget cx_articleclick stm_source stm_medium stm_campaign",
    "stm_content stm_term",
    # Public broadcasters' share bars, Sprout Social and Hootsuite's link identifiers, CNN and Sky's campaigns
    "__vfz linkid dcmp tbref",
)

# Families: what begins so is dropped.
TRACKING_PREFIXES = (
    "utm_",  # Urchin/Google Analytics campaign parameters (ClearURLs, globalRules)
    "mtm_",  # Matomo (ClearURLs, globalRules)
    "piwik_",
    "hmb_",  # Hearst mail (ClearURLs, globalRules)
    "itm_",  # internal campaigns in utm's manner (ClearURLs, globalRules)
    "otm_",  # Outbrain/Onet (ClearURLs, globalRules)
    "hss_",  # HubSpot, posts on social media
    "hsa_",  # HubSpot ads (knowledge.hubspot.com, "tracking templates")
    "dicbo",  # Outbrain click
    "tblci",  # Taboola click
    "sfmc_",  # Salesforce Marketing Cloud
    "dop_",  # Seznam's recommendation boxes (ClearURLs, seznamzpravy.cz)
    "__cft__",  # Meta (ClearURLs, facebook)
    "aspsessionid",
)

# Names that some sites use for content: dropped only where the value is the name of a channel, as in "?ref=rss".
CHANNEL_NAMES = names(
    "ref source src from via medium referrer referer origin partner share shared rss cid emc",
    "refsrc ref_source refer sharetype campaign pos loc srcref srnd xml entry mbid itid trk s_cid",
)
# Switches that change how a page is dressed, or that it is shown at all, never which: dropped when they are on or off.
FLAG_NAMES = names(
    "rss share noredirect no_redirect noamp nomobile fullsite desktop mobile ismobile mobileapp",
    "showcomments show_comments comments disableredirects embed embedded iframe webview inapp autoplay",
)
_FLAG = re.compile(r"(?i)(?:|[01]|true|false|yes|no|on|off|y|n|all)")
_CHANNEL = re.compile(
    r"(?i)rss(?:[-_.]?\w{0,12}|-{2,}[\w-]{0,60}|[-_][\w-]{0,40})?|feed(?:burner)?|atom|news-?letter\w{0,12}|e?mail|push|"
    r"social(?:-?media)?|share|app|widget|home(?:-?page)?|hp|main(?:-?page)?|front(?:-?page)?|top(?:-?news)?|news-?feed|"
    r"sidebar|header|footer|menu|related|recommend(?:ed|ations?)?|most-?(?:read|popular)|mobile|desktop|ios|android|"
    r"amp|search|hirkereso|hootsuite|buffer|pocket|nongift|xml|"
    r"(?:www\.)?(?:face-?book|fb|twitter|tw|x|t\.co|instagram|ig|tele-?gram|tg|whats-?app|viber|vk|vkontakte|ok|linkedin|"
    r"reddit|flipboard|google|googlenews|news\.google|bing|yandex|dzen|yahoo|msn|apple|applenews|smartnews|upday|"
    r"startlap|hirstart|pulse|tiktok|youtube|copy(?:link)?)(?:[-_.](?:com|share|button|link|news|rss|feed))?"
)


# "??utm_source=": an address glued to another's query (ClearURLs, "(?:%3F)?").
_QUESTION_MARKS = re.compile(r"\A(?:\?|%3[Ff])+")
# Names of content that are tracking beside another that is: Jetpack's "?share=x&nb=1", "?shared=email&msg=fail".
COMPANIONS = {"nb": "share", "msg": "shared"}
# "?sid=" is a session only when it looks like one: some sites number their stories so.
_SESSION = re.compile(r"(?i)(?!(?:19|20)\d{6}(?!\d))(?=\w*\d)(?=\w*[a-z])[0-9a-z]{20,64}")
_SESSION_NAMES = frozenset({"sid", "sessionid", "session_id"})
# "?_=" and "?rand=" keep a page out of caches when they hold a clock's milliseconds or a fraction; else they may count.
_CLOCK = re.compile(r"1\d{12}|0\.\d{6,}")
_CLOCK_NAMES = frozenset({"_", "rand", "ts", "timestamp"})
# Codes of campaigns, in parts, for names that hold a number or a word of content elsewhere: "s_cid=soc:fb:2025".
_CODE = re.compile(r"(?i)(?=.*[a-z])[\w.]+(?:(?::|%3A|\||%7C|-|_)[\w.]+)+")
_CODE_NAMES = frozenset({"s_cid", "mbid", "itid", "trk"})


def is_tracking(name: str, value: str) -> bool:
    """True when the parameter says nothing about which page it is. `name`, `value`: percent-encoding normalised."""
    lowered = _QUESTION_MARKS.sub("", name).lower()
    if lowered in TRACKING_NAMES or lowered == "utm" or lowered.startswith(TRACKING_PREFIXES):
        return True
    if lowered in CHANNEL_NAMES and _CHANNEL.fullmatch(value):
        return True
    if lowered in FLAG_NAMES and _FLAG.fullmatch(value):
        return True
    if lowered in _CODE_NAMES and _CODE.fullmatch(value):
        return True
    if lowered in _CLOCK_NAMES and _CLOCK.fullmatch(value):
        return True
    return lowered in _SESSION_NAMES and _SESSION.fullmatch(value) is not None
