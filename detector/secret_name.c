/* SPDX-License-Identifier: MIT */
/* What has a name in an argument, where only names are kept. The contract is in secret.h. */
#include <string.h>

#include "secret.h"

struct span {
    const char *from, *to;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The value of `host` or `hostaddr` in a connection string: "host=db port=5432". */
static struct span host_of(const char *string)
{
    const char *at = strstr(string, "host");
    at = at && (at == string || strchr(" ;&?", at[-1])) ? at + strcspn(at, "= ") : NULL;
    if (!at || *at != '=')
        return (struct span){string, string};
    return (struct span){at + 1, at + 1 + strcspn(at + 1, " ;&'\"")};
}

/* SCHEME://HOST:PORT, without who logs in. */
static void add_url(struct ol_text *text, const char *string, const char *colon)
{
    const char *host = ol_secret_end_of_user_info(colon);
    ol_text_add_bytes(text, string, (size_t)(colon + 3 - string));
    ol_text_add_bytes(text, host, strcspn(host, "/?# \t\"'"));
}

void ol_secret_add_name(struct ol_text *text, const char *string, bool path)
{
    const char *colon = strstr(string, "://");
    const char *base = base_name(string);
    struct span host = host_of(string);
    if (colon && colon > string && strcspn(string, " \t\"'/") >= (size_t)(colon - string)) {
        add_url(text, string, colon);
    } else if (path) {
        ol_text_add(text, base);
    } else if (strchr(string, '=') && base == string) {
        ol_text_add_bytes(text, host.from, (size_t)(host.to - host.from));
    } else {
        const char *end = string + strcspn(string, " \t\n");
        for (const char *at = string; at < end; at++)
            string = *at == '/' ? at + 1 : string;
        ol_text_add_bytes(text, string, (size_t)(end - string));
    }
}
