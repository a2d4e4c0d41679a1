/* SPDX-License-Identifier: MIT */
/* The report as one page that opens from disk: style, script and data are in it, and its
 * Content-Security-Policy lets nothing else in. This is its frame, a template with four holes; what
 * goes into the last hole is made by html_data.c. */
#include "format.h"

#include <nettle/base64.h>
#include <nettle/sha2.h>
#include <string.h>

#include "html_data.h"
#include "html_stamp.h" /* makes this file new when one of html/ is */

/* The files of html/ as bytes, each ended by NUL; the parts of the script are one text. */
#define EMBED(name, files)                                                                         \
    extern const char name[];                                                                      \
    __asm__(".pushsection .rodata\n"                                                               \
            ".global " #name "\n"                                                                  \
            ".hidden " #name "\n" #name ":\n" files ".byte 0\n"                                    \
            ".popsection\n")
#define PART(file) ".incbin \"" OL_HTML_FOLDER "/" file "\"\n"

EMBED(ol_html_page, PART("page.html"));
EMBED(ol_html_style, PART("style.css"));
EMBED(ol_html_script,
      PART("words.js") PART("data.js") PART("summary.js") PART("filter.js") PART("table.js")
          PART("site.js") PART("flame.js") PART("turns.js") PART("main.js"));

/* What the browser compares: 'sha256-…' of the text between the tags. */
static void put_hash(FILE *out, const char *text)
{
    struct sha256_ctx hash;
    uint8_t digest[SHA256_DIGEST_SIZE];
    char encoded[BASE64_ENCODE_RAW_LENGTH(SHA256_DIGEST_SIZE) + 1] = {0};
    sha256_init(&hash);
    sha256_update(&hash, strlen(text), (const uint8_t *)text);
    sha256_digest(&hash, sizeof digest, digest);
    base64_encode_raw(encoded, sizeof digest, digest);
    fprintf(out, "'sha256-%s'", encoded);
}

/* Nothing from anywhere; and nothing may turn a string into markup or code. */
static void put_policy(struct ol_model *model, FILE *out)
{
    fputs("default-src 'none'; script-src ", out);
    put_hash(out, ol_html_script);
    fputs("; style-src ", out);
    put_hash(out, ol_html_style);
    fputs("; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; "
          "trusted-types 'none'",
          out);
}

static void put_style(struct ol_model *model, FILE *out)
{
    fputs(ol_html_style, out);
}

static void put_script(struct ol_model *model, FILE *out)
{
    fputs(ol_html_script, out);
}

static const struct hole {
    const char *name;
    void (*fill)(struct ol_model *model, FILE *out);
} holes[] = {
    {"{{policy}}", put_policy},
    {"{{style}}", put_style},
    {"{{script}}", put_script},
    {"{{data}}", ol_html_data_write},
};

static const struct hole *hole_at(const char *text)
{
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++)
        if (strncmp(text, holes[i].name, strlen(holes[i].name)) == 0)
            return &holes[i];
    return NULL;
}

static void write(struct ol_model *model, FILE *out)
{
    const char *from = ol_html_page, *open;
    while ((open = strstr(from, "{{"))) {
        const struct hole *hole = hole_at(open);
        fwrite(from, 1, (size_t)(open - from), out);
        if (hole)
            hole->fill(model, out);
        from = hole ? open + strlen(hole->name) : open + 2;
    }
    fputs(from, out);
}

const struct ol_format ol_format_html = {
    .name = "html",
    .suffix = ".html",
    .text = "one page that opens from disk, with filters, flame graph and turns",
    .write = write,
};
