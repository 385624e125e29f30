"""What there is to see: posts about a dozen things, in six languages, by authors of whom a few make most."""

import random
from datetime import date
from typing import Any, Final, TypeAlias

SLOTS: Final = 20
POSTS_A_DAY: Final = 300
AUTHORS: Final = 400
TOPICS: Final = (
    "dance", "football", "cooking", "pets", "travel", "music",
    "diets", "gambling", "gossip", "horror", "pranks", "spoilers",
)  # fmt: skip
DISLIKED: Final = TOPICS[6:]
SAID: Final = {
    "en": "look what happened today in our street",
    "hi": "आज हमारी गली में क्या हुआ देखिए",
    "bn": "আজ আমাদের পাড়ায় কী হয়েছে দেখুন",
    "pt": "olha o que aconteceu hoje na nossa rua",
    "es": "mira lo que ha pasado hoy en nuestra calle",
    "ja": "今日うちの通りで起きたことを見て",
    "ta": "இன்று எங்கள் தெருவில் நடந்ததைப் பாருங்கள்",
}

Post: TypeAlias = "dict[str, Any]"
"""A candidate as ``POST /v1/feed/filter`` takes it."""


def posts_of(dice: random.Random, day: date, language: str, *, term: str = "") -> list[Post]:
    """Return a day's posts in a language; ``term`` stands in one of twenty captions."""
    return [_post(dice, day, language, number, term) for number in range(POSTS_A_DAY)]


def _post(dice: random.Random, day: date, language: str, number: int, term: str) -> Post:
    author = min(int(dice.paretovariate(0.7)), AUTHORS)
    topic = TOPICS[(author + dice.choice((0, 0, 0, 1))) % len(TOPICS)]
    said = f"{SAID[language]} {number}"
    return {
        "id": f"post-{day}-{language}-{number}",
        "author_id": f"author-{language}-{author}",
        "caption": f"{said} {term}" if term and number % 20 == 0 else said,
        "hashtags": [topic],
        "topics": [topic],
    }
