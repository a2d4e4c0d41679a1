/* SPDX-License-Identifier: MIT */
/* OFFLOOP_POLICY=help: every word of the policy, and every variable, as one page for a terminal.
 * Called once, before the program starts. All of it comes from the tables, so it can not drift. */
#include <string.h>

#include "policy.h"
#include "rawio.h"
#include "text.h"

#define COLUMNS 100u
#define INDENT 2u

/* One line under way. */
struct page {
    int fd;
    char buffer[256];
    struct ol_text line;
};

/* By raw writes: stdio may not be set up yet, and the page may go to any descriptor. */
static void end_line(struct page *page)
{
    ol_text_add_char(&page->line, '\n');
    size_t done = 0;
    while (done < page->line.length) {
        ssize_t count = ol_raw_write(page->fd, page->line.bytes + done, page->line.length - done);
        if (count <= 0) /* nobody reads: there is nobody to tell either */
            break;
        done += (size_t)count;
    }
    page->line = OL_TEXT(page->buffer);
}

static void pad_to(struct page *page, size_t column)
{
    while (page->line.length < column)
        ol_text_add_char(&page->line, ' ');
}

/* Adds the text from `column` on, broken at blanks where the page ends, and ends the line. */
static void add_paragraph(struct page *page, size_t column, const char *text)
{
    pad_to(page, column);
    while (*text) {
        size_t length = strcspn(text, " ");
        bool first = page->line.length == column;
        if (!first && page->line.length + 1 + length > COLUMNS) {
            end_line(page);
            pad_to(page, column);
            first = true;
        }
        if (!first)
            ol_text_add_char(&page->line, ' ');
        ol_text_add_bytes(&page->line, text, length);
        text += length;
        text += *text == ' ';
    }
    end_line(page);
}

static void add_title(struct page *page, const char *title)
{
    end_line(page);
    add_paragraph(page, 0, title);
}

/* A name, and its text `width` columns further on. */
static void add_row(struct page *page, size_t width, const char *name, const char *text)
{
    pad_to(page, INDENT);
    ol_text_add(&page->line, name);
    add_paragraph(page, INDENT + width, text);
}

static void add_actions(struct page *page)
{
    add_title(page, "Actions, mildest first:");
    for (int i = 0; i < OL_ACTION_COUNT; i++)
        add_row(page, 12, ol_actions[i].name, ol_actions[i].text);
}

static void add_severities(struct page *page)
{
    static const char *const texts[OL_SEVERITY_COUNT] = {
        [OL_SEVERITY_note] = "known, and harmless most of the time",
        [OL_SEVERITY_warning] = "may wait",
        [OL_SEVERITY_error] = "waits for certain, or corrupts",
    };
    add_title(page, "Severities:");
    for (int i = 0; i < OL_SEVERITY_COUNT; i++)
        add_row(page, 15, ol_severity_names[i], texts[i]);
}

static void add_kinds(struct page *page)
{
    static const char *const texts[OL_KIND_COUNT] = {
        [OL_KIND_blocking] = "must not run on a loop thread",
        [OL_KIND_loop_only] = "must run on the thread of its loop",
        [OL_KIND_off_loop_only] = "must not be called from the loop thread",
        [OL_KIND_stall] = "a turn longer than OFFLOOP_STALL_MS, whatever caused it",
        [OL_KIND_misuse] = "a wrong use of a loop's API that is neither",
    };
    add_title(page, "Kinds:");
    for (int i = 0; i < OL_KIND_COUNT; i++)
        add_row(page, 15, ol_kind_names[i], texts[i]);
}

static void add_families(struct page *page)
{
    add_title(page, "Families:");
    for (int i = 0; i < OL_FAMILY_COUNT; i++)
        add_row(page, 15, ol_families[i].name, ol_families[i].text);
}

static void add_rules(struct page *page)
{
    add_title(page, "Rules, each with its family and severity:");
    for (int i = 0; i < OL_RULE_COUNT; i++) {
        pad_to(page, INDENT);
        ol_text_add(&page->line, ol_rules[i].name);
        pad_to(page, INDENT + 15);
        ol_text_add(&page->line, ol_families[ol_rules[i].family].name);
        pad_to(page, INDENT + 26);
        ol_text_add(&page->line, ol_severity_names[ol_rules[i].severity]);
        add_paragraph(page, INDENT + 35, ol_rules[i].what);
    }
}

static void add_variables(struct page *page)
{
    add_title(page, "Variables, each with its default:");
#define TEXT(field, variable, value, text)                                                         \
    add_row(page, 18, variable, value[0] ? text " (" value ")" : text " (none)");
#define NUMBER(field, variable, value, lowest, highest, text)                                      \
    add_row(page, 18, variable, text " (" #value ")");
#define SWITCH(field, variable, value, text) add_row(page, 18, variable, text " (" #value ")");
#include "options.def"
#undef TEXT
#undef NUMBER
#undef SWITCH
}

void ol_policy_help(int fd)
{
    struct page page = {.fd = fd};
    page.line = OL_TEXT(page.buffer);
    add_paragraph(
        &page, 0,
        "OFFLOOP_POLICY says what to do, by rule: ACTION or SELECTOR=ACTION, "
        "comma-separated, later wins. A SELECTOR is a rule, a family, a kind, a severity, "
        "or * for everything. A name that is a rule's and a family's is the rule; "
        "family:NAME is the family.");
    end_line(&page);
    add_paragraph(&page, INDENT, "OFFLOOP_POLICY=report,sleep=block,file=ignore");
    add_actions(&page);
    add_severities(&page);
    add_kinds(&page);
    add_families(&page);
    add_rules(&page);
    add_variables(&page);
}
