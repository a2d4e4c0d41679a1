/* SPDX-License-Identifier: MIT */
/* Imports on Python stacks: which frames belong to one, what it is called, and by what. The
 * contract is in inside.h.
 *
 * One import is what the outermost statement or call of the turn loads, however many modules that
 * are. Its root is the outermost frame that belongs to it. */
#include <stdatomic.h>
#include <string.h>

#include "inside.h"

enum { NO_LOCAL = -1 };

/* Functions that import. `module` NULL: of the import machinery itself. `local`: which of its
 * locals is the name of what it imports. `api`: what a user calls it by; NULL: nobody does. */
static const struct row {
    const char *module, *function;
    int local;
    const char *api;
} rows[] = {
    {NULL, "_find_and_load", 0, NULL},
    {NULL, "_handle_fromlist", NO_LOCAL, NULL},
    {NULL, "get_code", 1, NULL},
    {"importlib", "import_module", NO_LOCAL, "importlib.import_module"},
    {NULL, "exec_module", NO_LOCAL, "importlib.machinery.SourceFileLoader.exec_module"},
    {NULL, "load_module", NO_LOCAL, "importlib.machinery.SourceFileLoader.load_module"},
    {"importlib", "reload", 1, "importlib.reload"},
    {"runpy", "run_module", 0, "runpy.run_module"},
    {"runpy", "run_path", 0, "runpy.run_path"},
};

enum { ROWS = sizeof rows / sizeof *rows, LOADS = 0, FROM = 1, READS_CODE = 2, BY_NAME = 3 };

enum ol_pyrole ol_pyimport_role(const char *module, const char *function, enum ol_owner_class owner)
{
    for (unsigned i = 0; i < ROWS; i++) {
        bool own = rows[i].module ? strcmp(rows[i].module, module) == 0 : owner == OL_CODE_import;
        if (own && strcmp(rows[i].function, function) == 0)
            return (enum ol_pyrole)(OL_PYROLE_import + i);
    }
    return OL_PYROLE_none;
}

static const struct row *row_of(const struct ol_pyview *view, unsigned index)
{
    unsigned role = view->marks->roles[index];
    return role >= OL_PYROLE_import && role < OL_PYROLE_import + ROWS
               ? &rows[role - OL_PYROLE_import]
               : NULL;
}

static bool is_row(const struct ol_pyview *view, unsigned index, unsigned row)
{
    return view->marks->roles[index] == OL_PYROLE_import + row;
}

/* What only reads code (`inspect`, `pkgutil.get_loader`) imports nothing, and import_module() is
 * over when what it calls is. */
unsigned ol_pyimport_root(const struct ol_pyview *view)
{
    for (unsigned i = view->boundary; i; i--)
        if (row_of(view, i - 1) && !is_row(view, i - 1, READS_CODE) &&
            !is_row(view, i - 1, BY_NAME))
            return i - 1;
    return OL_NO_INDEX;
}

bool ol_pyimport_makes(const struct ol_pyview *view, unsigned root)
{
    for (unsigned i = 0; i <= root; i++) {
        if (view->marks->classes[i] == OL_CODE_import || row_of(view, i))
            return true;
        if (view->marks->classes[i] == OL_CODE_user)
            return false;
    }
    return false;
}

static bool read_local(const struct ol_pyview *view, unsigned index, int local, char *name,
                       size_t size)
{
    const void *locals[2];
    unsigned count = local < 0 ? 0 : ol_pyframe_locals(&view->frames[index], locals, 2);
    return (unsigned)local < count && ol_pyread_str(locals[local], name, size);
}

/* `from package import part` is known by the package, whose parts are imported one by one. */
static void cut_part(const struct ol_pyview *view, unsigned loads, unsigned root, char *name)
{
    char *dot = strrchr(name, '.');
    for (unsigned i = loads + 1; dot && i <= root; i++)
        if (is_row(view, i, FROM)) {
            *dot = '\0';
            return;
        }
}

void ol_pyimport_name(const struct ol_pyview *view, unsigned root, char *name, size_t size)
{
    *name = '\0';
    for (unsigned i = root + 1; i; i--) {
        const struct row *row = row_of(view, i - 1);
        if (!row || !read_local(view, i - 1, row->local, name, size))
            continue;
        if (row == &rows[LOADS])
            cut_part(view, i - 1, root, name);
        return;
    }
}

const char *ol_pyimport_api(const struct ol_pyview *view, unsigned root, unsigned culprit)
{
    for (unsigned i = culprit < view->count ? culprit : view->count; i > root; i--) {
        const struct row *row = row_of(view, i - 1);
        if (row && row->api)
            return row->api;
    }
    return "import";
}

/* Files of the import machinery, by the str that is their name: it lives as long as the interpreter
 * does. */
static _Atomic(const void *) files[4];

void ol_pyimport_learn(const void *file)
{
    for (unsigned i = 0; i < sizeof files / sizeof *files; i++) {
        const void *none = NULL;
        if (files[i] == file || atomic_compare_exchange_strong(&files[i], &none, file))
            return;
    }
}

bool ol_python_imports(const struct ol_runtime_frame *innermost)
{
    const void *file;
    memcpy(&file, (const char *)innermost->code + ol_pyruntime.layout.code_filename, sizeof file);
    for (unsigned i = 0; file && i < sizeof files / sizeof *files; i++)
        if (files[i] == file)
            return true;
    return false;
}
