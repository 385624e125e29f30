"""Believable posts and settings, the same for the same seed."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

_WORDS: Final = {
    "latin": "morning garden recipe football sunset guitar holiday workout kitchen puppy train market story "
    "dance makeup review trailer puzzle camping coffee vintage sneaker budget rescue marathon skate",
    "spanish": "mañana receta fútbol guitarra montaña cocina perro mercado historia baile café niños corazón",
    "german": "Frühstück Rezept Fußball Straße Gemüse Übung Geschichte Märchen Käsekuchen Brötchen Grüße",
    "cyrillic": "утро рецепт футбол гитара собака рынок история танец кофе горы праздник кухня дождь весна",
    "arabic": "صباح وصفة كرة القدم غروب عطلة مطبخ سوق قصة رقص قهوة جبال ربيع موسيقى أطفال",
    "hindi": "सुबह बगीचा नुस्खा सूर्यास्त छुट्टी रसोई बाज़ार कहानी नृत्य पहाड़ वसंत संगीत बच्चे",
    "thai": "เช้านี้อากาศดีมาก อาหารอร่อย ตลาดน้ำ เพลงใหม่ แมวน่ารัก ไปเที่ยวทะเล วันหยุด",
    "japanese": "今日は朝ごはんを作りました 猫がかわいい 京都の秋 新しい曲 サッカー 旅行の思い出 雨の日",
    "korean": "아침 산책 강아지 요리 축구 여행 음악 시장 이야기 커피 주말 봄비 고양이",
}
_SCRIPT_WEIGHTS: Final = (40, 8, 6, 12, 8, 6, 6, 8, 6)
_EMOJI: Final = ("😂", "🔥", "❤️", "✨", "👍🏽", "🎃", "👨‍👩‍👧")
_TOPICS: Final = ("food", "sports", "music", "travel", "pets", "fashion", "games", "news", "diy", "books")


NAIVE_RULES: Final = "naive:{}"
"""The Redis key at which the naive baseline finds a viewer's rules: a JSON document with terms and blocks."""


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a request and the viewer's settings are."""

    candidates: int
    terms: int
    blocks: int
    are_said: bool = True
    """Whether posts say one in 25 of the terms, and others in hardly any."""

    def __str__(self) -> str:
        terms = f"{self.terms:,} terms" if self.are_said else f"{self.terms:,} terms that nobody says"
        return f"{self.candidates} candidates x {terms} x {self.blocks:,} blocks"


def a_page(shape: Shape, seed: int = 1) -> list[dict[str, Any]]:
    """Return candidates as a feed service sends them: captions of 40 to 200 characters in mixed scripts."""
    chance = random.Random(seed)
    return [_candidate(chance, seed, number) for number in range(shape.candidates)]


@cache
def _vocabulary(script: str) -> Sequence[str]:
    """Return three thousand words in a script: real ones, and others made of their letters."""
    chance = random.Random(script)
    real = _WORDS[script].split()
    letters = _letters(script)
    made = ("".join(chance.choices(letters, k=chance.randint(3, 9))) for _ in range(3_000 - len(real)))
    return [*real, *made]


@cache
def _letters(script: str) -> Sequence[str]:
    """Return the letters of a script's words, each as often as it is used."""
    return [letter for letter in _WORDS[script] if letter.isalpha()]


def _candidate(chance: random.Random, seed: int, number: int) -> dict[str, Any]:
    script = chance.choices(list(_WORDS), _SCRIPT_WEIGHTS)[0]
    words = _vocabulary(script)
    candidate: dict[str, Any] = {
        "id": f"post-{seed}-{number}",
        "author_id": f"author-{chance.randrange(1_000_000)}",
        "caption": _caption(chance, words, chance.randint(40, 200)),
        "hashtags": chance.choices(words, k=chance.randint(3, 8)),
        "sound_id": f"sound-{chance.randrange(50_000)}",
        "sound_title": " ".join(chance.choices(_vocabulary("latin"), k=3)),
        "topics": chance.sample(_TOPICS, 2),
        "viewer_follows_author": chance.random() < 0.2,
        "created_at": f"2026-11-{chance.randint(1, 20):02}T{chance.randrange(24):02}:00:00Z",
    }
    if chance.random() < 0.3:
        candidate["on_screen_text"] = _caption(chance, words, 60)
    if chance.random() < 0.1:
        quoted = f"author-{chance.randrange(1_000_000)}"
        candidate["quoted"] = {"author_id": quoted, "text": _caption(chance, words, 80)}
    if chance.random() < 0.2:
        candidate["mentions"] = [f"author-{chance.randrange(1_000_000)}"]
    return candidate


def _caption(chance: random.Random, words: Sequence[str], length: int) -> str:
    caption = chance.choice(words)
    while len(caption) < length:
        caption += " " + (chance.choice(_EMOJI) if chance.random() < 0.08 else chance.choice(words))
    return caption[:length]


def terms(count: int, seed: int = 1, *, are_said: bool = True) -> Sequence[str]:
    """Return what a viewer filters, in every script: one in 25 is said in some posts, the others in hardly any.

    Unless they are said at all: what a term costs is one thing, what a hit costs another.
    """
    chance = random.Random(seed)
    scripts = chance.choices(list(_WORDS), _SCRIPT_WEIGHTS, k=count)
    return [
        chance.choice(_vocabulary(script))
        if are_said and number % 25 == 0
        else "".join(chance.choices(_letters(script), k=7))
        for number, script in enumerate(scripts)
    ]
