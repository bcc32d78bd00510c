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
    making sure you['’]re not a (?:ro)?bot\W*
    v[ée]rification de s[ée]curit[ée]|comprobación de seguridad|weryfikacja|güvenlik (?:doğrulaması|kontrolü)
    安全验证|安全驗證|访问验证|人机验证|驗證|보안 확인
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
    javascript (?:is )?(?:disabled|required)|(?:need|have) to enable javascript|please enable js
    unusual activity|activité inhabituelle|actividad inusual|ungewöhnliche[nr]? (?:aktivität|datenverkehr)
    安全验证|拖动滑块|完成以下验证|不是机器人|ロボットではありません|로봇이 아닙니다|لست (?:روبوت|برنامج)
    robot olmadığınız|nie jeste[śs](?:cie)? robotem|no (?:eres|es|soy) un robot|non sei un robot|não é um robô
    geen robot
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
    store,? (?:access|and[/ ]or access)|storing of cookies on your device|may store or retrieve information
    (?:click|clicking|tap)\W+(?:accept|agree)|cookies (?:are|may be) (?:necessary|set)|strictly necessary
    targeting cookies
    (?:nosotros|nosotras) y nuestros[\w ,()]{0,40}socios|y sus (?:\d+ )?socios|utilizamos cookies
    aceptar (?:todo|todas|y continuar)|si acepta|rechaz\w+ (?:todo|todas|las cookies|y suscrib)
    (?:su|tu) consentimiento|consentimiento
    información en (?:su|un|tu) dispositivo|identificadores únicos
    publicidad personalizada|anuncios (?:y contenido )?personalizados
    política de (?:privacidad|cookies)|configuración de (?:privacidad|cookies)
    noi e (?:i nostri[\w ,()]{0,40}partner|terze parti)
    accett(?:a(?: tutto)?|are i cookie)\b|rifiuta
    (?:tuo|suo|vostro) consenso
    cookie o tecnologie simili|cookie (?:di profilazione|tecnici)|finalità tecniche
    pubblicità personalizzat|annunci personalizzati
    informativa (?:sulla privacy|sui cookie)
    my i nasi[\w ,()]{0,40}(?:partnerzy|partner)
    zaakceptuj|przejdź do serwisu
    \bzgod[ęay]\b
    informacji na urządzeniu|plik(?:i|ów) cookie
    przetwarzan\w+ danych|dane osobowe
    (?:ustawienia\w*|ustawieniach|polityk\w+) prywatności|szanujemy (?:twoją|państwa) prywatność
    spersonalizowan\w+ (?:reklam|treści)
    wij en onze[\w ,()]{0,40}partners|derde partijen plaatsen
    alles accepteren|\b(?:hiermee|hier mee) akkoord|akkoord\W? te klikken
    toestemming
    informatie op (?:je|uw|een) apparaat
    (?:vergelijkbare|soortgelijke) technieken|soorten cookies|cookies toestaan
    gepersonaliseerde advertenties|advertenties en (?:inhoud|content)
    nós e (?:os )?nossos[\w ,()]{0,40}parceiros|utilizamos cookies|usamos cookies
    aceitar (?:tudo|todos|e continuar)|rejeitar (?:tudo|todos)
    consentimento
    informações (?:no|num|em um) (?:seu )?dispositivo
    anúncios (?:e conteúdos? )?personalizados|publicidade personalizada
    política de (?:privacidade|cookies)
    vi och våra[\w ,()]{0,40}partner|vi (?:och våra partner )?använder cookies|vi og våre[\w ,()]{0,40}partnere
    vi og vores[\w ,()]{0,40}partnere|vi (?:bruger|bruker) (?:cookies|informasjonskapsler)
    (?:godkänn|acceptera|neka|accepter|afvis|godta|aksepter) all[ae]
    samtyck(?:er|e|et)\b|samtykke
    (?:på|av) (?:en|din) enhe[dt]|personuppgifter|personoplysninger|personopplysninger
    (?:anpassade|personliga|personligt tilpassede|tilpassede|personlige) (?:annonser|annoncer)
    din(?:e)? (?:integritet|val|valg)\b|integritetspolicy|privatlivspolitik|personvern
    me ja[\w ,()]{0,40}kumppani|käytämme evästeitä
    hyväksy (?:kaikki|evästeet)|hylkää kaikki
    suostumu|tietoja laitte|kohdennettu\w* maino|tietosuoj
    my a naši[\w ,()]{0,40}partne|používáme (?:soubory )?cookies?
    přijmout vše|odmítnout vše|souhlasím\b
    souhlas\w* s[e]? (?:zpracováním|použitím)|udělit souhlas|váš souhlas
    informac\w+ (?:na|v) (?:vašem )?zařízení|personalizovan\w+ (?:reklam|obsah)|zásad\w+ ochrany osobních
    noi și[\w ,()]{0,40}parteneri|folosim cookie|utilizăm cookie
    accept(?:ă|ați)? toate|consimțământ|informații pe (?:un )?dispozitiv|reclame personalizate|confidențialitate
    εμείς και οι[\w ,()]{0,40}συνεργάτες|χρησιμοποιούμε cookies
    αποδοχή (?:όλων)?|αποδέχομαι|συγκατάθεσ|σε (?:μια )?συσκευή|εξατομικευμέν|απορρήτου
    biz ve[\w ,()]{0,40}(?:ortak|partner)\w*|çerez(?:ler)?(?:i)? (?:kullan|politika)
    tümünü (?:kabul|reddet)|açık rıza|cihaz\w* (?:bilgi|depola)|kişiselleştirilmiş (?:reklam|içerik)
    gizlilik politika
    クッキー(?:を|の)(?:使用|利用)|cookie(?:を|の)(?:使用|利用)|すべて(?:受け入れ|許可|同意)|プライバシーポリシー
    我们(?:和我们的合作伙伴)?使用\s*cookie|接受(?:所有|全部)|隐私(?:政策|设置)
    نستخدم ملفات تعريف الارتباط|قبول الكل|سياسة الخصوصية|موافقتك
""")

# Words that a paragraph of a cookie wall has one of; a paragraph without any is something else.
CONSENT_WORDS = any_of(r"""
    cookie|consent|privacy|gdpr|personali[sz]|tracking|partner|purpose|vendor|preferences|settings|device|advert|subscri
    einwillig|zustimm|akzeptier|datenschutz|werb|\babo\b|zwecke|endgerät
    consentement|confidentialité|publicit|accepter|finalité|appareil
    süti|hozzájárul|elfogad|adatvéd|adatkezel|hirdet|eszköz
    соглас|куки|конфиденц|реклам|партн
    згод|кукі|конфіденц
    consentimiento|privacidad|aceptar|accett|zgod|prywatno|toestemming|consentimento|privacidade
    (?:tuo|suo|vostro) consenso|samtyck|samtykke|din integritet|evästei|suostumu|souhlasím|osobní údaje|consimț
    συγκατάθεσ|απορρήτ|çerez|gizlilik|クッキー|プライバシー|隐私|الارتباط|الخصوصية
""")

PAYWALL = any_of(r"""
    subscribe (?:now )?to (?:continue|keep|read|view|access|see)
    (?:to )?(?:continue|keep) reading (?:with|$)|to (?:continue|keep) reading|this is (?:a )?premium (?:content|article)
    (?:only|exclusive(?:ly)?|available|reserved)(?: only)? (?:for|to) (?:\w+ )?(?:subscribers|members)\b
    for (?:\w+ )?(?:subscribers|members) only\b|subscribers[- ]only
    become a (?:subscriber|member) to
    unlock this article
    (?:free|remaining) articles? (?:this month|left)
    (?:sign in|register(?: for free)?) to (?:read|continue)
    jetzt (?:weiterlesen|abonnieren)|weiterlesen mit|um weiterzulesen|lesen sie weiter mit
    (?:nur|exklusiv) für (?:\w+[ -])?abonnent(?:en|innen)
    diese[nr]? (?:artikel|text|inhalt)[\w ]{0,30}(?:abonnent|plus)
    réservée?s? aux abonnés|abonnez-vous pour (?:lire|accéder|continuer|découvrir)|pour lire la suite
    reste[\w ,.%]{0,30}à (?:lire|découvrir)
    csak előfizet|előfizető(?:ink|k) (?:számára|olvashat)|előfizetői tartalom|fizess(?:en)? elő
    (?:доступн\w+|только) (?:\w+ )?подписчик|оформите подписку
    (?:доступн\w+|лише|тільки) (?:\w+ )?передплатник|оформ(?:іть|ити) передплату
    (?:solo|exclusivo|reservado) para suscriptores|suscríb(?:ete|ase) para (?:seguir|continuar|leer)|para seguir leyendo
    riservato agli abbonati|abbonati per (?:continuare|leggere)|per continuare a leggere
    (?:tylko|wyłącznie) dla (?:prenumerat|subskryb)|pozostało \d+ ?% (?:tekstu|artykułu)|kup dostęp
    (?:alleen|exclusief) voor (?:onze )?abonnees|verder lezen\?
    (?:exclusivo|só|apenas) para (?:assinantes|subscritores)|assine para (?:continuar|ler)
    (?:för|til|for) (?:dig som är )?(?:våra |vores |våre )?(?:prenumeranter|abonnenter)\b(?=.{0,80}(?:läs|læs|les|kun))
    bli prenumerant|vill du läsa hela|(?:kun|bare|endast|bara) (?:for|för) (?:abonnenter|prenumeranter)
    bliv abonnent|for å lese videre
    tilaa ja (?:jatka|lue)|(?:vain|on) tilaajille|jatka lukemista tilaa
    pouze pro předplatitele|předpla[ťt]\w* si a čt|len pre predplatiteľov
    μόνο για συνδρομητές|(?:doar|numai) (?:abonaților|pentru abonați)|abonează-te pentru a
    (?:yalnızca|sadece) (?:\w+ )?aboneler|devamını okumak için
    للمشتركين فقط|لمتابعة القراءة|לקריאת הכתבה המלאה|למנויים בלבד
    会員限定|有料会員|続きを読むには|이 기사는 유료|付费内容|订阅后(?:可)?阅读|訂閱後閱讀|会员专享
""")

# What stands beside a wall, and in the menu of a page without one.
PAYWALL_ASIDE = any_of(r"""
    already (?:a )?subscribe[rd]|bereits (?:\w+-)?abonnent|sie haben schon ein abo|déjà abonné|ya eres suscriptor
    sei già abbonato|már előfizető|уже подписан|вже передплат|уже передплат|já é assinante|al abonnee
    redan prenumerant|allerede abonnent|masz już prenumeratę|zaten abone
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
    (?:oops|whoops|uh-oh|hoppá|ups|oups)?\W*(?:that|this|the) page can(?:no|['’])t be found\W*
    (?:404\W*)?(?:siden|side) (?:blev ikke fundet|ble ikke funnet|ikke funnet|ikke fundet)\W*
    (?:404\W*)?sivua ei löyt\w+\W*|(?:404\W*)?stránka (?:nebyla nalezena|nenalezena|sa nenašla|neexistuje)\W*
    (?:404\W*)?pagina nu (?:a fost găsită|există)\W*|(?:404\W*)?η σελίδα δεν βρέθηκε\W*
    (?:404\W*)?(?:aradığınız )?sayfa (?:bulunamadı|mevcut değil)\W*
    (?:404\W*)?(?:お探しの)?ページが(?:見つかりません|存在しません)(?:でした)?\W*
    (?:404\W*)?페이지를 찾을 수 없습니다\W*
    (?:404\W*)?(?:页面|頁面|您访问的页面)(?:不存在|未找到|找不到)\W*|(?:404\W*)?الصفحة غير موجودة\W*
""")

# What such a page tells the reader, when its title is the outlet's.
NOT_FOUND_TEXT = any_of(r"""
    (?:page|story|article) (?:that )?you(?: are|['’]re| were| have)? (?:looking for|requested|trying to)
    nothing was found at this location|(?:couldn['’]t|could not|can['’]t) find (?:the|that) (?:page|story|article)
    (?:article|story|page) is no longer available
    (?:gesuchte|gewünschte|angeforderte|aufgerufene) (?:seite|artikel|inhalt)
    page que vous (?:cherchez|recherchez|demandez)|página que (?:busca|buscas|está buscando|procura)
    pagina che (?:stai cercando|cerchi|hai richiesto)|keresett (?:oldal|cikk|tartalom)
    такой страницы (?:не существует|нет)|запрашиваем\w+ (?:вами )?страниц|сторінк\w+, як[ау] ви шука
    stron\w+, której szukasz|pagina die (?:je|u) zoekt|sidan du (?:söker|letar)|siden du (?:leder|leter|søker)
    stránk\w+, kterou hledáte|aradığınız sayfa|お探しのページ|您(?:访问|查找|要找)的页面|الصفحة التي تبحث
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
