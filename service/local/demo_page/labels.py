"""How the demo page calls the choices of its forms, and what it says when something was done."""

from collections.abc import Mapping
from typing import Final

from service.domain.comment_limits import HoldMode
from service.domain.keyword_filters import Action
from service.domain.matching import Mode

ACTIONS: Final[Mapping[Action, str]] = {
    Action.HIDE: "hide",
    Action.WARN: "cover",
    Action.BLUR: "blur",
    Action.DOWNRANK: "show lower",
}
LENGTHS: Final = {
    "never": "for good",
    "30d": "30 days",
    "7d": "7 days",
    "1d": "a day",
    "12h": "12 hours",
    "6h": "6 hours",
    "1h": "an hour",
    "30m": "30 minutes",
}
"""For every preset of an end, how long that is."""

MODES: Final[Mapping[Mode, str]] = {
    Mode.WORD: "whole words",
    Mode.PREFIX: "beginnings of words",
    Mode.SUFFIX: "ends of words",
    Mode.SUBSTRING: "anywhere in words",
    Mode.TAG: "hashtags only",
    Mode.DOMAIN: "links to a site",
}
LEVELS: Final = {-2: "hardly any", -1: "less", 0: "as it comes", 1: "more", 2: "a lot"}
HOLD_MODES: Final[Mapping[HoldMode, str]] = {
    HoldMode.OFF: "nothing",
    HoldMode.SUSPECTED: "what looks like spam or offence",
    HoldMode.KEYWORDS: "also what has her words",
    HoldMode.FIRST_TIME: "also what somebody new writes",
    HoldMode.ALL: "everything",
}
DONE: Final = {
    "add-filter": "The filter is kept.",
    "remove-filter": "The filter is gone.",
    "switch-filter": "The filter is switched.",
    "keep-phrases": "The exceptions are kept.",
    "block": "Blocked.",
    "unblock": "Unblocked.",
    "mute": "Muted.",
    "unmute": "Unmuted.",
    "not-interested": "She is not interested in that post.",
    "less-author": "She wants less of that person.",
    "less-topic": "She wants less about that.",
    "show-more": "She wants more like that.",
    "undo": "Taken back.",
    "reset": "Everything she said about posts is set aside for 24 hours, then for good.",
    "restore": "What was set aside counts again.",
    "slide": "The slider is moved.",
    "limit-comments": "The comment limits are kept.",
    "send-comments": "The comments were sent; what is held now waits below.",
    "approve": "The comment is let through.",
    "trust": "The comment is let through, and its author is trusted from now on.",
    "reject": "The comment is rejected.",
    "forget-everything": "Mia's settings are erased.",
}
"""By the name on the button."""
