"""What grammar attaches to a word without a space: Korean particles, Arabic proclitics and pronouns.

These are closed classes: a language gains a noun every day and a particle once in centuries. They are listed
whole, so that any word can be recognised with anything that may stand beside it.
"""

import re

# Case and topic markers, delimiters, plural, and the copula: what may follow a noun, in any chain.
_PARTICLES = """
    은 는 이 가 을 를 의 에 에서 에게 에게서 한테 한테서 께 께서 더러 보고 로 으로 로서 으로서 로써
    으로써 로부터 으로부터 와 과 랑 이랑 하고 도 만 까지 부터 마다 조차 마저 밖에 뿐 처럼 같이 만큼
    만치 대로 보다 나 이나 라도 이라도 야 이야 야말로 이야말로 든지 이든지 든가 이든가 들 끼리 씩 쯤
    여 이여 아 요 이요 다 이다 였다 이었다 입니다 이고 고 이며 며 인 인가 인데 이면 면 이지만 이라
    라 이라고 라고 이라는 라는 이란 란 이라서 이지 이네 이니 예요 이에요 입니까 이었던 였던 이었고
    였고 이자 자 이든 든 일 임
""".split()  # noqa: SIM905  a list of eighty literals hides the words
_PARTICLE_CHAIN = re.compile(f"(?:{'|'.join(sorted(_PARTICLES, key=len, reverse=True))})+")

_ADNOMINAL = frozenset("는던된")

# Conjunction, then preposition or future marker, then the article, written lam-lam after the preposition lam.
_PROCLITICS = re.compile("[وف]?(?:لل|[بكل]?(?:ال)?|س)")
_ARTICLE = "ال"
# Attached pronouns: possessors of a noun, objects of a verb.
_PRONOUNS = re.compile("(?:ه|ها|هم|هن|هما|ك|كم|كن|كما|ي|نا|ني)")


def is_adnominal(syllable: str) -> bool:
    """Tell whether a syllable ends a verb that describes a noun: the space after it is often forgotten."""
    return syllable in _ADNOMINAL


def is_chain_of_particles(syllables: str) -> bool:
    """Tell whether Korean syllables after a noun are nothing but grammar."""
    return bool(_PARTICLE_CHAIN.fullmatch(syllables))


def is_chain_of_proclitics(letters: str) -> bool:
    """Tell whether Arabic letters before a word are nothing but conjunction, preposition and article."""
    return bool(_PROCLITICS.fullmatch(letters))


def after_lam(word: str) -> str:
    """Return an Arabic word with the article as it is written after the preposition lam; nothing for any other.

    The article loses its alif, and where the noun begins with a lam as well, two are written and not three.
    """
    noun = word.removeprefix(_ARTICLE)
    return "لل" + noun.removeprefix("ل") if 1 < len(noun) < len(word) else ""


def is_attached_pronoun(letters: str) -> bool:
    """Tell whether Arabic letters after a word are a pronoun."""
    return bool(_PRONOUNS.fullmatch(letters))
