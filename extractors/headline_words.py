"""Words of headlines: what says little, what says the same, what makes another story of it. Constants alone.

Own list, made by reading; English mostly, with the words of the languages of the watched outlets that turn a story
round. Words are folded: small letters without accents.
"""

from __future__ import annotations

import re
from types import MappingProxyType

PREFIX_KEEPS = 3  # words that must be left when an outlet or a prefix is cut off
_UPDATES = (
    "updates?|updated|wrapup|wrap-up|breaking(?: news)?|exclusive|live(?: updates)?|just in|watch|video|photos|"
    "analysis|explainer|factbox|alert|urgent|corrected|correction|refile|developing|latest|eilmeldung|eil|friss|срочно|"
    "молния|терміново|urgence|en direct|direct|última hora|ultima hora|ultim[’']ora|urgente|pilne|son dakika|en vivo|"
    "ao vivo|عاجل|速報|快讯|快訊|突发|突發|속보|ด่วน"
)
PREFIX = re.compile(
    rf"(?i)^(?:(?:(?:{_UPDATES})(?:\s*#?\d+)?\s*[:：!–—|-]|[\[【(]\s*(?:{_UPDATES})\s*[\]】)][:：]?)\s*)+"
)
# Verbs of two words that are another step than their first word.
PHRASES = (
    (re.compile(r"(?i)\bcall(?:s|ed|ing)? off\b"), "cancelled"),
    (re.compile(r"(?i)\b(?:put(?:s|ting)? off|push(?:es|ed)? back)\b"), "postponed"),
    (re.compile(r"(?i)\bkick(?:s|ed|ing)? off\b"), "starts"),
    (re.compile(r"(?i)\b(?:is|are|was|were) off\b"), "cancelled"),
)

_LIGHT = """
    a an the and or but of in on at to for from by with as is are was were be been being has have had it its this that
    these those his her their he she they we i you who what when where why how after before amid over about into out up
    off down than then there here will would can could may might shall should do does did s t re ll ve d us
    new latest latest report reports reported reportedly says say said saying tells told according sources source
    official officials news live update also just now still amid via per soon more most very next
    der die das den dem des ein eine einen einem einer und oder in im am an auf fur mit von vom zu zum zur nach vor bei
    ist sind war wird werden hat haben sagt als auch
    le la les un une des du de d l et ou en au aux pour par sur avec apres avant est sont a ont dit
    el los las una del al y o por con para tras es son ha han dice
    az egy es vagy hogy van volt lesz mar meg is szerint utan
    и в во на с со о об по из за к ко от до у а но что как это его ее их для при после был была было будет
    і й в у на з із зі про по за до від та що як це його її їх для після був була було буде
"""
LIGHT = frozenset(_LIGHT.split())
_NEGATIONS = """
    not no never without neither nor cannot isn wasn won don doesn didn aren couldn wouldn
    nicht kein keine keinen nie ohne pas jamais sans nem nincs soha sin nunca не нет без ни немає ні
    niet geen nooit zonder inte ingen inget ikke uden utan ej nao sem non senza mai nie bez ne nu fara nema nece
    ei eivat नहीं না 아니 δεν μη οχι χωρις degil yok لن لا لم ليس לא אין
"""
NEGATIONS = frozenset(_NEGATIONS.split())
_NUMBERS = """
    0 zero null| 1 one first eins erste| 2 two second twice zwei zweite deux deuxieme ket ketto masodik два две
    второй дві другий dos segundo| 3 three third drei dritte trois troisieme harom harmadik три третий третій tres|
    4 four fourth vier quatre negy четыре чотири cuatro| 5 five fifth funf cinq ot пять cinco| 6 six sixth sechs hat
    шесть шість| 7 seven seventh sieben sept семь сім| 8 eight eighth acht huit nyolc восемь вісім| 9 nine ninth
    neun neuf девять| 10 ten tenth zehn dix десять| 11 eleven elf onze| 12 twelve zwolf douze| 20 twenty zwanzig| 30
    thirty dreissig| 50 fifty| 100 hundred hundert cent сто| 1000 thousand tausend mille тысяча| 1000000 million
    millions millionen| 1000000000 billion billions milliarden
"""
NUMBER_WORDS = MappingProxyType(
    {word: row.split()[0] for row in _NUMBERS.split("|") for word in row.split()[1:] if word != "hat"}
)
_CALENDAR = """
    monday mon montag lundi hetfo понедельник понеділок lunes| tuesday tue tues dienstag mardi kedd вторник вівторок
    martes| wednesday wed mittwoch mercredi szerda среда середа miercoles| thursday thu thurs donnerstag jeudi
    csutortok четверг четвер jueves| friday fri freitag vendredi pentek пятница пятницу viernes| saturday samstag
    samedi szombat суббота субботу субота| sunday sonntag dimanche vasarnap воскресенье неділя domingo| january jan
    januar janvier| february feb februar fevrier| april apr avril| june juni juin| july juli juillet| august aug
    aout| september sept septembre| october oct oktober octobre| november nov novembre| december dec dezember
    decembre| today heute aujourd ma сегодня сьогодні hoy| tomorrow morgen demain holnap завтра manana| yesterday
    gestern hier tegnap вчера вчора ayer
"""
CALENDAR = MappingProxyType({word: row.split()[0] for row in _CALENDAR.split("|") for word in row.split()})

# Classes of words for the same. Where one headline has a decisive one and the other has not, the story went on.
_DECISIVE = """
    cancel cancels cancelled canceled cancelling canceling cancellation scrap scraps scrapped scrapping axed axes
    shelve shelves shelved ditched ditches abandoned abandons abgesagt absage absagt annule annulee annulation
    lemond lemondta lemondtak elmarad отменил отменили отменен отменена отмена отменяет скасував скасовано скасували
    cancela cancelado cancelada| postpone postpones postponed postponing postponement delay delays delayed delaying
    defer defers deferred verschoben verschiebt reporte reportee elhalasztja elhalasztottak отложил отложили отложен
    отложена перенес перенесли відклали aplaza aplazada| deny denies denied denying denial dismiss dismisses
    dismissed bestreitet dementiert dementi dement cafol cafolta опроверг опровергает опровергли отрицает заперечує
    заперечив desmiente| reject rejects rejected rejecting rejection refuse refuses refused refusing refusal lehnt
    abgelehnt rejette refuse elutasitja elutasitotta отверг отказался отказывается відмовився rechaza| confirm
    confirms confirmed confirming confirmation bestatigt confirme megerositette подтвердил подтвердили підтвердив
    confirma| resume resumes resumed resuming resumption restart restarts revive revives revived wieder возобновил
    возобновили| suspend suspends suspended suspending pause pauses paused freeze freezes frozen halt halts halted
    ausgesetzt suspendu приостановил| collapse collapses collapsed fail fails failed failure gescheitert echoue
    провалились провалилась сорвался сорвалась| met held concluded concludes ended ends finished wraps wrapped
    beendet состоялась состоялся прошла завершился завершилась відбулася| begin begins began begun start starts
    started starting kick kicks opens opened beginnt gestartet commence начал начался начались| sign signs signed
    signing unterzeichnet signe alairta подписал подписали підписав| arrive arrives arrived arriving lands landed
    angekommen arrive megerkezett прибыл прибув| leave leaves left leaving depart departs departed quits quit resign
    resigns resigned| win wins won winning lose loses lost losing| dies died dead killed kills kill| injured wounded
    hurt| arrest arrests arrested detained charged sentenced convicted acquitted| attack attacks attacked strike
    strikes struck| lift lifts lifted impose imposes imposed| approve approves approved approval| rises rose rise
    gains climbs| falls fell drops drop slumps| threaten threatens threatened threat
"""
_SAME = """
    agree agrees agreed agreeing agreement plan plans planned planning set sets announce announces announced
    announcing announcement schedule scheduled schedules intends wants expected| meet meets meeting meetings summit
    summits treffen gipfel rencontre sommet csucs csucstalalkozo talalkozo саммит саммита встреча встрече встречу
    саміт зустріч cumbre encuentro| call calls phone phones telephone telephones telephoned conversation telefonat
    telefoniert appel megbeszeles telefon разговор звонок розмова llamada speak speaks spoke talk talks talked
    discuss discusses discussed| warn warns warned warning caution cautions cautioned| leader leaders president
    presidents presidential| host hosts hosted hosting venue| war conflict| missile missiles| weapons arms| ready
    prepared| praise praises praised hails hailed| urge urges urged calling demands demand demanded| move moves step
    steps
"""
CLASSES = MappingProxyType(
    {word: f"={row.split()[0]}" for rows in (_SAME, _DECISIVE) for row in rows.split("|") for word in row.split()}
)
DECISIVE = frozenset(f"={row.split()[0]}" for row in _DECISIVE.split("|"))

# Words that leave it open whether it comes to pass.
_UNSURE = """
    may might could perhaps maybe possible possibly konnte konnten vielleicht pourrait pourraient podria podrian quiza
    potrebbe potrebbero poderia pode mozliwe moze moga может могут возможно може можуть можливо talan belki
"""
UNSURE = frozenset(_UNSURE.split())
# Words that exclude each other: one headline has the one, the other one the other.
_OPPOSITES = (
    "before ahead avant antes vor prima przed перед | after following apres despues dopo после після",
    "up higher | down lower",
    "on | off",
    "will wird werden будет будут буде | spoke spoken talked discussed called phoned",
)
OPPOSITES = tuple(tuple(frozenset(side.split()) for side in axis.split("|")) for axis in _OPPOSITES)
# What joins equals, so that their order says nothing.
_JOINING = "and und et y e и і й та es ve i och en og ja oder or president presidents leader leaders"
JOINING = frozenset(_JOINING.split())

# Spellings that neither the consonants nor the letters tell.
NAME_SPELLINGS = MappingProxyType(
    {
        "kiev": "kyiv", "kiew": "kyiv", "kijev": "kyiv", "kijow": "kyiv", "usa": "america", "mbs": "salman",
        "prezydent": "president", "ukrainian": "ukraine", "russian": "russia", "hungarian": "hungary",
        "american": "america", "german": "germany", "french": "france", "chinese": "china", "british": "britain",
        "ukraines": "ukraine", "russias": "russia",
    }
)  # fmt: skip
