"""Sixty reports of one invented event around one quoted read-out, each in its own words, and paraphrases of them.

Made from a grammar: every fact can be told in several ways, each way has words to choose from, and every outlet has its
own choice and order of facts and an angle of its own. What they share is what independent reports share: the names, the
numbers and the read-out. Persons, places and outlets are invented; so is every sentence.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

READ_OUT = (
    "The two presidents agreed that their ministers will meet in Larnhaven before the end of the month to settle the "
    "passage of grain ships through the Strait of Oller. They underlined that no vessel under a neutral flag is to be "
    "stopped, searched or turned back while these talks go on, and that the joint inspection post at Cape Merrin "
    "resumes its work on Monday. President Tesh invited President Varga to visit the capital once the agreement is "
    "signed, an invitation that was accepted with thanks."
)


def _groups(part: str) -> tuple[tuple[str, ...], ...]:
    """The groups of lines of a part of readout.txt."""
    text = Path(__file__).with_suffix(".txt").read_text("utf-8")
    groups = text.partition(f"== {part}\n")[2].partition("\n== ")[0].split("\n\n")
    return tuple(tuple(group.strip().splitlines()) for group in groups if group.strip())


FACTS = _groups("facts")  # each in two or three ways
ANGLES = _groups("angles")  # sentences of which a report takes all
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
