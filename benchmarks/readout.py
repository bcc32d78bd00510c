"""Sixty reports of one invented event around one quoted read-out, each in its own words, and paraphrases of them.

Made from a grammar: every fact can be told in several ways, each way has words to choose from, and every outlet has its
own choice and order of facts and an angle of its own. What they share is what independent reports share: the names, the
numbers and the read-out. Persons, places and outlets are invented; so is every sentence.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

READ_OUT = (
    "The two presidents agreed that their ministers will meet in Larnhaven before the end of the month to settle the "
    "passage of grain ships through the Strait of Oller. They underlined that no vessel under a neutral flag is to be "
    "stopped, searched or turned back while these talks go on, and that the joint inspection post at Cape Merrin "
    "resumes its work on Monday. President Tesh invited President Varga to visit the capital once the agreement is "
    "signed, an invitation that was accepted with thanks."
)

# Each fact in two or three ways; in braces what may stand there.
FACTS: tuple[tuple[str, ...], ...] = (
    (
        "{Presidents Imre Tesh and Dolma Varga|Imre Tesh and Dolma Varga} {spoke by telephone|held a call} {on Tuesday night|late on Tuesday}, {their first conversation since March|the first time since March}.",
        "{After months of silence|For the first time since March}, Imre Tesh {picked up the phone to|rang} his {neighbour|counterpart} Dolma Varga {on Tuesday evening|as Tuesday ended}.",
        "A {telephone line|secure line} between {two palaces|two capitals} {that had been dead since March|unused since the spring} {rang again|came alive} on Tuesday, with Tesh at one end and Varga at the other.",
    ),
    (
        "The {conversation|exchange} {took|went on for} {ninety-four minutes|a little over an hour and a half}, {officials|aides} {said|let it be known}.",
        "{Aides had set aside|The diaries showed} {half an hour|thirty minutes}; {it became|they stayed on for} ninety-four.",
        "It was {past midnight in|long after dark in} Varga's {residence|office} when the {receivers went down|two hung up}, {ninety-four|some ninety} minutes {after they began|later}.",
    ),
    (
        "{Grain exporters|Shippers} {have lost|say they lost} {eleven cargoes|eleven shiploads} {since the spring|in five months} to {searches|boardings} in the {strait|narrows}.",
        "Eleven {ships laden with wheat|wheat carriers} have been {held up|detained} {in the narrow waters|between the two shores} {since spring came|this year}, {the shippers' league counts|by the count of the shippers' league}.",
        "{By the league's tally|According to its members}, the {wheat trade|corn trade} is eleven {hulls|cargoes} {poorer|down} {for it|because of boardings}.",
    ),
    (
        "{Defence minister|The minister of defence,} Pavo Lindqvar {was not on the call|did not take part}, {which some read as a sign|a detail that did not go unnoticed}.",
        "{Missing from the room|Nowhere to be seen} was Pavo Lindqvar, {who runs the army's budget|the minister for the army} and {who had called any talks premature|a sceptic of talks}.",
    ),
    (
        "{Wheat for delivery in autumn|Autumn wheat} {fell|slid} {four per cent|by four in the hundred} {on the Brasko exchange|in Brasko} {on the news|within the hour}.",
        "Traders in Brasko {did not wait|were quick}: {a tonne of wheat cost|prices were} four per cent {less|lower} {by lunch|at noon}.",
        "{The markets took it well|Relief showed in prices}, {wheat giving up|with wheat shedding} four per cent {in Brasko's pit|at Brasko}.",
    ),
    (
        "{The inspection post at|Inspectors at} Cape Merrin {closed|left} in {June|early summer} after {a shell fell|shellfire} {on its jetty|near the pier}.",
        "Cape Merrin has {stood empty|been without inspectors} since {a round struck the jetty|the jetty was hit} in June, {and nobody owned up|an incident never cleared up}.",
    ),
    (
        "{Larnhaven, a spa town|The spa town of Larnhaven}, {hosted the talks that ended the customs war|is where the customs war ended} {twelve years ago|in another decade}.",
        "{It will be familiar ground|There is precedent}: {a customs dispute was buried|an earlier quarrel over duties ended} in Larnhaven twelve years {back|ago}.",
        "{Hotels in Larnhaven|Larnhaven's innkeepers} {report|speak of} {bookings for forty rooms|forty rooms taken} {under government names|by the two ministries}.",
    ),
    (
        "{Opposition leader|The head of the opposition,} Sanna Okrent {called it|spoke of} {a photograph without a film|theatre} and {asked for the text|wants to see what was signed}.",
        "Not {everybody|all} {cheered|is won over}. Sanna Okrent, {who leads the opposition|of the opposition}, {would like to read|demands} {the small print|a text} {before she claps|first}.",
    ),
    (
        "{Neutral flags|Ships under neutral flags} {carry|make up} {two thirds of the traffic|two of three passages} through the {strait|Oller passage}.",
        "Of every three {hulls|vessels} that pass {the narrows|Oller}, two {sail for countries|belong to states} that {took no side|stand apart}.",
    ),
    (
        "{Insurers in|The underwriters of} Port Dessel {said they would wait|will keep their rates} {until the first convoy is through|for a first safe passage}.",
        "{Premiums will stay where they are|No cheaper cover yet}: Port Dessel's {insurers|underwriters} {believe in ships|trust arrivals}, {not in calls|and not promises}.",
        "{In Port Dessel|Among the brokers of Port Dessel}, where {hulls are insured|the risk is priced}, the {mood was|reaction stayed} {cool|cautious}.",
    ),
    (
        "{The bishop of|Bishop Aurel Nask of} Tamsin had {offered to mediate|carried letters} {between the two courts|in both directions} {since July|all summer}.",
        "{Letters went to and fro|Messages were carried} {through|by} Aurel Nask, {a bishop|the bishop of Tamsin}, {people close to the talks say|it emerged}, {all summer|for weeks}.",
    ),
    (
        "{Farmers in the Hollin plain|On the Hollin plain, growers} {have silos full|are out of storage} {to the roof|up to the hatches} {with last year's crop|of unsold barley}.",
        "{Unsold barley|Last year's barley} {fills every silo|lies in church halls} {of the Hollin plain|across Hollin}, {where the next harvest is weeks away|and a new harvest nears}.",
    ),
    (
        "{A frigate|The frigate Sturmvane} {that had blocked|lying across} the {northern lane|north channel} {weighed anchor|left} {at dawn on Wednesday|before sunrise}.",
        "{Fishermen saw|From the shore one could see} the Sturmvane {steam away|turn south} {at first light|early on Wednesday}; {the north channel is free|nothing bars the north channel now}.",
        "{By daybreak the warship was gone|Wednesday began without the warship}, {leaving|and with it the block on} the north channel {open|was lifted}.",
    ),
    (
        "{Two earlier dates|Meetings planned} for {April and June|spring and early summer} {fell through|came to nothing} over {who would sit at the head of the table|protocol}.",
        "{It would be the third try|Third time lucky, diplomats hope}: {April failed|an April date was dropped}, {June too|and so was one in June}, {over matters of rank|because of seating}.",
    ),
    (
        "{Polls|A survey by the Ansgar institute} {show six in ten voters|found 61 per cent} {in favour of|for} {a settlement|an end of the dispute} {even if it costs fees|whatever it costs}.",
        "{Voters are ahead of their leaders|The public has made up its mind}: {61 of a hundred|six of ten} {asked by the Ansgar institute|in Ansgar's latest sample} {want it settled|would sign tomorrow}.",
    ),
    (
        "{Dredging of the southern lane|The dredgers' work in the south} {is to cost|will take} {280 million crowns|280 million} and {lasts until 2031|seven years}.",
        "{A second lane further south|In the south a second channel} is {being dug|under way}; {the bill is|estimates speak of} 280 million crowns, {the end date 2031|and nobody expects it before 2031}.",
    ),
    (
        "{The river commission|Secretary Mele Aradin of the river commission} {will send observers|promised twelve observers} {if both sides ask|on request}.",
        "Twelve {observers|pairs of eyes} {stand ready|could leave in a day}, {says|according to} Mele Aradin, {who heads the river commission's office|secretary of the river commission}.",
    ),
    (
        "{Whether mines were laid|The question of mines} {in the shallows|off Gant island} {was not touched upon|stayed open}, {a naval officer said|according to the admiralty}.",
        "{On one thing both were silent|Of the mines nobody spoke}: {Gant island's shallows|the shallows around Gant} {may still hold some|have not been swept}, {the admiralty warns|sailors fear}.",
    ),
)

ANGLES: tuple[tuple[str, ...], ...] = (
    (
        "{At the quay|On our quay} {the cranes|three cranes} {have not moved|stood still} {for weeks|since Easter}, and {the night shift|half of the dockers} {went home|were sent on leave}.",
        "{A crane driver|One docker}, {thirty years in the trade|near his pension}, {shrugs|says he has heard it before}: {he will believe it|it counts} {when a hatch opens|once he hears the winch}.",
        "{The canteen|The harbour canteen} {serves|sells} {forty lunches|a third of the usual soups}, {down from|once it was} {two hundred|many more}.",
    ),
    (
        "{Bakers in town|Our bakers} {pay|are paying} {a fifth more|twenty per cent above last year} for {flour|their sacks}, {and pass on half of it|which shows at the counter}.",
        "{The mill at|The old mill of} {Sorrel bridge|Upper Kesten} {runs|grinds} {three days a week|on short time}, {its owner told us|says the miller}.",
        "{A loaf|Rye bread} {costs|went up to} {four crowns ten|more than four crowns} {this week|since Monday}; {in spring it was|it had been} {under three fifty|far less}.",
    ),
    (
        "{Lawyers|Students of maritime law} {point to|cite} {the convention of Averne|an old convention}, {which knows no search without cause|under which only contraband is searched}.",
        "{The court in|Judges at} {Nordmark|the court of Nordmark} {have three cases|has a bench of files} on it, {none of them decided|all adjourned}.",
        "{A ruling|Any judgment} {could bind|would apply to} {both|either} {in theory|on paper}; {neither has|nobody ever} {paid a fine|obeyed one} so far.",
    ),
    (
        "{What weighed more|The cause}, {say people in the ministry|we hear in the ministry}, {was money|is an empty treasury}: {the toll|transit fees} {brought|yielded} {nothing since May|no crown all summer}.",
        "{A loan|The loan of nine hundred million} {falls due|must be paid back} {in November|before winter}, {and lenders have asked questions|with lenders growing nervous}.",
        "{The central bank|Governor Edda Fross} {kept|left} {the rate|interest} {at six|unchanged}, {for now|with a word of warning}.",
    ),
    (
        "{My grandmother|An aunt of mine} {crossed|used to cross} {the strait|to the other side} {every Sunday|each week} {to sing in a choir|with eggs to sell}; {the boat is gone|there is no ferry now}.",
        "{Two peoples|Neighbours} {who share|with} {one cuisine|the same songs} {make poor enemies|should know better}, {and yet|but} {they manage|here we are}.",
        "{So permit me|Let me keep} {some doubt|a modest hope}: {a call|one evening} {mends little|is a beginning}, {silence|more shouting} {mends nothing|is worse}.",
    ),
    (
        "{Weather|A low from the west} {may decide|could yet upset} {the timetable|plans}: {gales are forecast|forecasters expect gales} {from Friday|at the week's end}.",
        "{Pilots|The pilots' guild} {will not board|refuse to work} {above force eight|in such seas}, {deal or no deal|whatever is signed}.",
        "{The buoys|Sixteen light buoys} {off Merrin|along the lane} {have drifted|are out of place} {since no crew serviced them|for want of care}.",
    ),
)

_CHOICE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Report:
    """A report, with what a paraphrase needs: which facts it tells, in order."""

    outlet: str
    text: str
    plan: tuple[int, ...]  # places in FACTS
    angle: int  # place in ANGLES


def reports(count: int = 60) -> tuple[Report, ...]:
    """`count` independent reports; the same ones every time."""
    return tuple(_report(number) for number in range(count))


def paraphrase(report: Report) -> str:
    """The same facts in the same order in other words, as a rewriter hands them in: the read-out cut short."""
    chance = random.Random(f"paraphrase of {report.outlet}")
    told = [_other(FACTS[place], report.text, chance) for place in report.plan]
    angle = [_other((way,), report.text, chance) for way in ANGLES[report.angle]]
    return "\n".join([*told, "The presidents' office published a short summary of what was said.", *angle])


def _report(number: int) -> Report:
    chance = random.Random(f"report {number}")
    plan = tuple(chance.sample(range(len(FACTS)), chance.randint(8, 12)))
    angle = chance.randrange(len(ANGLES))
    lines = [_told(chance.choice(FACTS[place]), chance) for place in plan]
    marks = chance.choice(["“”", "«»", '""', "„“"])
    lines.insert(chance.randint(1, 4), f"{marks[0]}{READ_OUT}{marks[1]}")
    lines += [_told(way, chance) for way in ANGLES[angle]]
    return Report(f"outlet-{number}.example", "\n".join(lines), plan, angle)


def _told(way: str, chance: random.Random) -> str:
    return _CHOICE.sub(lambda found: chance.choice(found[1].split("|")), way)


def _other(ways: tuple[str, ...], told: str, chance: random.Random) -> str:
    """A telling that `told` does not have, if there is one."""
    tries = [_told(chance.choice(ways), chance) for _ in range(8)]
    return next((one for one in tries if one not in told), tries[0])
