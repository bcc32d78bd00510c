"""What lines in an article's text say that are not the article, by language: data for the rules of article_lines.py.

Written by us from how outlets address their readers. One phrase per line, a regular expression without regard to case.
A label is all of a line; a lead-in begins one; a call may stand anywhere in a short line.
"""

from __future__ import annotations

from extractors.page_phrases import any_of

# A line that is only this: buttons, names of boxes, notes of the page about itself.
LABEL = any_of(r"""
    (?:\d+ )?comments?(?: \(\d+\))?|leave a (?:comment|reply)|join the conversation|tell us what you think
    share(?: this)?(?: (?:article|story|page))?(?: (?:on|via) .{2,20})?|share (?:on|via) .{2,20}|tweet|e-?mail
    print(?: article)?|copy link|order reprints
    advertisement(?: \d+)?|story continues below(?: advertisement)?|article continues (?:below|after .*)
    (?:article content|recommended videos?|popular|trending|most (?:read|popular)|related|tags|embed|topics)
    read (?:more|next|also)|see (?:more|also)|more(?: info(?:rmation)?)?|don['’]t miss
    subscribe(?: now)?|sign up(?: now)?|sign in|log in|thank you(?: for subscribing)?
    an error has occurred,? please try again later
    kommentare?|teilen|drucken|merken|anzeige|werbung|hauptinhalt|mehr infos|auch interessant|lesen sie auch
    mehr zum thema|link zum .{2,30}-inhalt|lädt
    (?:jetzt )?(?:abonnieren|anmelden|kommentieren)|kommentar (?:schreiben|verfassen)
    commentaires?|partager|imprimer|publicité|passer la publicité|(?:à )?lire aussi|à lire|voir aussi|copier le lien
    s['’]abonner
    comentarios?|compartir|publicidad|imprimir|noticias? relacionadas?|lee también|te puede interesar|suscr[ií]bete
    copiar enlace
    (?:commenti|condividi|pubblicità|stampa|leggi anche|iscriviti|abbonati|copia link)
    (?:comentários?|compartilh(?:e|ar)|publicidade|leia (?:mais|também)|assine(?: já)?)
    (?:reacties?|delen|advertentie|lees (?:ook|meer|verder))
    (?:komentarze|udostępnij|reklama|czytaj (?:też|także|więcej)|zobacz (?:też|także))
    (?:komentáře|sdílet|čtěte (?:také|též)|mohlo by vás zajímat)
    hozzászólás(?:ok)?|megosztás|hirdetés|olvassa el(?: ezt is)?|kapcsolódó (?:cikkek|anyagok)|kövess(?:en)? minket
    iratkozz(?:on)? fel|feliratkozás
    комментари[ий]|комментировать|поделиться|реклама|читайте также|читать (?:далее|также|ещё|еще)|подписаться
    подпишитесь|смотрите также|по теме
    коментар[іи]|коментувати|поділитися|реклама|читайте також|читати (?:далі|також)|підписатися|підпишіться
    дивіться також
    (?:yorumlar?|paylaş|reklam|kommentarer|dela|annons|läs (?:mer|också)|les også)
    (?:コメント|シェア|関連記事|続きを読む|댓글|공유|관련기사|广告|分享|评论|相关阅读)
""")

# How a line begins that sends the reader to another page; a colon, a bar or a dash follows.
LEAD_IN = any_of(r"""
    (?:also )?read(?: more| next| also| on)?|also read|see (?:also|more)
    related(?: (?:article|story|stories|video|coverage|content))?|recommended|more(?: on this| from .{2,30})?
    watch(?: more| also)|in case you missed it|don['’]t miss
    mehr(?: zum thema| dazu)?|lesen sie (?:auch|hier|mehr|dazu)|lesen sie (?:auch|mehr) (?:dazu|zum thema)
    auch interessant|das könnte sie auch interessieren|passend dazu
    (?:à )?lire (?:aussi|également)|voir aussi|à voir aussi|notre dossier
    (?:lee|leer|vea|ver) (?:también|más|además)|más (?:información|noticias)|te puede interesar
    leggi anche(?: su)?|guarda anche|per approfondire
    leia (?:mais|também)|veja (?:mais|também)|saiba mais
    lees (?:ook|meer|verder)|bekijk ook|czytaj (?:też|także|więcej)|zobacz (?:też|także|również)
    čtěte (?:také|též|více)|mohlo by vás zajímat
    olvassa el(?: ezt is)?|olvasd el(?: ezt is)?|kapcsolódó|ezt is (?:olvassa|olvasd) el|további részletek
    читайте (?:также|далее|ещё|еще|по теме)|читать (?:также|далее|ещё|еще)|смотрите также|ранее по теме|по теме
    подробнее
    читайте (?:також|далі|ще)|дивіться також|докладніше|більше за темою
    läs (?:mer|också|även)|les (?:mer|også)|læs (?:mere|også)|lue (?:myös|lisää)|citește și|прочетете още
    ayrıca (?:oku|bakınız)
    関連記事|あわせて読みたい|관련기사|相关阅读|延伸閱讀
""")

# Where outlets can be followed.
_NETWORK = r"(?:facebook|twitter|x\b|instagram|telegram|whatsapp|youtube|google|linkedin|bluesky|tiktok)"

# What a short line says that asks the reader for something or speaks for the page: to subscribe, to follow, to write,
# to agree, to pay; or that says whose the page is.
CALL = any_of(
    r"""
    \b(?:subscrib(?:e|ing)|sign(?:ing)? up|register) .{0,60}\bnewsletters?\b
    \b(?:subscrib(?:e|ing)|sign(?:ing)? up|register) .{0,60}\b(?:our|e-?mail|news) (?:e-?mails?|updates|alerts)\b
    \b(?:subscrib(?:e|ing)|sign(?:ing)? up|register) .{0,60}\b(?:premium|podcast|channel|breaking news)\b
    \b(?:click|tap) here (?:to|for)\b|^(?:click|tap) (?:the (?:link|button)|below) (?:to|for)\b
    (?:^|[^\w\s] ?|\b(?:and|or|to|please) )follow (?:[\w.@’'-]+ ){1,4}(?:on|at|via) (?:\w+ (?:and|or) )?NETWORK
    \b(?:delivered|sent|straight) .{0,20}\b(?:to|into|through) your (?:inbox|e-?mail|phone|letterbox)\b
    \bin your inbox\b
    ^get (?:the|our|daily|all|more|real-time|breaking) .{0,60}(?:news|updates|headlines|newsletter|alerts|insights?)\b
    \bjoin our (?:commenting forum|conversation|discussion|whatsapp|telegram|facebook|community)\b
    ^join the (?:conversation|discussion)\b
    \bjoin thought-provoking conversations\b
    \b(?:bookmark|save) (?:this|your favou?rite) articles?\b|\bpremium subscription today\b
    (?:^|\b(?:please|must|need to) )(?:log ?in|sign in|create an account|register)\b.{0,40}\bto (?:read|post|save)\b
    (?:^|\b(?:please|must|need to) )(?:log ?in|sign in|register)\b.{0,40}\bto (?:continue|comment|reply)\b
    \b(?:log ?in|logout)\b.{0,60}\bdisplay name\b
    \bdisplay name before commenting\b
    \bthis (?:article|story|post|newsletter)\b.{0,40}\b(?:affiliate|a commission)\b
    \b(?:we|may|might) (?:earn|receive|get) (?:an? )?(?:affiliate |small )?(?:commission|share of (?:the )?sales?)\b
    \bbuying through us\b
    ^(?:e-?mail|contact|write to|reach) .{2,60}(?: at)? [^\s@]+@[\w-]+\.\w
    \b(?:get in touch|contact) (?:with )?(?:us|our) ?(?:\w+ ){0,3}(?:at|by|on|via|team)\b
    ^contact the (?:author|editor|newsroom|news team)\b
    \bdo you have a (?:story|tip)\b|\bhave a (?:story|tip) (?:for|to)\b
    \bsupport (?:our|independent|quality) (?:journalism|reporting)\b|\bdonate (?:now|today|here)\b
    \bstay (?:informed|tuned|connected) with\b
    \bdownload (?:our|the) (?:\w+ ){0,3}app\b|\bavailable on the app store\b
    \bpreferred source\b.{0,80}\b(?:news|feed)
    \bnewsletter (?:abonnieren|anmelden|bestellen)
    \b(?:abonnieren|bestellen) sie .{0,40}(?:newsletter|podcast|kanal)|\bmelden sie sich .{0,40}(?:newsletter|an)\b
    \bnewsletter\b.{0,30}\bhier (?:entlang|anmelden)|\bunseren? .{0,30}newsletter
    \bfolgen sie uns\b|\buns (?:auch )?auf NETWORK\b|\bauf NETWORK (?:folgen|abonnieren)$
    \bhier geht es zur? (?:neuen )?.{0,20}app\b|\b(?:uns|auch) bei social media\b(?! \w)
    \b(?:e-?paper|news) .{0,20}in einer app\b|^[-•–] ?push-nachrichten\b
    \bmit .{0,20} markierten links\b|\baffiliate-links?\b
    \berhalten wir (?:eine (?:kleine )?(?:provision|vergütung)|ggf)|\bunterstützen sie uns\b
    \bhat ihnen (?:dieser|der) artikel gefallen\b|\bmüssen nicht (?:der|die) meinung der redaktion\b
    \b(?:melden|markieren) sie .{0,60}(?:fehler|wörter)
    ^(?:.{0,20}\W)?abonnez-vous (?:à notre|à nos|pour|maintenant)\b
    \b(?:abonnez-vous|inscrivez-vous) à (?:la|notre|nos) .{0,20}(?:newsletter|lettre)
    \bsuivez-nous sur NETWORK
    \brecevez .{0,40}(?:newsletter|lettre|actualité)|\bréservée? aux abonnés$
    \bil vous reste .{0,12}% de cet article\b
    \bsuscr[ií]b(?:ete|ase) (?:a|para|en)\b|\bs[ií]g(?:ue|a)nos (?:en|a través|por)\b
    \bsolo para suscriptores\b|\b(?:tu|su) suscripción (?:se|a la|está)\b|\bcompartir tu cuenta\b
    \busando tu cuenta\b|\botro usuario a tu suscripción\b
    \biscriviti (?:alla|al|per|subito)\b|\bseguici (?:anche )?su NETWORK|^abbonati (?:per|a|subito)\b
    ^(?:assine|inscreva-se|cadastre-se) (?:a|o|no|na|em|para)\b|\bsiga-nos (?:n[oa]s?|em)\b
    ^siga (?:o|a|os|as) .{2,30} n[oa]s? NETWORK
    \bcomentários com\b
    \b(?:schrijf je in|meld je aan) (?:op|voor) .{0,30}nieuwsbrie|\bvolg ons (?:op|via) NETWORK
    \bzapisz się (?:na|do) .{0,30}newsletter|\bobserwuj nas\b|\bpřihlaste se k (?:odběru|newsletteru)|\bsledujte nás\b
    \biratkoz(?:z|zon) fel\b|\bkövess(?:en)? (?:minket|bennünket)\b|\b(?:fizess|fizessen) elő\b
    \btámogass(?:a)? (?:a |az )?(?:munkánkat|lapunkat)\b
    \bcsatlakozz(?:on)? (?:hozzánk|(?:a )?(?:facebook|telegram|viber|whatsapp|\w+unk).{0,20}(?:csoport|oldal|csatorn))
    \bподпи(?:шитесь|сывайтесь|шись) на\b|^подписаться на\b|\bследите за (?:нами|новостями|нашими)\b|\bчитайте нас\b
    \bв нашем (?:(?:telegram|телеграм|whatsapp)|\w+-?канал)|^наш (?:telegram|телеграм)-?(?:канал|чат)
    ^нашли (?:ошибку|опечатку)(?:\?|.{0,40}(?:выделите|ctrl))|\bctrl ?\+ ?enter\b|\bоставьте комментарий\b
    \bпідпи(?:шіться|суйтесь|суйтеся|шись) на\b|^підписатися на\b|\bслідкуйте за (?:нами|новинами|нашими)\b
    \bчитайте нас\b
    \bу нашому (?:(?:telegram|телеграм|whatsapp)|\w+-?канал)|^знайшли помилку(?:\?|.{0,40}(?:виділіть|ctrl))
    \bзалиште коментар\b
    ^prenumerera på\b|\bprenumerera på .{0,20}nyhetsbrev|\bfölj oss\b|\babone ol(?:un|mak için)?$
    \babone olmak için\b|\bbizi takip edin\b|\baboneler(?:e|imize) sunulan\b
    \babonnez vous\b|\bchannel ko follow\b
    (?:会員登録|メルマガ登録|メルマガの登録)(?:は|は、)?(?:こちら|する|して)|구독하기|订阅我们|關注我們
""".replace("NETWORK", _NETWORK)
)

# The heading over what else the outlet has to offer, at the end of a page. Headings that also stand within articles
# ("Read also", "Don't miss") are labels: cutting at those took the rest of six articles away.
RELATED = any_of(r"""
    you (?:may|might) (?:also )?(?:like|be interested in)
    more (?:from|stories|news|headlines|top stories|to (?:read|explore))(?: .{2,40})?
    related (?:articles?|stories|content|posts|topics|coverage|links)|recommended (?:for you|stories|articles)
    around the web|top stories|what to read next
    (?:most (?:read|popular|viewed|shared)|popular (?:on|in|stories|posts|articles))(?: .{2,30})?
    latest (?:news|stories|headlines)(?: .{2,30})?
    trending(?: now| stories)|editors?['’]? picks?
    from our partners|sponsored (?:content|stories|links)|something to consider|enjoying our latest content
    das könnte (?:sie|dich) auch interessieren|weitere (?:artikel|themen|nachrichten|meldungen)(?: .{2,30})?
    ähnliche (?:artikel|themen|beiträge)|meistgelesen(?:e artikel)?|verwandte (?:themen|artikel)
    mehr (?:themen|artikel|nachrichten)(?: .{2,40})?
    sur le même (?:sujet|thème)|articles? (?:liés|similaires|associés)|les plus lus|nos lecteurs ont lu ensuite
    también te puede interesar|noticias relacionadas|artículos relacionados|lo más (?:leído|visto)
    potrebbe(?:ro)? interessarti(?: anche)?|articoli correlati|i più letti
    notícias relacionadas|artigos relacionados|mais lidas|você (?:também )?pode gostar
    gerelateerde (?:artikelen|berichten)|meest gelezen
    powiązane (?:artykuły|tematy)|najczęściej czytane|související (?:články|témata)|nejčtenější|mest (?:läst|lest)
    ilgili haberler|çok okunanlar
    kapcsolódó (?:cikkek|cikkeink|anyagok|hírek|tartalmak?)|ez(?:ek)? is érdekelhet(?:i|nek)?(?: .{0,20})?
    további (?:cikkek|hírek|cikkeink)(?: .{2,30})?|legolvasottabb(?:ak)?|ajánlott cikkek|hasonló cikkek
    (?:другие |главные |последние )новости(?: .{2,30})?|похожие (?:материалы|новости|статьи)|самое читаемое
    новости партн[её]ров|материалы по теме
    (?:інші |головні |останні )новини(?: .{2,30})?|схожі (?:матеріали|новини|статті)|найпопулярніше|новини партнерів
    матеріали за темою
    おすすめ記事|많이 본 (?:기사|뉴스)|推荐阅读
""")

# A line with one of these is a sentence about a report, and not the name of who wrote it.
_VERB = r"\b(?:ha[sd]|have|was|were|is|are|would|will|that|how|show\w*|suggest\w*|sa(?:id|ys)|f(?:ou|i)nds?)\b"

# Who took the picture, who else reported, whose wire it was: a line of its own, most often the last.
CREDIT = any_of(rf"""
    (?!.*{_VERB})(?:with )?(?:additional )?(?:reporting(?: and writing)?|files) (?:by|from) .*
    .{{0,80}}\bcontributed (?:reporting|to this (?:report|story|article)).*
    associated press (?:writers?|reporters?) .*contributed.*|mit (?:dpa|afp|reuters|material).{{0,20}}
    (?:foto|photo|image|bild|credit|photo credit|fotó|фото)s?\s*:.{{0,40}}
    (?:foto|photo|image|bild|credit|photo credit|fotó|фото)s?\s*:.{{0,80}}(?:/|©|getty|reuters|\bafp|dpa|epa).*
""")

# What a line that gives nothing but a date or a reading time is made of, beside digits.
DATE_WORD = any_of(r"""
    \d+(?:h|st|nd|rd|th|[ap]m|min)|[ap]\.?m|h|uhr|klo?|às|kell|kl|hod|ora?|ore|hrs?|t|z|gmt|utc|ce?st|ist|jst|e[ds]t
    p[ds]t|bst|eet|msk|мск
    (?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag
    samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so
    lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|lunedì
    martedì|mercoledì|giovedì|venerdì|sabato|domenica|segunda|terça|quarta|quinta|sexta|feira
    hétfő|kedd|szerda|csütörtök|péntek|szombat|vasárnap|понедельник|вторник|среда|четверг|пятница|суббота
    воскресенье|понеділок|вівторок|середа|п['’]?ятниця|субота|неділя|poniedziałek|wtorek|środa|czwartek|piątek
    sobota|niedziela
    jan(?:uary|uar|uari|vier|eiro|uár)?|feb(?:ruary|ruar|ruari|ruár|rero|braio)?|février|fevereiro
    mar(?:ch|z|zo|ço|s)?|märz|maart|március|apr(?:il|ile)?|avril|abril|április|may|mai|maio|mayo|mei|maggio|május
    jun(?:e|i|ho|io)?|juin|giugno|június|jul(?:y|i|ho|io)?|juillet|luglio|július|aug(?:ust|ustus|usztus)?|août
    agosto
    sept?(?:ember|embre|iembre|tembre)?|setembro|szeptember|o[ck]t(?:ober|obre|ubre|óber)?|ottobre|outubro
    nov(?:ember|embre|iembre|embro)?|de[cz](?:ember|embre|embro)?|décembre|diciembre|dicembre
    (?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)[ья]|марта?|ма[йя]|августа?|січня|лютого|березня
    квітня|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня
    ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|stycznia|lutego|marca|kwietnia|maja
    czerwca|lipca|sierpnia|września|października|listopada|grudnia
    published|updated|posted|last|on|at|of|the|modified|first|stand|aktualisiert|veröffentlicht|am|um|vom|den|der
    publié|mis|jour|le|à|et|publicado|actualizado|el|de|a|las|del|pubblicato|aggiornato|il|alle|em|publicerad
    uppdaterad|güncelleme|giriş|tarihi
    közzétéve|frissítve|megjelent|opublikowano|aktualizacja|опубликовано|обновлено|в|г|года|оновлено|опубліковано|о
    р|року|기사입력|입력|수정|年|月|日
    min|mins|minutes?|minuten|minuto?s?|minut[aiy]?|perc|мин(?:ут[аы]?)?|хв(?:илин[аи]?)?|read(?:ing)?|time|lesezeit
    lecture|temps|tempo|tiempo|leitura|lectura|lettura|di|olvasás(?:i idő)?|чтени[ея]|читання|время|час
""")
