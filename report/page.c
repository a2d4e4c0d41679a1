/* SPDX-License-Identifier: MIT */
/* Lines of styled pieces. */
#include "page.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "plain.h"

#define NARROWEST 24
#define WIDEST 400

static size_t width_of(FILE *out)
{
    const char *columns = getenv("COLUMNS");
    struct winsize window = {0};
    long width = columns ? strtol(columns, NULL, 10) : 0;
    if (width <= 0 && ioctl(fileno(out), TIOCGWINSZ, &window) == 0)
        width = window.ws_col;
    if (width <= 0)
        width = 80;
    return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : (size_t)width;
}

static bool wants_color(FILE *out)
{
    const char *no = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(fileno(out)) && !(no && *no) && terminal && *terminal &&
           strcmp(terminal, "dumb") != 0;
}

void ol_page_begin(struct ol_page *page, FILE *out, struct obstack *pool)
{
    *page = (struct ol_page){.out = out, .pool = pool};
    page->width = width_of(out);
    page->colored = wants_color(out);
    page->utf8 = ol_plain_start();
}

static void write_piece(struct ol_page *page, enum ol_style style, const char *text)
{
    static const char *const codes[] = {"",         "\033[1m",  "\033[2m", "\033[1;31m",
                                        "\033[33m", "\033[36m", "\033[1m", "\033[32m"};
    bool styled = page->colored && style != OL_STYLE_PLAIN;
    fprintf(page->out, "%s%s%s", styled ? codes[style] : "", text, styled ? "\033[0m" : "");
}

/* Room for the text: on a new line where this one is too full. A blank that would begin a line is
 * not needed, and a comma stays with what it stands behind: the last column is for it. */
static const char *place(struct ol_page *page, enum ol_style style, const char *text)
{
    if (page->column <= page->indent || page->column + ol_plain_width(text) < page->width)
        return text;
    if (*text == ',') {
        write_piece(page, style, ",");
        text++;
    }
    ol_page_line(page, page->indent);
    return text + strspn(text, " ");
}

static void put_piece(struct ol_page *page, enum ol_style style, const char *text)
{
    text = place(page, style, text);
    write_piece(page, style, text);
    page->column += ol_plain_width(text);
}

/* A text that no line has room for is broken between its words; a word that is too long is left to
 * the terminal, so that it can be copied whole. */
static void put_text(struct ol_page *page, enum ol_style style, const char *raw)
{
    char *text = ol_plain_text(page->pool, raw);
    size_t room = page->width > page->indent ? page->width - page->indent : 0;
    if (ol_plain_width(text) <= room) {
        put_piece(page, style, text);
        return;
    }
    while (*text) {
        char *end = text + strspn(text, " ");
        end += strcspn(end, " ");
        char next = *end;
        *end = '\0';
        put_piece(page, style, text);
        *end = next;
        text = end;
    }
}

void ol_page_put(struct ol_page *page, enum ol_style style, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *raw = ol_pool_vformat(page->pool, format, arguments);
    va_end(arguments);
    put_text(page, style, raw);
    obstack_free(page->pool, raw);
}

void ol_page_words(struct ol_page *page, enum ol_style style, const char *sentence)
{
    bool first = true;
    while (*sentence) {
        size_t length = strcspn(sentence, " ");
        if (length)
            ol_page_put(page, style, "%s%.*s", first ? "" : " ", (int)length, sentence);
        sentence += length + strspn(sentence + length, " ");
        first = false;
    }
}

void ol_page_tab(struct ol_page *page, size_t column)
{
    size_t blanks = column > page->column ? column - page->column : page->column > page->indent;
    fprintf(page->out, "%*s", (int)blanks, "");
    page->column += blanks;
}

void ol_page_line(struct ol_page *page, size_t indent)
{
    fprintf(page->out, "\n");
    page->column = 0;
    page->indent = indent;
    if (indent)
        ol_page_tab(page, indent);
}

const char *ol_page_mark(const struct ol_page *page, const char *utf8, const char *ascii)
{
    return page->utf8 ? utf8 : ascii;
}
