/* SPDX-License-Identifier: MIT */
/* Code of others inside of the user's programs. */
#include "compiled.h"

#include <string.h>

#include "path.h"

/* Parts of paths, wherever they stand; the first that is found tells. */
static const struct row {
    const char *part;
    enum ol_owner_class owner_class;
} anywhere[] = {
    {"/rustc/", OL_CODE_stdlib},
    {"/lib/rustlib/src/rust/", OL_CODE_stdlib},
    {"/registry/src/*/tokio-", OL_CODE_framework},
    {"/registry/src/*/mio-", OL_CODE_framework},
    {"/registry/src/*/polling-", OL_CODE_framework},
    {"/registry/src/*/async-io-", OL_CODE_framework},
    {"/registry/src/*/async-executor-", OL_CODE_framework},
    {"/registry/src/*/monoio-", OL_CODE_framework},
    {"/registry/src/*/glommio-", OL_CODE_framework},
    {"/registry/src/*/compio-", OL_CODE_framework},
    {"/registry/src/*/calloop-", OL_CODE_framework},
    {"/registry/src/", OL_CODE_library},
    {"/.cargo/git/checkouts/", OL_CODE_library},
    {"/include/boost/asio/", OL_CODE_framework},
    {"/include/asio/", OL_CODE_framework},
    {"/include/uvw/", OL_CODE_framework},
    {"/include/c++/", OL_CODE_stdlib},
    {"/libstdc++-v3/", OL_CODE_stdlib},
    {"/libcxx/", OL_CODE_stdlib},
    {"/libsanitizer/", OL_CODE_stdlib},
    {"/compiler-rt/lib/", OL_CODE_stdlib},
    {"/usr/lib/gcc/", OL_CODE_stdlib},
    {"/usr/include/", OL_CODE_library},
    {"/usr/local/include/", OL_CODE_library},
    {"/usr/local/go/src/", OL_CODE_stdlib},
    {"/usr/lib/go/src/", OL_CODE_stdlib},
    {"/usr/lib/go-*/src/", OL_CODE_stdlib},
    {"/usr/share/go-*/src/", OL_CODE_stdlib},
    {"/sdk/go*/src/", OL_CODE_stdlib},
    {"/pkg/mod/golang.org/toolchain@", OL_CODE_stdlib},
    {"/pkg/mod/", OL_CODE_library},
    {"/lib/zig/std/", OL_CODE_stdlib},
    {"/vcpkg_installed/", OL_CODE_library},
    {"/.conan/", OL_CODE_library},
    {"/.conan2/", OL_CODE_library},
};

/* Folders that a project keeps the code of others in. */
static const char *const vendored[] = {"vendor",   "vendored",     "third_party", "third-party",
                                       "3rdparty", "thirdparty",   "_deps",       "subprojects",
                                       "external", "node_modules", "bazel-out"};

/* The end of `part` in `path`, or NULL; its "*" is one folder, or the rest of one. */
static const char *find_part(const char *path, const char *part)
{
    size_t plain = strcspn(part, "*");
    for (const char *at = path; *at; at++) {
        if (strncmp(at, part, plain) != 0)
            continue;
        const char *rest = part[plain] ? strchr(at + plain, '/') : at + plain;
        size_t length = part[plain] ? strlen(part + plain + 1) : 0;
        if (rest && strncmp(rest, part + plain + 1, length) == 0)
            return rest + length;
    }
    return NULL;
}

static bool is_vendored(const char *path)
{
    for (const char *slash = path; (slash = strchr(slash, '/')); slash++) {
        const char *name = slash + 1;
        size_t length = strcspn(name, "/");
        for (size_t i = 0; name[length] && i < sizeof vendored / sizeof *vendored; i++)
            if (strlen(vendored[i]) == length && strncmp(name, vendored[i], length) == 0)
                return true;
    }
    return false;
}

static enum ol_owner_class by_path(const char *file, const char *root)
{
    for (size_t i = 0; i < sizeof anywhere / sizeof *anywhere; i++)
        if (find_part(file, anywhere[i].part))
            return anywhere[i].owner_class;
    const char *below = root ? ol_path_below(root, file) : NULL;
    /* with the '/' before it, as all folders have one */
    return is_vendored(below ? below - 1 : file) ? OL_CODE_library : OL_CODE_user;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool is_standard_scope(const char *name)
{
    static const char *const scopes[] = {
        "std::", "core::", "alloc::", "__gnu_cxx::", "__cxxabiv1::", "hashbrown::", "std["};
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        if (begins(name, scopes[i]))
            return true;
    return false;
}

/* Of a sanitizer's runtime that is linked in, mostly without debug information. */
static bool is_interceptor(const char *name)
{
    return begins(name, "__interceptor_") || begins(name, "PosixSpawnImpl<");
}

/* A demangled name from its scopes on: without the result of a C++ template, "void
 * std::f<int>(int)"; of Rust's "<&mut T as Trait>::f" from T on. */
static const char *scopes_of(const char *name)
{
    const char *start = name;
    int depth = 0;
    if (*name == '<')
        return name + 1 + strspn(name + 1, "&<* ") + (begins(name + 1, "&mut ") ? 4 : 0);
    for (const char *at = name; *at && (depth || *at != '('); at++) {
        depth += *at == '<' ? 1 : *at == '>' ? -1 : 0;
        if (!depth && *at == ' ')
            start = at + 1;
    }
    return start;
}

void ol_compiled_classify(struct ol_frame *frame, const char *root)
{
    if (frame->owner_class != OL_CODE_user || frame->kind != OL_FRAME_native)
        return;
    if (frame->file && *frame->file)
        frame->owner_class = by_path(frame->file, root);
    else if (frame->function && (is_standard_scope(scopes_of(frame->function)) ||
                                 is_interceptor(scopes_of(frame->function))))
        frame->owner_class = OL_CODE_stdlib;
}

void ol_compiled_judge(struct ol_violation *violation)
{
    const struct ol_frame *culprit = violation->culprit, *library = NULL;
    size_t i = 0;
    if (!culprit || culprit->kind != OL_FRAME_native || culprit->owner_class == OL_CODE_user)
        return;
    while (i < violation->frame_count && violation->frames[i] != culprit)
        i++;
    for (; i < violation->frame_count; i++) {
        const struct ol_frame *frame = violation->frames[i];
        if (frame->kind != OL_FRAME_native || (frame->owner_class == OL_CODE_framework && library))
            break;
        if (frame->owner_class == OL_CODE_user && frame->function) {
            violation->culprit = frame;
            return;
        }
        if (frame->owner_class == OL_CODE_library && !library)
            library = frame;
    }
    violation->culprit = library ? library : culprit;
}
