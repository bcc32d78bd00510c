"""seeds/story.toml on invented texts: what is near the story and not of it, in several languages, and what is of it in
words that no sample has. Every text is made up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from extractors.records import Relevance
from extractors.story import Story, gate, load_story, score

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped() -> Story:
    return load_story(Path(__file__).parents[1] / "seeds" / "story.toml")


NEAR = [
    ("2025-10-14", "Two months on, what the Alaska summit left behind", "Trump and Putin met in Anchorage in August; "
     "the summit in Alaska brought no truce, and their aides have hardly met since."),
    ("2025-10-23", "EU-Gipfel in Brüssel ringt um eingefrorenes Vermögen", "Beim EU-Gipfel fehlte Ungarns Premier "
     "Orban zunächst. Die Staats- und Regierungschefs sprachen über Kredite für Kiew und über Energie aus Russland."),
    ("2025-10-30", "Trump and Xi agree on soybeans and rare earths in Busan",
     "The two leaders met for ninety minutes "
     "on the sidelines of the APEC summit. Trump said that they also spoke of the war in Ukraine and of Putin."),
    ("2025-10-24", "Oil majors count the cost of new sanctions",
     "Refiners in Asia suspend purchases after Washington "
     "listed Rosneft and Lukoil. Trump wants to cut what Putin earns, traders in three ports said."),
    ("2025-10-20", "Будапешт отметил годовщину восстания",
     "В столице Венгрии прошли шествия. Орбан выступил на площади "
     "и говорил о пенсиях, ценах и выборах будущей весной."),
    ("2025-10-21", "Elindult az új villamosvonal Budapesten", "A főváros vezetése szerint a beruházás határidőre "
     "elkészült; Orbán Viktor nem vett részt az átadáson."),
    ("2025-10-19", "La capitale hongroise mise sur ses bains", "Budapest attire les visiteurs d'automne : bains, "
     "musées, cuisine et promenades au bord du Danube."),
    ("2025-11-08", "Hungary keeps its oil: a year without sanctions", "After Orbán's visit to Washington Trump "
     "exempted Hungary from the sanctions on Russian oil and gas."),
    ("2025-11-24", "Genfer Gespräche über 28 Punkte",
     "In Genf verhandelten Rubio und Jermak über den Plan von Witkoff; "
     "Trump setzte eine Frist, Putin will den Text als Grundlage nehmen."),
    ("2025-11-28", "Orbán visita Moscú en busca de gas", "El primer ministro de Hungría se reunió con Putin en el "
     "Kremlin y habló de petróleo y gas; en noviembre había visitado a Trump."),
    ("2025-12-03", "Pięć godzin w Moskwie bez porozumienia", "Witkoff i Kushner rozmawiali z Putinem o planie. "
     "Trump powiedział, że rozmowy były dobre, spotkanie prezydentów nie jest planowane."),
    ("2025-12-29", "Trump e Putin falam ao telefone",
     "A conversa durou uma hora, disse Ushakov; falaram da Ucrânia e "
     "de um plano de vinte pontos."),
    ("2025-10-22", "1994 and the price of a promise", "Under the Budapest Memorandum Ukraine gave up its warheads. "
     "A museum in Kyiv shows the signed pages of 1994."),
    ("2025-10-18", "首脳会談は東京で", "日本の首相とトランプ大統領の首脳会談が月末に東京で開かれる。"),
    ("2025-10-28", "Încă puțin până la iarnă", "Trump, prețurile și gazele: cu puțin efort, spune Orbán la telefon, "
     "Ungaria are destule rezerve."),
    ("2025-10-14", "À Charm el-Cheikh, Trump félicite Orban", "Au sommet sur Gaza il a loué le chef du gouvernement "
     "hongrois et lui a souhaité de gagner les élections."),
    ("2025-10-20", "EU-Staaten beschließen Ausstieg aus russischem Gas", "Ungarns Außenminister Szijjarto sprach von "
     "einem Angriff auf sein Land; der Präsident des Rates widersprach ihm beim Treffen."),
    ("2025-10-20", "ضبط المجرمين في مطار موسكو", "أوقفت الشرطة الروسية شبكة تهريب، وسيزور الرئيس المطار."),
    ("2025-10-25", "川普抵達馬來西亞出席峰會", "川普在東協峰會見證停火協議，隨後前往日本和韓國。"),
]  # fmt: skip

OF_IT = [
    ("2025-10-16", "Ông Trump và ông Putin sẽ gặp nhau",
     "Sau cuộc điện đàm, ông Trump cho biết sẽ gặp ông Putin ở Budapest."),
    ("2025-10-17", "Trump ja Putin tapaavat Unkarissa", "Presidentit tapaavat Budapestissa kahden viikon sisällä."),
    ("2025-10-17", "Trump og Putin til Ungarn", "Kreml bekrefter at de to skal møtes i Budapest."),
    ("2025-10-17", "Trumpas ir Putinas susitiks Budapešte", "Apie tai pranešta po pokalbio telefonu."),
    ("2025-10-17", "Tramps un Putins tiksies Budapeštā", "Pēc telefonsarunas paziņots par samitu Ungārijā."),
    ("2025-10-18", "Trump dan Putin akan bertemu di Budapest", "Pertemuan puncak direncanakan dalam dua pekan."),
    ("2025-10-22", "Трамп и Путин няма да се срещнат в Будапеща", "Белият дом отложи срещата на върха."),
    ("2025-10-22", "Шта сада са самитом у Будимпешти?", "Трамп је одустао од сусрета са Путином."),
    ("2025-10-22", "ट्रंप ने पुतिन से मुलाकात टाली", "बुडापेस्ट में होने वाला शिखर सम्मेलन अब नहीं होगा।"),
    ("2025-10-22", "트럼프, 푸틴과 회담 취소", "부다페스트에서 만날 계획이었다고 백악관이 밝혔다."),
    ("2025-10-22", "トランプ氏、プーチン氏との会談を見送り", "ブダペストでの首脳会談は実現しない見通し。"),
    ("2025-10-21", "Polska ostrzega: samolot Putina",
     "Nad Polską nie poleci bezpiecznie, jeśli wybierze się na Węgry."),
    ("2025-10-18", "Hága szerint le kellene tartóztatni",
     "Putyin budapesti látogatása miatt elfogatóparancsra hivatkoznak."),
    ("2025-10-31", "Zwei Minister, ein Telefonat, kein Gipfel",
     "Nach dem Gespräch von Lawrow und Rubio platzte das Treffen."),
    ("2025-10-18", "Komitet już pracuje", "Trwają przygotowania do przyjęcia gości z Ameryki i Rosji. Orban rozmawiał "
     "z oboma przywódcami."),
    ("2025-10-17", "Orbán legt de loper uit", "De Hongaarse premier wil de Russische en de Amerikaanse president "
     "graag ontvangen."),
    ("2025-10-20", "Ένταλμα και εναέριος χώρος", "Πώς θα πετάξει ο Ρώσος πρόεδρος ως τη Βουδαπέστη;"),
    ("2025-10-20", "Kallas är missnöjd", "Den efterlyste ryske presidenten ska få komma till den ungerska "
     "huvudstaden."),
    ("2025-10-22", "Casa Albă pune planurile pe pauză", "Președintele american nu mai vrea să discute acum cu liderul "
     "de la Kremlin în capitala Ungariei."),
    ("2025-10-22", "הבית הלבן הקפיא את המפגש", "נשיא רוסיה לא יגיע בקרוב להונגריה, אמר טראמפ."),
    ("2025-10-22", "സമയം കളയാനില്ല", "പുടിനുമായുള്ള ഹംഗറിയിലെ കൂടിക്കാഴ്ച ട്രംപ് മാറ്റിവച്ചു."),
    ("2025-11-13", "Пєсков: саміт у Будапешті ще можливий", "Зустріч Путіна і Трампа відклали, але не скасували."),
]  # fmt: skip


@pytest.mark.parametrize(("day", "title", "text"), NEAR)
def test_what_is_near_the_story_is_off(shipped: Story, day: str, title: str, text: str) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    match = score(shipped, title=title, text=text, published_at=at, now=NOW)
    assert match.relevance is Relevance.OFF, match


@pytest.mark.parametrize(("day", "title", "text"), OF_IT)
def test_what_is_of_the_story_is_found_in_languages_with_few_samples(
    shipped: Story, day: str, title: str, text: str
) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert gate(shipped, title=title, summary=text, published_at=at, now=NOW).relevance is not Relevance.OFF
    match = score(shipped, title=title, text=text, published_at=at, now=NOW)
    assert match.relevance is not Relevance.OFF, match


def test_alaska_and_gaza_in_the_background_do_not_veto(shipped: Story) -> None:
    text = (
        "Trump will meet Putin in Budapest, he said after their call. They last met in Alaska. He had come back from "
        "Sharm el-Sheikh, where the deal on Gaza was signed, and spoke of Hamas, Geneva and Helsinki as well."
    )
    neutral = text.replace("Alaska", "August").replace("Sharm el-Sheikh", "the coast of Egypt").replace("Gaza", "truce")
    neutral = neutral.replace("Hamas, Geneva and Helsinki", "tariffs, ships and soybeans")
    at = datetime(2025, 10, 17, tzinfo=UTC)
    plain = score(shipped, title="", text=neutral, published_at=at, now=NOW)
    crowded = score(shipped, title="", text=text, published_at=at, now=NOW)
    assert crowded.relevance is plain.relevance is Relevance.CORE
    assert crowded.score < plain.score


STEPS = [
    ("2025-10-16", "Putin and Trump plan to meet in Budapest after a two-hour call", {"call", "announcement"}),
    ("2025-10-21", "White House: no plans for a Trump-Putin meeting in the immediate future", {"postponement"}),
    ("2025-10-22", "Trump says that he has cancelled the meeting with Putin", {"cancellation"}),
    ("2025-10-22", "Trump und Putin: Gipfel in Budapest abgesagt", {"cancellation"}),
    ("2025-10-22", "Трамп отменил встречу с Путиным в Будапеште", {"cancellation"}),
    ("2025-10-22", "Встречу Трампа и Путина в Будапеште отложили", {"postponement"}),
    ("2025-10-21", "Meeting of Trump and Putin put off: he wants no wasted meeting", {"postponement"}),
    ("2025-10-22", "Treffen von Trump und Putin verschoben: keine Zeitverschwendung", {"postponement"}),
    ("2025-10-22", "Встречу Трампа и Путина отложили, чтобы не тратить время", {"postponement"}),
    ("2025-10-31", "FT: memo from Moscow ended the Trump-Putin summit before it was cancelled", {"memo-reported"}),
    ("2025-11-07", "Orbán at the White House: Trump would still meet Putin in Budapest", {"orban-in-washington"}),
]


@pytest.mark.parametrize(("day", "title", "steps"), STEPS)
def test_planned_postponed_and_cancelled_are_told_apart(shipped: Story, day: str, title: str, steps: set[str]) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    match = score(shipped, title=title, text=title, published_at=at, now=NOW)
    assert match.relevance is Relevance.CORE
    assert set(match.steps) == steps


BACKGROUND = [
    ("2025-10-18", "Зеленський повернувся без «Томагавків»", "Напередодні Трамп говорив із Путіним і "
     "домовився про зустріч у Будапешті."),
    ("2025-11-08", "Орбан выпросил у Вашингтона исключение", "О саммите Трамп сказал, что выбрал бы для беседы с "
     "Путиным снова Будапешт."),
    ("2025-11-01", "Un padre y sus reproches", "Habló también de la cumbre de Trump y Putin en Budapest, cancelada en "
     "octubre."),
]  # fmt: skip


@pytest.mark.parametrize(("day", "title", "text"), BACKGROUND)
def test_what_its_title_says_to_be_of_something_else_is_related(
    shipped: Story, day: str, title: str, text: str
) -> None:
    at = datetime.fromisoformat(day).replace(tzinfo=UTC)
    assert score(shipped, title=title, text=text, published_at=at, now=NOW).relevance is Relevance.RELATED


def test_what_is_only_its_background_is_related(shipped: Story) -> None:
    at = datetime(2025, 11, 8, tzinfo=UTC)
    title = "Oil for Hungary: Trump exempts Orban"
    text = "The summit with Putin in Budapest, which Trump had put off in October, came up as well."
    match = score(shipped, title=title, text=text, published_at=at, now=NOW)
    assert (match.relevance, match.steps) == (Relevance.RELATED, ())
