/* SPDX-License-Identifier: MIT */
/* Lines of rules files: bytes into words, in place. The contract is in ruleset_line.h. */
#include "ruleset_line.h"

#include <string.h>
#include <sys/mman.h>

#include "rawio.h"

/* "FILE:LINE" */
static void add_place(struct ol_text *text, const struct ol_line *line)
{
    ol_text_add_escaped(text, line->file, strlen(line->file));
    ol_text_add_char(text, ':');
    ol_text_add_unsigned(text, line->number);
}

void ol_ruleset_line_complain(const struct ol_line *line, const char *word, const char *reason)
{
    char bytes[512];
    struct ol_text text = OL_TEXT(bytes);
    add_place(&text, line);
    ol_text_add(&text, ": ");
    if (word)
        ol_word_quote(&text, ol_word_of(word));
    ol_text_add(&text, word ? " " : "");
    ol_text_add(&text, reason);
    line->complain(line->context, bytes);
}

void ol_ruleset_line_guess(const struct ol_line *line, const struct ol_nearest *nearest)
{
    char where[300];
    char bytes[512];
    struct ol_text place = OL_TEXT(where);
    struct ol_text text = OL_TEXT(bytes);
    add_place(&place, line);
    ol_word_explain(&text, where, nearest, "rule", "`offloop rules` lists them");
    line->complain(line->context, bytes);
}

/* As around words elsewhere (word.c): the text of a line loses none of its last word. */
static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Takes the next word off the line, unquoted in place. False at its end, at a comment, or with a
 * quote left open. */
static bool next_word(char **rest, char **word, bool *open)
{
    char *from = *rest;
    while (is_blank(*from))
        from++;
    char *to = from;
    char quote = '\0';
    *word = from;
    if (!*from || *from == '#')
        return false;
    for (; *from && (quote || !is_blank(*from)); from++) {
        if (quote ? *from == quote : (*from == '"' || *from == '\''))
            quote = quote ? '\0' : *from;
        else
            *to++ = *from;
    }
    *rest = *from ? from + 1 : from;
    *to = '\0';
    *open = quote != '\0';
    return !*open;
}

/* `original` is the line before it is cut into words. */
static void read_line(struct ol_line *line, char *bytes, const char *original,
                      void (*read)(struct ol_line *line))
{
    bool open = false;
    char *rest = bytes;
    char *word;
    line->count = 0;
    line->text = ol_word_of(original);
    while (line->count < OL_LINE_WORDS && next_word(&rest, &word, &open))
        line->words[line->count++] = word;
    if (open)
        ol_ruleset_line_complain(line, NULL, "a quote is left open");
    else if (line->count == OL_LINE_WORDS && next_word(&rest, &word, &open))
        ol_ruleset_line_complain(line, word, "is one word too many");
    else if (line->count)
        read(line);
}

/* Both copies are written: `words` gets NULs, `text` keeps the lines as they are, each ended by
 * NUL. */
static void read_text(const struct ol_line *template, char *words, char *text,
                      void (*read)(struct ol_line *line))
{
    struct ol_line line = *template;
    while (*text) {
        size_t length = strcspn(text, "\n");
        bool more = text[length] == '\n';
        words[length] = text[length] = '\0';
        line.number++;
        read_line(&line, words, text, read);
        words += length + more;
        text += length + more;
    }
}

bool ol_ruleset_line_read_all(const struct ol_line *template, int fd, const char *bytes,
                              size_t size, void (*read)(struct ol_line *line))
{
    char *room = ol_raw_mmap(2 * (size + 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                             -1);
    if (!room)
        return false;
    if (bytes)
        memcpy(room, bytes, size);
    else if (ol_raw_pread(fd, room, size, 0) != (ssize_t)size || memchr(room, '\0', size))
        return false;
    size_t mark = size >= 3 && memcmp(room, "\xef\xbb\xbf", 3) == 0 ? 3
                                                                    : 0; /* of Windows' editors */
    memcpy(room + size + 1, room, size);
    read_text(template, room + mark, room + size + 1 + mark, read);
    return true;
}
