/* SPDX-License-Identifier: MIT */
/* Formats by name, and files for them. Called by report.c and run.c. */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "choice.h"
#include "folded.h"
#include "github.h"
#include "html.h"
#include "json.h"
#include "junit.h"
#include "markdown.h"
#include "sarif.h"
#include "say.h"
#include "sheet.h"

struct ol_format {
    const char *name;
    void (*write)(struct ol_model *model, FILE *out);
};

/* clang-format off */
static const struct ol_format formats[] = {
    {"text", ol_sheet_write},
    {"json", ol_json_write},
    {"html", ol_html_write},
    {"sarif", ol_sarif_write},
    {"junit", ol_junit_write},
    {"markdown", ol_markdown_write},
    {"github", ol_github_write},
    {"folded", ol_folded_write},
};
/* clang-format on */

#define FORMATS (sizeof formats / sizeof *formats)

const char *ol_output_name(size_t index)
{
    return index < FORMATS ? formats[index].name : NULL;
}

static const struct ol_format *find(const char *name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (strcmp(formats[i].name, name) == 0)
            return &formats[i];
    return NULL;
}

static const char *guess(struct obstack *pool, const char *name)
{
    const char *names[FORMATS];
    for (size_t i = 0; i < FORMATS; i++)
        names[i] = formats[i].name;
    return ol_pool_format(
        pool, "'%s' is no format%s", name,
        ol_choice_guess(pool, name, names, FORMATS,
                        "text, json, html, sarif, junit, markdown, github or folded"));
}

bool ol_output_parse(struct ol_output *output, struct obstack *pool, const char *words,
                     const char **trouble)
{
    const char *equals = strchr(words, '=');
    const char *name = equals ? ol_pool_copy(pool, words, (size_t)(equals - words)) : words;
    const struct ol_format *format = find(name);
    if (!format) {
        *trouble = guess(pool, name);
        return false;
    }
    if (equals && !equals[1]) {
        *trouble = ol_pool_format(pool, "'%s' names no file", words);
        return false;
    }
    *output = (struct ol_output){.format = format, .path = equals ? equals + 1 : NULL};
    return true;
}

static bool complain(const char *path, int error)
{
    ol_say_line("%s: %s", path ? path : "standard output", strerror(error));
    return false;
}

bool ol_output_write(const struct ol_output *output, struct ol_model *model)
{
    FILE *out = output->path ? fopen(output->path, "we") : stdout;
    if (!out)
        return complain(output->path, errno);
    output->format->write(model, out);
    bool written = fflush(out) == 0 && !ferror(out);
    int error = errno;
    if (output->path && fclose(out) != 0 && written) {
        written = false;
        error = errno;
    }
    return written || complain(output->path, error);
}
