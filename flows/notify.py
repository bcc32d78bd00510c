"""Tells people what matters after a run: one message with all that is new, to each target that may be sent to now.

    Situation --news--> notices --put--> outbox (on the disk) --message, send--> targets --note--> outbox (on the disk)

Joins notices.py (what is new), outbox.py (what waits, and for when), outbox_file.py and sending.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows import outbox, sending
from flows.alarms import Bounds
from flows.notices import Notice, Rules, Situation, news
from flows.notify_settings import Kind, NotifySettings, scheme_of
from flows.outbox import Outbox
from flows.outbox_file import read_outbox, write_outbox
from warehouse import lock
from warehouse.connect import DataDir

TROUBLE = frozenset({Kind.RUN, Kind.DISK, Kind.SILENCE})


def rules_of(settings: NotifySettings) -> Rules:
    """From where on something matters, as the settings say."""
    return Rules(
        bounds=Bounds(
            spike_factor=settings.notify_spike_factor,
            spike_articles=settings.notify_spike_articles,
            silence_articles=settings.notify_silence_articles,
        ),
        feed_failures=settings.notify_feed_failures,
        disk_free_bytes=settings.notify_disk_free_bytes,
        disk_free_share=settings.notify_disk_free_share,
    )


def targets_of(settings: NotifySettings) -> dict[str, str]:
    """Digest -> URL of each target, in the order of the settings."""
    urls = [target.get_secret_value() for target in settings.notify_targets]
    return {outbox.digest_of(url): url for url in urls}


def labels_of(targets: Mapping[str, str]) -> dict[str, str]:
    """Digest -> what the target is called where people see it: its place in the settings and its scheme."""
    return {
        digest: f"target {place} ({scheme_of(url)})" for place, (digest, url) in enumerate(targets.items(), start=1)
    }


def tell(settings: NotifySettings, data_dir: DataDir, situation: Situation) -> list[Notice]:
    """Note what is new, and send what may be sent. Returns what is new. Without targets it is only noted.

    Raises WarehouseBusy while another run tells, whose next one will tell this, and OSError when nothing can be noted:
    then nothing is sent, for it would be sent again and again.
    """
    with lock.exclusive(data_dir.notify_lock_path, wait_seconds=0):
        before = read_outbox(data_dir)
        found, known = news(before.known, situation, rules_of(settings))
        targets = targets_of(settings)
        wanted = [notice for notice in found if notice.kind in settings.notify_kinds]
        after = outbox.put(outbox.for_targets(replace(before, known=known), labels_of(targets)), wanted)
        if after != before:
            write_outbox(data_dir, after)
        sent = _send_due(settings, after, targets, situation.now)
        if sent != after:
            write_outbox(data_dir, sent)
    return found


def _send_due(settings: NotifySettings, box: Outbox, targets: Mapping[str, str], now: datetime) -> Outbox:
    due = outbox.due(
        box,
        now,
        least=timedelta(minutes=settings.notify_least_minutes),
        quiet=settings.quiet_hours,
        zone=ZoneInfo(settings.notify_time_zone),
    )
    if not due:
        return box
    parcels = {}
    for digest in due:
        mailbox = box.mailboxes[digest]
        title, text = outbox.message(mailbox)
        is_trouble = any(notice.kind in TROUBLE for notice in mailbox.waiting)
        parcels[digest] = sending.Parcel(target=targets[digest], title=title, text=text, is_trouble=is_trouble)
    mailboxes = dict(box.mailboxes)
    for digest, error in sending.send_all(parcels).items():
        one = mailboxes[digest]
        mailboxes[digest] = outbox.not_delivered(one, error, now) if error else outbox.delivered(one, now)
    return replace(box, mailboxes=mailboxes)
