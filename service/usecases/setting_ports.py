"""What the stories need of each kind of setting, within one user's."""

from typing import Protocol

from service.domain.allow_phrases import AllowPhrases
from service.domain.blocks import Block, Unblock
from service.domain.changes import Changed, Place
from service.domain.keyword_filters import KeywordFilter
from service.domain.mutes import Mute, MuteTarget
from service.domain.not_interested import Signal, UndoneSignal
from service.domain.paging import Position
from service.domain.people import UserId
from service.domain.signal_resets import Reset
from service.domain.topic_preferences import TopicPreference


class KeywordFilterStore(Protocol):
    """One user's keyword filters."""

    def all(self) -> list[KeywordFilter]:
        """Return every filter, newest first."""

    def page(self, limit: int, after: Position | None) -> list[KeywordFilter]:
        """Return up to ``limit`` filters that stand after a position, newest first."""

    def find(self, filter_id: str) -> KeywordFilter | None:
        """Return the filter of that id."""

    def put(self, keyword_filter: KeywordFilter) -> None:
        """Keep a filter in place of whatever had its id."""

    def remove(self, *filter_ids: str) -> bool:
        """Forget filters; tell whether there was one."""


class AllowPhraseStore(Protocol):
    """One user's exceptions to keyword filters."""

    def get(self) -> AllowPhrases:
        """Return the phrases; those of somebody who never chose any are none, at revision 0."""

    def put(self, phrases: AllowPhrases) -> None:
        """Keep the phrases in place of all earlier ones."""


class BlockStore(Protocol):
    """Whom one user blocked. Keeping and forgetting a block is also noted on the other person's side."""

    def count(self) -> int:
        """Return how many blocks there are, expired ones included."""

    def page(self, limit: int, after: Position | None) -> list[Block]:
        """Return up to ``limit`` blocks that stand after a position, newest first."""

    def find(self, *target_ids: UserId) -> dict[UserId, Block]:
        """Return those blocks of these people that there are, by person."""

    def put(self, *blocks: Block) -> None:
        """Keep blocks of different people in place of earlier ones of the same."""

    def remove(self, *target_ids: UserId) -> set[UserId]:
        """Forget blocks; tell of whom there was one."""

    def find_unblocks(self, *target_ids: UserId) -> dict[UserId, Unblock]:
        """Return when those of these people were unblocked who ever were, as far as it is remembered."""

    def note_unblocks(self, *unblocks: Unblock) -> None:
        """Remember when different people were unblocked, in place of what was remembered of them."""


class MuteStore(Protocol):
    """What one user muted."""

    def count(self) -> int:
        """Return how many mutes there are, expired ones included."""

    def page(self, limit: int, after: Position | None) -> list[Mute]:
        """Return up to ``limit`` mutes after a position (its id is ``type:id``), newest first."""

    def find(self, target: MuteTarget) -> Mute | None:
        """Return the mute of something."""

    def put(self, *mutes: Mute) -> None:
        """Keep mutes of different targets, each in place of an earlier one of the same target."""

    def remove(self, *targets: MuteTarget) -> bool:
        """Forget mutes; tell whether there was one."""


class SignalStore(Protocol):
    """One user's not-interested signals, and what is left of those that were taken back."""

    def all(self) -> list[Signal]:
        """Return every signal, newest first, those that resets set aside included."""

    def page(self, limit: int, after: Position | None) -> list[Signal]:
        """Return up to ``limit`` signals that stand after a position, newest first.

        Without those that were sent before a reset of everything, as long as that stands.
        """

    def find(self, *signal_ids: str) -> dict[str, Signal]:
        """Return those signals of these ids that there are, by id."""

    def put(self, *signals: Signal) -> None:
        """Keep signals."""

    def remove(self, *signal_ids: str) -> bool:
        """Forget signals; tell whether there was one."""

    def find_undone(self, *signal_ids: str) -> set[str]:
        """Return which of these ids belong to signals that were taken back."""

    def note_undone(self, undone: UndoneSignal) -> None:
        """Keep what is left of a signal that was taken back."""


class ResetStore(Protocol):
    """One user's resets that are not erased yet."""

    def all(self) -> list[Reset]:
        """Return every reset, newest first, those that were taken back included."""

    def find(self, reset_id: str) -> Reset | None:
        """Return the reset of that id."""

    def put(self, reset: Reset) -> None:
        """Keep a reset in place of whatever had its id."""


class TopicPreferenceStore(Protocol):
    """One user's topic sliders."""

    def all(self) -> list[TopicPreference]:
        """Return every slider that was moved, in the order of the topics."""

    def put(self, preference: TopicPreference) -> None:
        """Keep a slider in place of an earlier position."""

    def remove(self, *topics: str) -> bool:
        """Forget sliders; tell whether one was ever moved."""


class ChangeLog(Protocol):
    """What changed in one user's settings, removals included."""

    def since(self, place: Place, limit: int) -> list[Changed]:
        """Return up to ``limit`` changes behind a place, in order of revision, kind and id."""
