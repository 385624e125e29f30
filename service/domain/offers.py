"""What a user is offered who keeps saying the same: a setting that lasts, to be taken or left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.domain.matching import Mode, UnmatchableTerm, parse_term
from service.domain.mutes import MuteTarget, MuteType
from service.domain.not_interested import Entity, Push, by_entity, end_of_hide

_MUTE_OF = {
    Entity.TOPIC: MuteType.TOPIC,
    Entity.HASHTAG: MuteType.HASHTAG,
    Entity.SOUND: MuteType.SOUND,
}
_MODE_OF = {Entity.TOPIC: Mode.WORD, Entity.HASHTAG: Mode.TAG}


@dataclass(frozen=True, slots=True)
class OfferedFilter:
    """A keyword filter that would keep words out."""

    terms: tuple[str, ...]
    mode: Mode


@dataclass(frozen=True, slots=True)
class Offer:
    """A filter and a mute about something that three signals hid for a while.

    A sound has no words to filter, nor has a topic of a single letter: then there is a mute alone.
    """

    entity: Entity
    id: str
    keyword_filter: OfferedFilter | None
    mute: MuteTarget


def offers_from(pushes: Iterable[Push], now: datetime) -> Iterator[Offer]:
    """Offer something lasting about whatever repeated signals hide at ``now``."""
    for (entity, entity_id), about in by_entity(pushes).items():
        if entity in _MUTE_OF:
            hidden_until = end_of_hide([push for push in about if not push.weak])
            if hidden_until and now < hidden_until:
                yield _offer(entity, entity_id)


def _offer(entity: Entity, entity_id: str) -> Offer:
    return Offer(entity, entity_id, _filter_for(entity, entity_id), MuteTarget(_MUTE_OF[entity], entity_id))


def _filter_for(entity: Entity, entity_id: str) -> OfferedFilter | None:
    """Return a filter that looks for just this, whatever stars are in it; None where there can be no such filter."""
    mode = _MODE_OF.get(entity)
    if mode is None:
        return None
    term = entity_id.replace("*", "\\*")
    try:
        finds_it = parse_term(term, mode).text == entity_id
    except UnmatchableTerm:
        return None
    return OfferedFilter((term,), mode) if finds_it else None
