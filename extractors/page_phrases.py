"""What pages that are no articles say, by language: data for the rules of page_class.py, which decide what it means.

Written by us from how such pages address a reader. One phrase per line, a regular expression without regard to case. A
phrase for a title must be all of a title's part; one for a text may stand anywhere in it.
"""

from __future__ import annotations

import re


def any_of(lines: str) -> re.Pattern[str]:
    """One pattern of the alternatives that stand on the lines."""
    return re.compile("|".join(f"(?:{line})" for line in _lines(lines)), re.IGNORECASE)


def _each(lines: str) -> tuple[re.Pattern[str], ...]:
    """A pattern per line, so that the lines that are met can be counted."""
    return tuple(re.compile(line, re.IGNORECASE) for line in _lines(lines))


def _lines(lines: str) -> list[str]:
    return [line.strip() for line in lines.splitlines() if line.strip()]


CHALLENGE_TITLE = any_of(r"""
    just a moment\W*
    attention required!?
    (?:one moment,? please|please wait|request unsuccessful|pardon our interruption)\W*
    checking your browser.*
    security check(?:point)?
    ddos-guard
    access (?:to this page has been )?denied
    are you (?:a )?(?:human|robot)\??
    (?:human|bot|robot) (?:verification|check)
    robot or human\?
    verify(?:ing)? (?:that )?you are (?:a )?human.*
    client challenge
    (?:solve (?:the|this) )?captcha
    (?:nur einen|un|egy|один) (?:moment|instant|pillanat|момент)\W*
    sicherheits(?:überprüfung|check)
    (?:подождите|зачекайте|un momento)\W*
    (?:проверка|перевірка) браузера\W*
    вы не робот\?
""")

CHALLENGE_TEXT = any_of(r"""
    you are (?:a human|not a (?:ro)?bot)
    verify(?:ing)? (?:that )?you
    enable javascript and cookies
    unusual traffic
    automated (?:access|requests)
    checking (?:if the site connection|your browser)
    \bray id\b
    \bcaptcha
    javascript (?:is )?(?:disabled|required)
    keine? (?:ro)?bot
    nem (?:vagy )?robot
    не робот
    pas un robot
""")

CONSENT_PHRASES = _each(r"""
    \bwe (?:and our[\w ,()]{0,40}partners|use cookies)
    \b(?:accept|reject|allow) all\b
    legitimate interest
    (?:store|access)[\w /]{0,30} information on (?:a|your) device
    withdraw (?:your )?consent|your consent
    (?:manage|your)(?: \w+)? (?:preferences|privacy choices|cookie settings)|cookie (?:policy|settings)
    personali[sz]ed (?:ads|advertising|content)
    privacy (?:policy|notice|cent(?:er|re))
    wir(?: und unsere[\w ,()]{0,40}partner| verwenden[\w ,]{0,30}cookies)
    alle(?:s)? (?:akzeptieren|ablehnen)
    (?:zustimmen|akzeptieren) und weiter|mit werbung (?:weiter|lesen)
    berechtigte[sn]? interesse
    einwilligung
    informationen auf (?:einem |ihrem )?(?:end)?gerät
    datenschutz(?:erklärung|einstellungen)
    personalisierte (?:anzeigen|werbung|inhalte)
    nutzung mit werbung und cookies|ohne tracking|werbetracking
    nous (?:et nos[\w ,()]{0,40}partenaires|utilisons des cookies)
    (?:tout|continuer sans) (?:accepter|refuser)
    votre consentement|vos choix
    informations sur (?:un|votre) (?:terminal|appareil)
    (?:publicités?|contenus?) personnalisée?s?
    politique (?:de confidentialité|relative aux cookies)
    mi és[\w ,()]{0,40}partnere|süti(?:ke)?t használ|cookie-kat használ
    hozzájárulás
    (?:mindet|összes) (?:elfogad|elutasít)|elfogadom
    adatvédelmi|adatkezelési
    személyre szabott (?:hirdet|tartal)
    eszközön[\w ]{0,30}(?:tárol|információ)
    sütibeállítás|süti ?kezelés
    (?:мы|сайт) использу\w+ (?:файлы )?(?:cookie|куки)
    мы и наши[\w ,()]{0,40}партн
    (?:принять|отклонить) все
    (?:ваше )?согласие на|отозвать (?:свое )?согласие
    политик\w+ (?:конфиденциальности|обработки)
    (?:ми|сайт) використову\w+ (?:файли )?(?:cookie|кукі)
    ми та наші[\w ,()]{0,40}партн
    прийняти вс[іе]
    (?:вашу? )?згод[ау] на
    політик\w+ конфіденційності
    персонал[иі]з\w+ (?:реклам|контент)
    nosotros y nuestros[\w ,()]{0,40}socios|utilizamos cookies
    aceptar (?:todo|y continuar)|rechazar todo
    consentimiento
    política de (?:privacidad|cookies)
    noi e i nostri[\w ,()]{0,40}partner
    accetta(?: tutto)?\b
    informativa (?:sulla privacy|sui cookie)
    my i nasi[\w ,()]{0,40}partnerzy
    zaakceptuj
    \bzgod[ęay]\b
    polityk\w+ prywatności
    wij en onze[\w ,()]{0,40}partners
    alles accepteren|toestemming
""")

# Words that a paragraph of a cookie wall has one of; a paragraph without any is something else.
CONSENT_WORDS = any_of(r"""
    cookie|consent|privacy|gdpr|personali[sz]|tracking|partner|purpose|vendor|preferences|settings|device|advert|subscri
    einwillig|zustimm|akzeptier|datenschutz|werb|\babo\b|zwecke|endgerät
    consentement|confidentialité|publicit|accepter|finalité|appareil
    süti|hozzájárul|elfogad|adatvéd|adatkezel|hirdet|eszköz
    соглас|куки|конфиденц|реклам|партн
    згод|кукі|конфіденц
    consentimiento|privacidad|aceptar|accett|zgod|prywatno|toestemming
""")

PAYWALL = any_of(r"""
    subscribe (?:now )?to (?:continue|keep|read)
    to (?:continue|keep) reading
    for (?:\w+ )?subscribers(?: only)?\b|subscribers[- ]only
    already (?:a )?subscribe[rd]
    become a (?:subscriber|member) to
    unlock this article
    (?:free|remaining) articles? (?:this month|left)
    (?:sign in|register(?: for free)?) to (?:read|continue)
    jetzt (?:weiterlesen|abonnieren)|weiterlesen mit
    (?:nur )?für abonnent(?:en|innen)|bereits abonnent
    diese[nr]? (?:artikel|text|inhalt)[\w ]{0,30}(?:abonnent|plus)
    réservée?s? aux abonnés|déjà abonné|abonnez-vous pour|pour lire la suite
    reste[\w ,.%]{0,30}à (?:lire|découvrir)
    előfizető(?:ink|knek|i tartalom)|csak előfizet|fizess elő|már előfizető
    (?:доступн\w+|только) (?:\w+ )?подписчик|оформите подписку|уже подписан
    (?:доступн\w+|лише|тільки) (?:\w+ )?передплатник|оформ(?:іть|ити) передплату
    (?:solo|exclusivo) para suscriptores|riservato agli abbonati|abbonati per
    tylko dla (?:prenumerat|subskryb)|alleen voor abonnees
    会員限定|有料会員|이 기사는 유료
""")

LOGIN_TITLE = any_of(r"""
    (?:please )?(?:log|sign)[ -]?in(?: to .*)?|login
    anmelden|anmeldung|einloggen
    (?:se )?connexion|se connecter|identifiez-vous
    bejelentkezés|belépés
    вход|войти|авторизация
    вхід|увійти|авторизація
    iniciar sesión|accedi|zaloguj(?: się)?|logowanie|inloggen
    register|create (?:an )?account|my account
""")

NOT_FOUND_TITLE = any_of(r"""
    (?:error |fehler |erreur |hiba:? |ошибка |помилка )?404\W*(?:error|fehler|not found|page not found)?\W*
    (?:404\W*)?(?:not found|nothing found|nicht gefunden|не найдено|не знайдено)\W*
    (?:404\W*)?(?:sorry\W+)?(?:the )?(?:requested )?(?:page|article|url) (?:was |is |could )?not (?:be )?found\W*
    (?:the |this )?(?:requested )?(?:page|article|story|content) can(?:no|['’])t be found\W*
    (?:the |this )?(?:requested )?(?:page|article|story|content) is no longer available\W*
    (?:the |this )?(?:page|article|story) (?:does not|doesn['’]t|no longer) exists?\W*
    (?:404\W*)?(?:die )?(?:angeforderte )?seite(?: wurde| konnte)?(?: leider)? nicht gefunden(?: werden)?\W*
    diese seite (?:existiert nicht|ist nicht (?:mehr )?verfügbar)\W*
    (?:404\W*)?(?:la |cette )?page (?:est |demandée est )?(?:introuvable|non trouvée)\W*
    (?:cette |la )?page (?:demandée )?(?:n['’]existe (?:pas|plus)|n['’]a pas été trouvée)\W*|contenu introuvable
    (?:404\W*)?(?:az? )?(?:keresett |kért )?(?:oldal|cikk|lap)(?: sajnos)? nem (?:található|létezik|elérhető)\W*
    nem található(?: az oldal)?\W*|nincs ilyen oldal\W*
    (?:404\W*)?(?:запрашиваемая |такая )?(?:страница|статья|материал) не (?:найдена?|существует|доступна)\W*
    (?:404\W*)?(?:такой )?страницы не существует\W*
    (?:404\W*)?(?:запитувану |таку )?(?:сторінку|сторінка|статтю|матеріал) не (?:знайдено|знайдена|існує)\W*
    (?:404\W*)?(?:такої )?сторінки не існує\W*
    (?:404\W*)?p[áa]gina (?:no|non|não) (?:encontrada|trovata|disponible)\W*
    (?:404\W*)?(?:nie znaleziono|nie odnaleziono) strony\W*|strona nie (?:została znaleziona|istnieje)\W*
    (?:404\W*)?pagina niet gevonden\W*|sidan (?:kunde inte hittas|hittades inte)\W*
""")

# The part of a title that names a video, a recording or a gallery for what it is.
MEDIA_TITLE = any_of(r"""
    videos?|watch|video gallery|photos?|gallery|photo gallery|in pictures|pictures|podcasts?|listen
    bildergalerie|fotostrecke|bilder|galerie|diaporama|en images|vidéos?|photos
    videó|videók|galéria|képgaléria|fotók|képek
    видео|фото|фотогалерея|галерея|фоторепортаж|відео|фотогалерея|фоторепортаж
    vídeos?|fotos|galería|fotogalería|fotogallery|foto|zdjęcia|galeria|wideo
""")

# What a live blog's headline says that it is.
LIVE_TITLE = any_of(r"""
    \blive(?:[ -]?(?:blog|ticker|updates?|coverage|text|report|stream))\b|(?:^|\W)live\s*:|[:|–-]\s*live\b
    \bas it happened\b|\blatest updates\b
    \bliveticker\b|\bnewsblog\b|\bnews-?ticker\b|\+\+\+
    \ben direct\b|\bdirect\s*[:–-]|\bminuto a minuto\b|\ben (?:vivo|directo)\b|\bin diretta\b|\bdiretta\b
    \bao vivo\b|\bna żywo\b|\brelacja\b|\bonline přenos\b
    \bpercről percre\b|\bélő(?:ben| közvetítés)?\b|\bhírfolyam\b
    \bонлайн\b|\bпрям(?:ая|ой) (?:трансляция|эфир)\b|\bтрансляция\b|\bхроника\b|\bнаживо\b|\bпряма трансляція\b
    \bхроніка\b
    \bcanlı\b|\bliverapport(?:ering)?\b
""")
