"""What a story file holds that is allowed and yet probably not meant. Pure; errors proper are story_file.py's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from extractors.story_file import Story


def slips(story: Story) -> Iterator[str]:
    """Each in one line: groups that decide nothing, groups that nothing can match, names and slugs given twice."""
    used = {group for rule in (*story.gates, *story.combinations) for group in _groups_of(rule.needs, rule.title_needs)}
    for aside in story.asides:
        used |= {*_groups_of(aside.title_needs), *aside.unless}
    for step in story.steps:
        if step.signs:
            used |= {*_groups_of(step.signs.needs, step.signs.title_needs)}
    for group, weight in story.weights.items():
        if group not in used and weight == 0 and not _hides(story, group):
            yield f"group {group!r} has no weight, stands in no rule, and hides no other stem: it does nothing"
    for what, names in (
        ("combination", [one.name for one in story.combinations]),
        ("gate", [one.name for one in story.gates]),
        ("aside", [one.name for one in story.asides]),
        ("step", [one.slug for one in story.steps]),
    ):
        for name, times in Counter(names).items():
            if times > 1:
                yield f"{what} {name!r} is there {times} times: decisions could not be told apart by it"
    for step in story.steps:
        if step.day < story.opens:
            yield f"step {step.slug!r} is before the story opens: no article can report it"


def _hides(story: Story, group: str) -> bool:
    """Whether a stem of the group is longer than one of another group that begins the same, and so takes its place."""
    others = [stem for stem, groups in story.index.groups_of.items() if group not in groups]
    mine = [stem for stem, groups in story.index.groups_of.items() if group in groups]
    return any(stem.startswith(other) for stem in mine for other in others)


def _groups_of(*needs: tuple[frozenset[str], ...]) -> Iterator[str]:
    for groups in (alternatives for one in needs for alternatives in one):
        yield from groups
