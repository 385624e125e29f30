"""The compiled sieve leaves exactly the texts in whose outline that of a pattern stands, and those that are odd."""

import gc
import importlib
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from pathlib import Path
from types import ModuleType
from typing import TypeVar
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.matching import Matcher, Strictness, Term, Text, charts, compiled, normalise
from service.domain.matching import matcher as matcher_module
from service.domain.matching.charts import EDGE, Chart, bones_chart, letters_chart
from service.domain.matching.compiled import QuickSieve, quick_chart
from service.domain.matching.outlines import Row, odd_places
from service.domain.matching.search import Looks
from service.domain.matching.sieve import Shown, Sieve
from service.local import compiling
from service.local.compiling import SOURCE, compile_if_possible, compile_source, is_up_to_date, linker
from service.local.errors import CannotRun
from tests.domain.matching.test_properties import QUICK, TEXTS
from tests.domain.matching.test_sieve import COMPANY, TRICKY
from tests.servers import PROJECT

T = TypeVar("T")
LOOKED_FOR = [
    "spam",
    "spa",
    "sp",
    "s",
    "eggs",
    "strasse",
    "free money",
    "कर",
    "กำ",
    "가",
    "\u0301",
    "ß",
    "x" * 40,
]
QUICK_SIEVE = "service.domain.matching.quick_sieve"
TELLS_WHICH_SIEVE = (
    "from service.domain.matching.compiled import sieve_for; print(type(sieve_for([])).__name__)"
)
is_compiled = pytest.mark.skipif(
    not compiled.IS_COMPILED, reason="there is no compiler, or nothing was compiled by ./dev test"
)


@pytest.fixture(scope="module", autouse=True, params=[None])
def sieve_in_use() -> None:
    """Both sieves are looked at here side by side."""


def by_definition(texts: Sequence[str], patterns: Sequence[str], chart: Chart) -> dict[int, Shown]:
    """Return what is left, worked out for one text and one pattern after the other."""
    outlines = {each: outline for each in patterns if (outline := outline_of(each, chart)) is not None}
    left: dict[int, Shown] = {}
    for number, text in enumerate(texts):
        own = outline_of(text, chart)
        shown = {each for each, outline in outlines.items() if own is not None and stands(outline, own)}
        if own is None or b"" in outlines.values():
            left[number] = None
        elif shown:
            left[number] = shown
    return left


def outline_of(text: str, chart: Chart) -> bytes | None:
    """Return the outline of one text without its edges, None if it is odd."""
    outline = Row([text]).outline(chart)
    if "\0" in text or odd_places(outline).size or np.count_nonzero(outline == EDGE) != 2:
        return None
    return outline[1:-1].tobytes()


def stands(pattern: bytes, outline: bytes) -> bool:
    """Tell whether one outline stands in another, from a whole letter on."""
    return any(outline.startswith(pattern, at) for at in range(0, len(outline) - len(pattern) + 1, 2))


def differs(
    texts: Sequence[str], patterns: Sequence[str], chart: Callable[[], Chart] = letters_chart
) -> bool:
    return QuickSieve(patterns, chart).left(Row(texts)) != by_definition(texts, patterns, chart())


@is_compiled
@QUICK
@given(st.lists(TRICKY | TEXTS, max_size=4), st.lists(TRICKY | TEXTS, max_size=4), st.data())
def test_what_is_left_is_what_the_definition_says(
    texts: list[str], patterns: list[str], data: st.DataObject
) -> None:
    parts = [text[data.draw(st.integers(0, 3)) :][: data.draw(st.integers(1, 6))] for text in texts]
    chart = data.draw(st.sampled_from([letters_chart, bones_chart]))
    patterns = [*dict.fromkeys([*patterns, *parts, *LOOKED_FOR])]

    assert not differs(texts, patterns, chart)
    assert not differs(texts, [each for each in patterns if outline_of(each, chart()) != b""], chart)


@is_compiled
@pytest.mark.parametrize("start", range(0, 0x30000, 0x8000), ids=hex)
@pytest.mark.parametrize("chart", [letters_chart, bones_chart])
def test_every_character_is_shown_alike(start: int, chart: Callable[[], Chart]) -> None:
    texts = [f"ab{chr(code)}cd" for code in range(start, start + 0x8000, 7)]
    patterns = {outline_of(text, chart()): text for text in ["bc", *texts[::97]]}  # each outline once

    assert not differs(texts, [*patterns.values()], chart)


HOSTILE = st.text(st.sampled_from("aab |  \u0430b\u0301\ufdfa"), min_size=1, max_size=30)


@is_compiled
@QUICK
@given(
    st.lists(HOSTILE, min_size=1, max_size=30),
    st.lists(HOSTILE, min_size=1, max_size=5),
    st.sampled_from(Strictness),
)
def test_either_sieve_leaves_as_much_to_look_at(
    texts: list[str], terms: list[str], strictness: Strictness
) -> None:
    known = [Term(each, strictness=strictness) for each in terms]
    posts = [[Text("caption", text)] for text in texts]
    found = []
    for is_compiled_now in (True, False):
        with patch.object(compiled, "IS_COMPILED", is_compiled_now):
            matcher = Matcher([each for each in known if normalise(each.text)])
        with counting_looks() as looks:
            found.append((matcher.hits(posts), looks))

    assert found[0] == found[1]


@contextmanager
def counting_looks() -> Iterator[list[int]]:
    """Count the places that are looked at."""
    looks = [0]

    class Counting(Looks):
        def at(self, places: Iterable[T]) -> Iterator[T]:
            for place in super().at(places):
                looks[0] += 1
                yield place

    with patch.object(matcher_module, "Looks", Counting):
        yield looks


@is_compiled
def test_numbers_are_those_of_the_charts() -> None:
    quick = importlib.import_module(QUICK_SIEVE)

    assert (quick.DROPPED, quick.EDGE, quick.ODD, quick.SEVERAL) == (
        charts.DROPPED,
        charts.EDGE,
        charts.ODD,
        charts.SEVERAL,
    )


BREAKS = {
    "the rest of a pattern is not compared": ("length * sizeof(uint16_t)) == 0", "4) == 0"),
    "what shows several letters shows the first": ("each < end; each++", "each < begin + 1; each++"),
    "spaces that folding makes one pass": ("if (letter == ' ') {", "if (letter == 1) {"),
    "no letter is left out of a squeezed outline": ("        if (is_squeezed) {", "        if (false) {"),
    "only the first of patterns that begin alike is found": (
        "group->entries[n].window == window;",
        "n == first_entry(group, window);",
    ),
    "the last place of an outline is never looked at": (
        "length > pass->outline.size - start",
        "length >= pass->outline.size - start",
    ),
}
ALL_THAT = [
    "spam",
    "spa",
    "spaaam",
    "sspamm",
    "Straße",
    "two  spaces",
    "eggs",
    "spat",
    "xspam",
    "ab",
    "abx",
    "aß",
]


def loaded(built: Path) -> ModuleType:
    """Return an extension module as it was compiled to a file."""
    loader = ExtensionFileLoader("quick_sieve", str(built))
    module = module_from_spec(ModuleSpec("quick_sieve", loader, origin=str(built)))
    loader.exec_module(module)
    return module


@is_compiled
@pytest.mark.parametrize("broken", BREAKS)
def test_a_sieve_with_a_hole_would_be_caught(tmp_path: Path, broken: str) -> None:
    right, wrong = BREAKS[broken]
    source = SOURCE.read_text()
    assert source.count(right) == 1
    planted = tmp_path / "quick_sieve.c"
    planted.write_text(source.replace(right, wrong))
    compile_source(planted, tmp_path / "quick_sieve.so")
    patterns = ["spam", "spa", "spat", "spatula", "strasse", "strase", "two spaces", "ab", "eggs", "ass"]

    def fails() -> bool:
        quick_chart.cache_clear()
        return any(differs(ALL_THAT, patterns, chart) for chart in (letters_chart, bones_chart))

    assert not fails()
    try:
        with patch.object(compiled, "quick_sieve", loaded(tmp_path / "quick_sieve.so")):
            assert fails()
    finally:
        quick_chart.cache_clear()


@is_compiled
def test_what_is_used_was_compiled_from_what_stands_here() -> None:
    assert compiling.digest_of(SOURCE) == importlib.import_module(QUICK_SIEVE).SOURCE


@is_compiled
def test_a_module_goes_when_nobody_needs_it(tmp_path: Path) -> None:
    compile_source(SOURCE, tmp_path / "quick_sieve.so")

    def loads(number: int) -> int:
        for _ in range(number):
            loaded(tmp_path / "quick_sieve.so")
            gc.collect()
        return sys.getallocatedblocks()

    first = loads(3)

    assert loads(20) - first < 100


@is_compiled
def test_a_page_leaves_nothing_behind() -> None:
    sieve = QuickSieve(LOOKED_FOR)
    texts = [*COMPANY, "Straße", "spam, spam", "two  spaces", "\U0001f600 spa", "กำ"]

    def pages(number: int) -> int:
        for _ in range(number):
            sieve.left(Row(texts))
            QuickSieve(LOOKED_FOR).left(Row(texts))
        return sys.getallocatedblocks()

    first = pages(50)

    assert pages(500) - first < 50


@is_compiled
def test_what_is_no_text_is_refused() -> None:
    quick, table = importlib.import_module(QUICK_SIEVE), letters_chart().table.data
    chart = quick.Chart(table, {}, is_squeezed=False)

    class Word(str):
        __slots__ = ()

    with pytest.raises(TypeError, match="patterns"):
        quick.Sieve(chart, [Word("spam")])
    with pytest.raises(TypeError, match="texts"):
        quick.Sieve(chart, ["spam"]).left(["spam", 1])
    with pytest.raises(TypeError):
        quick.Sieve(object(), ["spam"])
    for wrong in (table[:9], bytes(1_001)):
        with pytest.raises(ValueError, match="256"):
            quick.Chart(wrong, {}, is_squeezed=False)
    for letters in ({1: "a"}, {1: b"a"}, {0x110000: b"ab"}):
        with pytest.raises(TypeError, match="letters"):
            quick.Chart(table, letters, is_squeezed=False)


@is_compiled
def test_many_patterns_that_begin_alike_do_not_make_it_slow() -> None:
    patterns = ["aaaa" + "ab"[number % 2] * (number % 17) + str(number) for number in range(1_000)]

    left = QuickSieve(patterns).left(Row([*COMPANY, "a" * 100_000, "spam"]))

    assert left == {40: None}


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the sieve belongs, in a folder in which it was not compiled yet."""
    compiled_there = tmp_path / "quick_sieve.so"
    monkeypatch.setattr(compiling, "COMPILED", compiled_there)
    return compiled_there


def test_without_a_compiler_the_service_runs_with_the_other_sieve(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Path
) -> None:
    monkeypatch.setenv("CC", "no-compiler-of-this-name")

    said = compile_if_possible()

    assert said
    assert "no-compiler-of-this-name" in said or "headers" in said
    assert not elsewhere.exists()
    program = f"import sys; sys.modules[{QUICK_SIEVE!r}] = None; {TELLS_WHICH_SIEVE}"
    told = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=True)
    assert told.stdout.decode() == f"{Sieve.__name__}\n"


@is_compiled
def test_it_is_compiled_once_for_each_state_of_its_source(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Path, tmp_path: Path
) -> None:
    assert compile_if_possible() is None
    first = elsewhere.stat().st_mtime_ns

    assert compile_if_possible() is None
    assert elsewhere.stat().st_mtime_ns == first

    changed = tmp_path / "changed" / SOURCE.name
    changed.parent.mkdir()
    changed.write_text(f"/* new */ {SOURCE.read_text()}")
    monkeypatch.setattr(compiling, "SOURCE", changed)
    assert not is_up_to_date()
    assert compile_if_possible() is None
    assert is_up_to_date()

    changed.write_text("#error nonsense")
    assert "nonsense" in (compile_if_possible() or "")
    assert not elsewhere.exists()


@is_compiled
def test_what_does_not_compile_is_told_with_what_the_compiler_said(tmp_path: Path) -> None:
    wrong = tmp_path / "quick_sieve.c"
    wrong.write_text("#error nonsense")

    with pytest.raises(CannotRun, match="nonsense"):
        compile_source(wrong, tmp_path / "quick_sieve.so")


def test_the_compiler_is_that_of_python_or_the_one_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr("sysconfig.get_config_var", lambda _: "gone-cc -shared -Wl,-O1")
    assert linker() == ["cc", "-shared", "-Wl,-O1"]

    monkeypatch.setenv("CC", "ccache clang")
    assert linker() == ["ccache", "clang", "-shared", "-Wl,-O1"]

    monkeypatch.setenv("CC", "cc 'with an open quote")
    with pytest.raises(CannotRun, match="CC"):
        linker()
