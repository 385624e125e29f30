"""A user takes all settings along, or brings them back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from service.domain.blocks import BLOCKS_PER_USER, Unblock, unblocked_at
from service.domain.consistency import Head
from service.domain.exports import Belongings, Export, export_of, term_list
from service.domain.import_plans import ImportMode, ImportPlan, ImportReport, plan_import
from service.domain.imports import Brought
from service.domain.mutes import MUTES_PER_USER
from service.domain.people import UserId
from service.domain.refusals import Refusal
from service.domain.signal_resets import counting_signals
from service.domain.topic_preferences import counting_preferences
from service.usecases.editing import Edited, editing
from service.usecases.ports import ImportUnderWay, Parts, SettingsEdit, SettingsReading

TRIES: Final = 3


class InvalidImport(Refusal):
    """Some rows cannot be used; nothing was imported."""

    code = "invalid-import"

    def __init__(self, report: ImportReport) -> None:
        rows = [{"row": each.row, "code": each.code, "reason": each.reason} for each in report.invalid]
        super().__init__(f"{len(rows)} rows cannot be used; nothing was imported.", invalid=rows)


def export_settings(parts: Parts, user_id: UserId) -> Export:
    """Return everything that a user chose, without loss."""
    with parts.settings.read(user_id) as settings:
        return export_of(_belongings(settings), parts.now())


def export_terms(parts: Parts, user_id: UserId) -> list[str]:
    """Return the terms of a user's filters alone."""
    with parts.settings.read(user_id) as settings:
        return list(term_list(_belongings(settings)))


def import_settings(
    parts: Parts,
    user_id: UserId,
    brought: Brought,
    mode: ImportMode,
    *,
    dry_run: bool = False,
) -> Edited[ImportReport]:
    """Bring settings back, wholly or not at all; a second time the same import changes nothing.

    What changes is worked out first, because whoever feels a changed block is locked together with the user. If
    another edit comes in between, it is worked out again.
    """
    for _ in range(TRIES):
        head, plan = _plan(parts, user_id, brought, mode)
        if dry_run:
            return Edited(plan.report, head)
        if plan.report.invalid:
            raise InvalidImport(plan.report)
        if plan.report.changes_nothing:
            return Edited(plan.report, head)
        with editing(parts, user_id, felt_by=plan.felt_by, alone=True) as settings:
            if settings.head.revision == head.revision + 1:
                _carry_out(settings, plan, parts.now())
                return Edited(plan.report, settings.head)
            settings.discard()
    raise ImportUnderWay


def _plan(parts: Parts, user_id: UserId, brought: Brought, mode: ImportMode) -> tuple[Head, ImportPlan]:
    with parts.settings.read(user_id) as settings:
        head = settings.head
        own, now = _belongings(settings), parts.now()
        plan = plan_import(own, brought, mode, revision=head.revision + 1, now=now, new_id=parts.new_id)
        _unblocks(settings, plan.blocks.removed, now)
    return head, plan


def _belongings(settings: SettingsReading) -> Belongings:
    signals, topics, resets = settings.signals.all(), settings.topic_preferences.all(), settings.resets.all()
    counting, sliders = counting_signals(signals, resets), counting_preferences(topics, resets)
    count, named = {each.id for each in counting}, {each.topic for each in sliders}
    return Belongings(
        keyword_filters=settings.keyword_filters.all(),
        allow_phrases=settings.allow_phrases.get().phrases,
        blocks=settings.blocks.page(BLOCKS_PER_USER, None),
        mutes=settings.mutes.page(MUTES_PER_USER, None),
        signals=counting,
        topic_preferences=sliders,
        comment_limits=settings.comment_limits.get(),
        post_limits=settings.post_limits.all(),
        signals_aside=[each for each in signals if each.id not in count],
        topics_aside=[each for each in topics if each.topic not in named],
        resets=resets,
    )


def _unblocks(settings: SettingsReading, people: Sequence[UserId], now: datetime) -> list[Unblock]:
    """Return what is remembered of whom an import unblocks; it is refused as often as each would be by hand."""
    before = settings.blocks.find_unblocks(*people)
    return [unblocked_at(now, each, before.get(each)) for each in people]


def _carry_out(settings: SettingsEdit, plan: ImportPlan, now: datetime) -> None:
    settings.keyword_filters.remove(*plan.filters.removed)
    settings.blocks.remove(*plan.blocks.removed)
    settings.blocks.note_unblocks(*_unblocks(settings, plan.blocks.removed, now))
    settings.mutes.remove(*plan.mutes.removed)
    settings.signals.remove(*plan.signals.removed)
    for each in plan.filters.put:
        settings.keyword_filters.put(each)
    settings.blocks.put(*plan.blocks.put)
    settings.mutes.put(*plan.mutes.put)
    settings.signals.put(*plan.signals.put)
    if plan.allow_phrases:
        settings.allow_phrases.put(plan.allow_phrases)
    if plan.comment_limits:
        settings.comment_limits.put(plan.comment_limits)
    settings.topic_preferences.remove(*plan.topics.removed)
    for topic in plan.topics.put:
        settings.topic_preferences.put(topic)
    settings.post_limits.remove(*plan.posts.removed)
    for post_id, limits in plan.posts.put:
        settings.post_limits.put(post_id, limits)
