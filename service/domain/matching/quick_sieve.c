/* The sieve of sieve.py in one pass: each text's outline is written down letter by letter and looked through at once.
 *
 * Exact where numpy's sieve goes by hashes: a text is left if a pattern's whole outline stands in its own. Whatever
 * cannot be told by an outline alone (odd characters, spaces that folding makes one, what stands between texts) leaves
 * the text as well, as it does there, and so does whatever would take too long to tell. Held against that definition by
 * tests/domain/matching/test_quick_sieve.py.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Each caller gets a loop of its own, in which what it knows beforehand is settled: half the time of a page. */
#if defined(__GNUC__)
#define INLINED static inline __attribute__((always_inline))
#define FETCH(address) __builtin_prefetch(address)
#else
#define INLINED static inline
#define FETCH(address) ((void)(address))
#endif

/* What this was compiled from: service/local/compiling.py says. */
#ifndef SOURCE
#define SOURCE ""
#endif

/* What a chart says of a character that is not simply a letter; the same numbers as in charts.py. */
enum { DROPPED = 0, EDGE = 1, ODD = 0xFFFE, SEVERAL = 0xFFFF };

/* A pattern is told by its first letters: four, or two or one where it has no more. */
enum { WIDTHS = 3, WIDEST = 4 };
static const int WIDTH[WIDTHS] = {1, 2, WIDEST};

/* The bits of a group's filter, as powers of two: for each pattern, and in all. */
enum { ROOM = 6, SMALLEST = 10, LARGEST = 16 };

/* Texts lie wherever there was room; having each fetched so many texts ahead spares a fifth of a page's time. */
enum { AHEAD = 8, LINE = 64, LINES = 4 };

/* A call compares so many more entries than its texts had letters so far; from then on texts that come with any are left
 * for a closer look. A long pattern counts for as many as its cache lines, near enough. */
enum { PATIENCE = 4096, COMPARED_AT_ONCE = 64 };

typedef struct {
    uint16_t *at;
    Py_ssize_t size, room;
} Letters;

/* Have room for so many letters in all. */
static bool
make_room(Letters *letters, Py_ssize_t wanted)
{
    if (wanted <= letters->room) {
        return true;
    }
    if (wanted > PY_SSIZE_T_MAX / (2 * (Py_ssize_t)sizeof(uint16_t))) {
        PyErr_NoMemory();
        return false;
    }
    uint16_t *at = PyMem_Realloc(letters->at, 2 * wanted * sizeof(uint16_t));
    if (at == NULL) {
        PyErr_NoMemory();
        return false;
    }
    letters->at = at;
    letters->room = 2 * wanted;
    return true;
}

/* ---- Charts ---- */

typedef struct {
    PyObject_HEAD
    uint16_t *table;
    Py_ssize_t size;
    bool is_squeezed;
    /* The letters of characters that show several: of the n-th, those from begins[n] to begins[n + 1]. */
    uint32_t *codes;
    Py_ssize_t *begins;
    Py_ssize_t count;
    uint16_t *letters;
} Chart;

static void
chart_dealloc(Chart *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyMem_Free(self->table);
    PyMem_Free(self->codes);
    PyMem_Free(self->begins);
    PyMem_Free(self->letters);
    type->tp_free(self);
    Py_DECREF(type);
}

/* Take over the letters of a dict from code points, in their order, to numbers of 16 bits as this machine has them. */
static bool
take_letters(Chart *self, PyObject *letters)
{
    PyObject *codes = PyDict_Keys(letters);
    if (codes == NULL || PyList_Sort(codes) < 0) {
        Py_XDECREF(codes);
        return false;
    }
    self->count = PyList_GET_SIZE(codes);
    self->codes = PyMem_Calloc(self->count + 1, sizeof(uint32_t));
    self->begins = PyMem_Calloc(self->count + 1, sizeof(Py_ssize_t));
    Letters all = {NULL, 0, 0};
    bool done = self->codes != NULL && self->begins != NULL;
    if (!done) {
        PyErr_NoMemory();
    }
    for (Py_ssize_t n = 0; done && n < self->count; n++) {
        PyObject *code = PyList_GET_ITEM(codes, n), *shown = PyDict_GetItemWithError(letters, code);
        unsigned long value = PyLong_AsUnsignedLong(code);
        if (PyErr_Occurred() || shown == NULL || !PyBytes_Check(shown) || value > 0x10FFFF
            || PyBytes_GET_SIZE(shown) % (Py_ssize_t)sizeof(uint16_t)) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_TypeError, "letters: from code points to bytes, two each");
            }
            done = false;
            break;
        }
        Py_ssize_t more = PyBytes_GET_SIZE(shown) / (Py_ssize_t)sizeof(uint16_t);
        done = make_room(&all, all.size + more + 1);
        if (done) {
            memcpy(all.at + all.size, PyBytes_AS_STRING(shown), more * sizeof(uint16_t));
            all.size += more;
            self->codes[n] = (uint32_t)value;
            self->begins[n + 1] = all.size;
        }
    }
    self->letters = all.at;
    Py_DECREF(codes);
    return done;
}

static PyObject *
chart_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"table", "letters", "is_squeezed", NULL};
    Py_buffer table;
    PyObject *letters;
    int is_squeezed;
    static const Py_ssize_t smallest = 256 * sizeof(uint16_t);
    if (!PyArg_ParseTupleAndKeywords(
            args, kwargs, "y*O!p:Chart", names, &table, &PyDict_Type, &letters, &is_squeezed)) {
        return NULL;
    }
    Chart *self = (Chart *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->is_squeezed = is_squeezed;
        self->size = table.len / (Py_ssize_t)sizeof(uint16_t);
        self->table = PyMem_Malloc(table.len + sizeof(uint16_t));
        if (table.len < smallest || table.len % (Py_ssize_t)sizeof(uint16_t)) {
            PyErr_SetString(PyExc_ValueError, "table: two bytes each for at least 256 characters");
        }
        else if (self->table == NULL) {
            PyErr_NoMemory();
        }
        else {
            memcpy(self->table, table.buf, table.len);
        }
        if (PyErr_Occurred() || !take_letters(self, letters)) {
            Py_CLEAR(self);
        }
    }
    PyBuffer_Release(&table);
    return (PyObject *)self;
}

/* Return which of the characters that show several this is; what shows nothing there is none of them. */
static Py_ssize_t
place_of(const Chart *chart, uint32_t code)
{
    Py_ssize_t low = 0, high = chart->count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (chart->codes[middle] < code) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < chart->count && chart->codes[low] == code ? low : -1;
}

typedef enum { CLEAR, UNSURE, NO_MEMORY } Shown;

/* Which windows of four letters are worth a comparison, and where in an outline such windows ended. */
typedef struct {
    const uint8_t *bits;
    int shift; /* what is left of a hash */
    uint32_t *ends;
    Py_ssize_t count, room;
} Filter;

INLINED uint64_t
hash_of(uint64_t window, int shift)
{
    return (window * UINT64_C(0x9E3779B97F4A7C15)) >> shift;
}

INLINED bool
lets_pass(const uint8_t *bits, uint64_t hash)
{
    return bits[hash >> 3] >> (hash & 7) & 1;
}

static bool
make_room_for_ends(Filter *filter, Py_ssize_t wanted)
{
    if (wanted <= filter->room) {
        return true;
    }
    if (wanted > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(uint32_t)) {
        PyErr_NoMemory();
        return false;
    }
    uint32_t *ends = PyMem_Realloc(filter->ends, wanted * sizeof(uint32_t));
    if (ends == NULL) {
        PyErr_NoMemory();
        return false;
    }
    filter->ends = ends;
    filter->room = wanted;
    return true;
}

/* Tell whether a chart shows one plain letter: the four that are none are neighbours, around zero. */
INLINED bool
is_letter(uint16_t shown)
{
    return (uint16_t)(shown - ODD) > (uint16_t)(EDGE - ODD);
}

/* What is known of an outline while it is written. */
typedef struct {
    uint16_t *at;
    Py_ssize_t size;
    uint16_t before;
    uint64_t window;
    uint32_t *ends;
    Py_ssize_t count;
} Pen;

/* Write one letter; tell whether the outline can still be trusted. */
INLINED bool
put(Pen *pen, uint16_t letter, bool is_squeezed, const uint8_t *bits, int shift)
{
    if (letter == pen->before) {
        if (is_squeezed) {
            return true;
        }
        if (letter == ' ') {
            return false;
        }
    }
    pen->before = letter;
    if (bits != NULL) {
        pen->window = pen->window << 16 | letter;
        if (lets_pass(bits, hash_of(pen->window, shift))) {
            pen->ends[pen->count++] = (uint32_t)pen->size;
        }
    }
    pen->at[pen->size++] = letter;
    return true;
}

/* Write down the outline of some characters. Compiled anew for each `kind`, squeezed or not, filtered or not. */
INLINED Shown
show(const Chart *chart, int kind, bool is_squeezed, const void *data, Py_ssize_t length, Letters *outline,
     Filter *filter)
{
    const uint16_t *table = chart->table;
    const uint32_t last = (uint32_t)chart->size - 1;
    const uint8_t *bits = filter ? filter->bits : NULL;
    const int shift = filter ? filter->shift : 0;
    if ((size_t)length > UINT32_MAX) {
        return UNSURE;
    }
    if (!make_room(outline, length) || (filter && !make_room_for_ends(filter, length))) {
        return NO_MEMORY;
    }
    Pen pen = {.at = outline->at, .before = EDGE, .ends = filter ? filter->ends : NULL};
    for (Py_ssize_t i = 0; i < length; i++) {
        uint32_t code = PyUnicode_READ(kind, data, i);
        uint16_t letter = table[kind == PyUnicode_1BYTE_KIND || code < last ? code : last];
        if (is_letter(letter)) {
            if (!put(&pen, letter, is_squeezed, bits, shift)) {
                return UNSURE;
            }
            continue;
        }
        if (letter == DROPPED) {
            continue;
        }
        Py_ssize_t place = letter == SEVERAL ? place_of(chart, code) : -1;
        if (place < 0) {
            return UNSURE;
        }
        Py_ssize_t begin = chart->begins[place], end = chart->begins[place + 1];
        Py_ssize_t wanted = pen.size + end - begin + length - i;
        if ((size_t)wanted > UINT32_MAX) {
            return UNSURE;
        }
        if (!make_room(outline, wanted) || (filter && !make_room_for_ends(filter, wanted))) {
            return NO_MEMORY;
        }
        pen.at = outline->at;
        pen.ends = filter ? filter->ends : NULL;
        for (Py_ssize_t each = begin; each < end; each++) {
            letter = chart->letters[each];
            if (!is_letter(letter) || !put(&pen, letter, is_squeezed, bits, shift)) {
                return UNSURE;
            }
        }
    }
    outline->size = pen.size;
    if (filter) {
        filter->count = pen.count;
    }
    return CLEAR;
}

INLINED Shown
show_kind(const Chart *chart, int kind, PyObject *text, Letters *outline, Filter *filter)
{
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    if (chart->is_squeezed) {
        return filter ? show(chart, kind, true, data, length, outline, filter)
                      : show(chart, kind, true, data, length, outline, NULL);
    }
    return filter ? show(chart, kind, false, data, length, outline, filter)
                  : show(chart, kind, false, data, length, outline, NULL);
}

/* Write down the outline of a text in place of what was there before, and what passes a filter, if there is one. */
static Shown
show_text(const Chart *chart, PyObject *text, Letters *outline, Filter *filter)
{
    outline->size = 0;
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(text) < 0) {
        return NO_MEMORY;
    }
#endif
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND:
        return show_kind(chart, PyUnicode_1BYTE_KIND, text, outline, filter);
    case PyUnicode_2BYTE_KIND:
        return show_kind(chart, PyUnicode_2BYTE_KIND, text, outline, filter);
    default:
        return show_kind(chart, PyUnicode_4BYTE_KIND, text, outline, filter);
    }
}

/* ---- Sieves ---- */

typedef struct {
    uint64_t window; /* the first letters */
    uint32_t pattern;
} Entry;

typedef struct {
    Entry *entries; /* by their windows */
    Py_ssize_t count;
    uint8_t *filter; /* a bit for each hash of a window */
    int shift;
} Group;

typedef struct {
    PyObject_HEAD
    Chart *chart;
    PyObject *patterns; /* a tuple of str */
    Py_ssize_t *begins; /* the outline of the n-th: from begins[n] to begins[n + 1]; nothing if it is odd */
    uint16_t *letters;
    Group groups[WIDTHS];
    bool leaves_all; /* some pattern shows nothing at all */
} Sieve;

static void
sieve_dealloc(Sieve *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->chart);
    Py_XDECREF(self->patterns);
    PyMem_Free(self->begins);
    PyMem_Free(self->letters);
    for (int n = 0; n < WIDTHS; n++) {
        PyMem_Free(self->groups[n].entries);
        PyMem_Free(self->groups[n].filter);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

INLINED uint64_t
mask_of(int width)
{
    return width == WIDEST ? UINT64_MAX : (UINT64_C(1) << (16 * width)) - 1;
}

static int
by_window(const void *one, const void *other)
{
    uint64_t a = ((const Entry *)one)->window, b = ((const Entry *)other)->window;
    return (a > b) - (a < b);
}

static int
group_for(Py_ssize_t length)
{
    return length >= WIDEST ? 2 : length >= 2 ? 1 : 0;
}

/* Put the entries in order and mark the hashes of their windows. */
static bool
close_group(Group *group)
{
    int bits = ROOM;
    while (bits < LARGEST && ((Py_ssize_t)1 << (bits - ROOM)) < group->count) {
        bits++;
    }
    bits = bits < SMALLEST ? SMALLEST : bits;
    group->shift = 64 - bits;
    group->filter = PyMem_Calloc((size_t)1 << (bits - 3), 1);
    if (group->filter == NULL) {
        PyErr_NoMemory();
        return false;
    }
    qsort(group->entries, group->count, sizeof(Entry), by_window);
    for (Py_ssize_t n = 0; n < group->count; n++) {
        uint64_t hash = hash_of(group->entries[n].window, group->shift);
        group->filter[hash >> 3] |= (uint8_t)(1 << (hash & 7));
    }
    return true;
}

/* Take over outlines of patterns; the patterns are a tuple by now. */
static bool
take_patterns(Sieve *self)
{
    Py_ssize_t count = PyTuple_GET_SIZE(self->patterns);
    Letters all = {NULL, 0, 0}, own = {NULL, 0, 0};
    self->begins = PyMem_Calloc(count + 1, sizeof(Py_ssize_t));
    bool done = self->begins != NULL && (size_t)count < UINT32_MAX;
    for (Py_ssize_t n = 0; done && n < count; n++) {
        PyObject *pattern = PyTuple_GET_ITEM(self->patterns, n);
        if (!PyUnicode_CheckExact(pattern)) {
            PyErr_SetString(PyExc_TypeError, "patterns: only str");
            done = false;
            break;
        }
        Shown shown = show_text(self->chart, pattern, &own, NULL);
        done = shown != NO_MEMORY && make_room(&all, all.size + own.size + 1);
        if (done && shown == CLEAR) {
            self->leaves_all |= own.size == 0;
            if (own.size) {
                memcpy(all.at + all.size, own.at, own.size * sizeof(uint16_t));
            }
            all.size += own.size;
            if (own.size) {
                self->groups[group_for(own.size)].count++;
            }
        }
        self->begins[n + 1] = all.size;
    }
    PyMem_Free(own.at);
    self->letters = all.at;
    for (int each = 0; done && each < WIDTHS; each++) {
        Group *group = &self->groups[each];
        group->entries = PyMem_Calloc(group->count + 1, sizeof(Entry));
        done = group->entries != NULL;
        group->count = 0;
    }
    if (!done) {
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        return false;
    }
    for (Py_ssize_t n = 0; n < count; n++) {
        Py_ssize_t begin = self->begins[n], length = self->begins[n + 1] - begin;
        if (length) {
            int number = group_for(length);
            Group *group = &self->groups[number];
            Entry *entry = &group->entries[group->count++];
            for (int i = 0; i < WIDTH[number]; i++) {
                entry->window = entry->window << 16 | self->letters[begin + i];
            }
            entry->pattern = (uint32_t)n;
        }
    }
    for (int each = 0; each < WIDTHS; each++) {
        if (self->groups[each].count && !close_group(&self->groups[each])) {
            return false;
        }
    }
    return true;
}

typedef struct {
    PyTypeObject *chart;
} State;

static PyObject *
sieve_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"chart", "patterns", NULL};
    PyObject *chart, *patterns;
    State *state = PyType_GetModuleState(type);
    if (state == NULL || state->chart == NULL
        || !PyArg_ParseTupleAndKeywords(args, kwargs, "O!O:Sieve", names, state->chart, &chart, &patterns)) {
        return NULL;
    }
    Sieve *self = (Sieve *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(chart);
    self->chart = (Chart *)chart;
    self->patterns = PySequence_Tuple(patterns);
    if (self->patterns == NULL || !take_patterns(self)) {
        Py_CLEAR(self);
    }
    return (PyObject *)self;
}

/* One call of left(): what it has seen and spent. */
typedef struct {
    const Sieve *sieve;
    Letters outline;
    Filter filter; /* without bits where no pattern is long enough */
    Py_ssize_t *seen_in; /* by pattern: one more than the number of the last text that shows it */
    Py_ssize_t spent, allowed;
} Pass;

static Py_ssize_t
first_entry(const Group *group, uint64_t window)
{
    Py_ssize_t low = 0, high = group->count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (group->entries[middle].window < window) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

static bool
note(PyObject **shown, PyObject *pattern)
{
    if (*shown == NULL && (*shown = PySet_New(NULL)) == NULL) {
        return false;
    }
    return PySet_Add(*shown, pattern) == 0;
}

/* Note the patterns of a group that begin with a window at a place of the outline. */
static Shown
compare(Pass *pass, const Group *group, uint64_t window, Py_ssize_t start, Py_ssize_t text_number, PyObject **shown)
{
    const Sieve *sieve = pass->sieve;
    for (Py_ssize_t n = first_entry(group, window);
         n < group->count && group->entries[n].window == window;
         n++) {
        uint32_t pattern = group->entries[n].pattern;
        Py_ssize_t begin = sieve->begins[pattern], length = sieve->begins[pattern + 1] - begin;
        pass->spent += 1 + length / COMPARED_AT_ONCE;
        if (pass->spent > pass->allowed) {
            return UNSURE;
        }
        if (pass->seen_in[pattern] == text_number + 1 || length > pass->outline.size - start) {
            continue;
        }
        if (memcmp(pass->outline.at + start, sieve->letters + begin, length * sizeof(uint16_t)) == 0) {
            pass->seen_in[pattern] = text_number + 1;
            if (!note(shown, PyTuple_GET_ITEM(sieve->patterns, pattern))) {
                return NO_MEMORY;
            }
        }
    }
    return CLEAR;
}

/* Look for the patterns of a group of short ones in the outline. */
static Shown
look_through(Pass *pass, int group_number, Py_ssize_t text_number, PyObject **shown)
{
    const Group *group = &pass->sieve->groups[group_number];
    const int width = WIDTH[group_number], shift = group->shift;
    const uint64_t mask = mask_of(width);
    const uint16_t *letters = pass->outline.at;
    uint64_t window = 0;
    for (Py_ssize_t i = 0; i < pass->outline.size; i++) {
        window = (window << 16 | letters[i]) & mask;
        uint64_t hash = hash_of(window, shift);
        if (i + 1 >= width && lets_pass(group->filter, hash)) {
            Shown so_far = compare(pass, group, window, i + 1 - width, text_number, shown);
            if (so_far != CLEAR) {
                return so_far;
            }
        }
    }
    return CLEAR;
}

/* Compare what passed the filter while the outline was written. */
static Shown
compare_passed(Pass *pass, Py_ssize_t text_number, PyObject **shown)
{
    const uint16_t *letters = pass->outline.at;
    for (Py_ssize_t n = 0; n < pass->filter.count; n++) {
        Py_ssize_t start = (Py_ssize_t)pass->filter.ends[n] + 1 - WIDEST;
        uint64_t window = 0;
        for (int i = 0; start >= 0 && i < WIDEST; i++) {
            window = window << 16 | letters[start + i];
        }
        Shown so_far = start < 0 ? CLEAR : compare(pass, &pass->sieve->groups[WIDTHS - 1], window, start, text_number, shown);
        if (so_far != CLEAR) {
            return so_far;
        }
    }
    return CLEAR;
}

/* Tell what a text may contain; `shown`: the patterns, unless none is. */
static Shown
look_at(Pass *pass, PyObject *text, Py_ssize_t text_number, PyObject **shown)
{
    const Sieve *sieve = pass->sieve;
    if (sieve->leaves_all) {
        return UNSURE;
    }
    Filter *filter = pass->filter.bits ? &pass->filter : NULL;
    Shown so_far = show_text(sieve->chart, text, &pass->outline, filter);
    pass->allowed += pass->outline.size;
    if (so_far == CLEAR && filter) {
        so_far = compare_passed(pass, text_number, shown);
    }
    for (int each = 0; so_far == CLEAR && each < WIDTHS - 1; each++) {
        if (sieve->groups[each].count) {
            so_far = look_through(pass, each, text_number, shown);
        }
    }
    return so_far;
}

/* Put what a text may contain under its number: a set of patterns, None if that cannot be told, nothing if none. */
static bool
sift(Pass *pass, PyObject *text, Py_ssize_t text_number, PyObject *left)
{
    PyObject *shown = NULL;
    Shown found = look_at(pass, text, text_number, &shown);
    bool done = found != NO_MEMORY;
    if (done && (shown != NULL || found == UNSURE)) {
        PyObject *key = PyLong_FromSsize_t(text_number);
        done = key != NULL && PyDict_SetItem(left, key, found == UNSURE ? Py_None : shown) == 0;
        Py_XDECREF(key);
    }
    Py_XDECREF(shown);
    return done;
}

static PyObject *
sieve_left(Sieve *self, PyObject *argument)
{
    /* A tuple of our own, so that nobody changes it meanwhile. */
    PyObject *texts = PySequence_Tuple(argument), *left = PyDict_New();
    Py_ssize_t count = PyTuple_GET_SIZE(self->patterns);
    const Group *longest = &self->groups[WIDTHS - 1];
    Pass pass = {.sieve = self, .allowed = PATIENCE, .filter = {.bits = longest->filter, .shift = longest->shift}};
    pass.seen_in = PyMem_Calloc(count + 1, sizeof(Py_ssize_t));
    if (texts == NULL || left == NULL || pass.seen_in == NULL) {
        if (!PyErr_Occurred()) {
            PyErr_NoMemory();
        }
        Py_CLEAR(left);
    }
    for (Py_ssize_t n = 0; left != NULL && n < PyTuple_GET_SIZE(texts); n++) {
        PyObject *text = PyTuple_GET_ITEM(texts, n);
        for (int line = 0; n + AHEAD < PyTuple_GET_SIZE(texts) && line < LINES; line++) {
            FETCH((const char *)PyTuple_GET_ITEM(texts, n + AHEAD) + line * LINE);
        }
        if (!PyUnicode_Check(text)) {
            PyErr_SetString(PyExc_TypeError, "texts: only str");
            Py_CLEAR(left);
        }
        else if (!sift(&pass, text, n, left)) {
            Py_CLEAR(left);
        }
    }
    PyMem_Free(pass.outline.at);
    PyMem_Free(pass.filter.ends);
    PyMem_Free(pass.seen_in);
    Py_XDECREF(texts);
    return left;
}

/* ---- The module ---- */

static PyType_Slot chart_slots[] = {
    {Py_tp_doc, "What every character shows, its letters, and whether none counts twice in a row."},
    {Py_tp_new, chart_new},
    {Py_tp_dealloc, chart_dealloc},
    {0, NULL},
};

static PyType_Spec chart_spec = {
    .name = "service.domain.matching.quick_sieve.Chart",
    .basicsize = sizeof(Chart),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = chart_slots,
};

static PyMethodDef sieve_methods[] = {
    {"left",
     (PyCFunction)sieve_left,
     METH_O,
     "Return what the texts that need a closer look may contain, by their number."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot sieve_slots[] = {
    {Py_tp_doc, "Patterns made ready to tell which of many texts may contain any of them."},
    {Py_tp_new, sieve_new},
    {Py_tp_dealloc, sieve_dealloc},
    {Py_tp_methods, sieve_methods},
    {0, NULL},
};

static PyType_Spec sieve_spec = {
    .name = "service.domain.matching.quick_sieve.Sieve",
    .basicsize = sizeof(Sieve),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = sieve_slots,
};

static int
fill(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->chart = (PyTypeObject *)PyType_FromModuleAndSpec(module, &chart_spec, NULL);
    PyObject *sieve = PyType_FromModuleAndSpec(module, &sieve_spec, NULL);
    if (state->chart == NULL || sieve == NULL || PyModule_AddType(module, state->chart) < 0
        || PyModule_AddType(module, (PyTypeObject *)sieve) < 0) {
        Py_XDECREF(sieve);
        return -1;
    }
    Py_DECREF(sieve);
    return PyModule_AddStringConstant(module, "SOURCE", SOURCE) < 0
        || PyModule_AddIntConstant(module, "DROPPED", DROPPED) < 0
        || PyModule_AddIntConstant(module, "EDGE", EDGE) < 0
        || PyModule_AddIntConstant(module, "ODD", ODD) < 0
        || PyModule_AddIntConstant(module, "SEVERAL", SEVERAL) < 0 ? -1 : 0;
}

static int
forget(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->chart);
    return 0;
}

static int
visit_state(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT(state->chart);
    return 0;
}

static void
free_state(void *module)
{
    forget(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, fill},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "quick_sieve",
    .m_doc = "The sieve, compiled.",
    .m_size = sizeof(State),
    .m_slots = module_slots,
    .m_traverse = visit_state,
    .m_clear = forget,
    .m_free = free_state,
};

PyMODINIT_FUNC
PyInit_quick_sieve(void)
{
    return PyModuleDef_Init(&module);
}
