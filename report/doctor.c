/* SPDX-License-Identifier: MIT */
/* `offloop doctor PROG`: what of a program can and can't be watched, before it is run. Reads files
 * and asks the dynamic loader for the list of libraries; nothing of the program is executed. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "detector/module.h"
#include "exit.h"
#include "object.h"
#include "page.h"
#include "plain.h"
#include "say.h"
#include "target.h"

#define OBJECTS_MAX 512

struct patient {
    struct obstack *pool;
    struct ol_page page;
    struct ol_object *objects; /* the program first, then its libraries */
    size_t count;
    const char *python; /* "python3.11", or NULL */
    bool sick;
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* One finding: a mark, what it is about, a sentence. */
static void tell(struct patient *patient, enum ol_style style, const char *subject,
                 const char *sentence)
{
    const char *mark = style == OL_STYLE_GOOD      ? ol_page_mark(&patient->page, "✓", "ok")
                       : style == OL_STYLE_WARNING ? "!"
                                                   : "-";
    ol_page_put(&patient->page, style, "  %s ", mark);
    ol_page_put(&patient->page, OL_STYLE_BOLD, "%s", subject);
    ol_page_put(&patient->page, OL_STYLE_PLAIN, "  ");
    patient->page.indent = 6;
    ol_page_words(&patient->page, OL_STYLE_PLAIN, sentence);
    ol_page_line(&patient->page, 0);
    patient->sick |= style == OL_STYLE_WARNING;
}

/* The loader's own list: "libm.so.6 => /lib/…/libm.so.6 (0x7f…)". It runs no code of the program.
 */
static void add_libraries(struct patient *patient)
{
    int status = 0;
    const struct ol_object *program = &patient->objects[0];
    int ends[2];
    if (!program->loader || pipe(ends) != 0)
        return;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        unsetenv("LD_PRELOAD");
        execl(program->loader, program->loader, "--list", program->path, (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *list = fdopen(ends[0], "r");
    char *line = NULL;
    size_t size = 0;
    while (list && getline(&line, &size, list) > 0 && patient->count < OBJECTS_MAX) {
        char *path = strstr(line, "=> /");
        path = path ? path + 3 : line + strspn(line, " \t");
        path[strcspn(path, " \n")] = '\0';
        struct ol_object object;
        if (path[0] == '/' && ol_object_read(&object, patient->pool, path))
            patient->objects[patient->count++] = object;
    }
    free(line);
    if (list)
        fclose(list);
    if (waitpid(child, &status, 0) == child && status != 0) /* the loader has said why */
        ol_say_exit(OL_EXIT_UNWATCHABLE, "%s can't be run: not all of its libraries can be loaded",
                    program->path);
}

static bool is_c_library(const struct ol_object *object)
{
    const char *name = base_name(object->path);
    return strncmp(name, "libc.so", 7) == 0 || strncmp(name, "ld-linux", 8) == 0 ||
           strncmp(name, "libpthread", 10) == 0 || strncmp(name, "libresolv", 9) == 0;
}

/* "python3.11" of a program's or library's name. */
static const char *python_of(struct patient *patient)
{
    for (size_t i = 0; i < patient->count; i++) {
        const char *name = base_name(patient->objects[i].path);
        const char *version = strstr(name, "python3.");
        if (version && isdigit((unsigned char)version[8]))
            return ol_pool_format(patient->pool, "%.*s",
                                  (int)(8 + strspn(version + 8, "0123456789")), version);
    }
    return NULL;
}

/* The wait functions that are imported, by what they do: as loop.c judges them when they are
 * called, by the same table. */
struct waits {
    const char *loops;  /* "epoll_wait, poll", or NULL */
    const char *others; /* those that make no loop for whoever imports them */
    bool reactors;      /* of these, some do while a reactor runs */
};

static void tell_no_loop(struct patient *patient, const struct waits *waits)
{
    const char *later = "libraries that it loads later may bring one";
    if (waits->reactors)
        later = ol_pool_format(patient->pool, "those of Ruby do while EventMachine runs, and %s",
                               later);
    if (waits->others)
        tell(patient, OL_STYLE_WARNING, "loops",
             ol_pool_format(patient->pool,
                            "no wait makes one: %s count for loop libraries only, or with "
                            "OFFLOOP_LOOP=wait=poll; %s",
                            waits->others, later));
    else
        tell(patient, OL_STYLE_WARNING, "loops",
             ol_pool_format(patient->pool, "no wait function is imported: %s", later));
}

static void tell_loops(struct patient *patient, const struct waits *waits)
{
    if (patient->objects[0].is_go)
        tell(patient, OL_STYLE_WARNING, "Go",
             "its runtime waits and works by system calls of its own: no thread counts as a loop, "
             "and only what C code calls in one is seen");
    else if (waits->loops)
        tell(patient, OL_STYLE_GOOD, "loops",
             ol_pool_format(patient->pool, "waits that make a loop: %s", waits->loops));
    else if (patient->python)
        tell(patient, OL_STYLE_GOOD, "loops", "its module select brings epoll_wait");
    else
        tell_no_loop(patient, waits);
}

/* Spellings of a function follow each other, and have one name. */
static const char *joined(struct patient *patient, const char *list, const char *name)
{
    size_t length = strlen(name);
    if (list && strlen(list) >= length && strcmp(list + strlen(list) - length, name) == 0)
        return list;
    return list ? ol_pool_format(patient->pool, "%s, %s", list, name) : name;
}

static void note_wait(struct patient *patient, struct waits *waits, int call)
{
    const char *name = ol_calls[call].name;
    bool imported = false;
    bool loops = false;
    for (size_t i = 0; i < patient->count; i++) {
        const struct ol_object *object = &patient->objects[i];
        if (!object->calls[call] || is_c_library(object))
            continue;
        enum ol_loops_by by = ol_module_loops_by(object->path);
        imported = true;
        loops |= strncmp(name, "epoll_", 6) == 0 || by >= OL_LOOPS_BY_polls;
        waits->reactors |= by == OL_LOOPS_BY_reactors;
    }
    if (loops)
        waits->loops = joined(patient, waits->loops, name);
    else if (imported)
        waits->others = joined(patient, waits->others, name);
}

static void tell_calls(struct patient *patient)
{
    unsigned calls = 0;
    struct waits waits = {.loops = NULL};
    for (int i = 0; i < OL_CALL_COUNT; i++) {
        bool called = false;
        for (size_t n = 0; n < patient->count; n++)
            called |= patient->objects[n].calls[i] && !is_c_library(&patient->objects[n]);
        calls += called;
        if (ol_calls[i].rule == OL_RULE_poll)
            note_wait(patient, &waits, i);
    }
    tell(patient, calls ? OL_STYLE_GOOD : OL_STYLE_WARNING, "calls",
         ol_pool_format(patient->pool,
                        "%u of the %d watched functions are imported by the program or one of its "
                        "%zu libraries",
                        calls, OL_CALL_COUNT, patient->count - 1));
    tell_loops(patient, &waits);
}

static void tell_python(struct patient *patient)
{
    const char *python = patient->python;
    if (!python)
        return;
    int minor = atoi(python + 8);
    bool reads = minor >= 9 && minor <= 15;
    tell(patient, reads ? OL_STYLE_GOOD : OL_STYLE_WARNING, python,
         reads ? "its frames are read: reports name Python functions and lines"
               : "its frames can't be read (3.9 to 3.15 can): reports show native frames only");
}

/* Functions of the table that an object brings itself; the first names them. */
static unsigned defined_by(const struct ol_object *object, const char **first)
{
    unsigned count = 0;
    for (int i = 0; i < OL_CALL_COUNT; i++)
        if (object->defines[i] && !count++)
            *first = ol_calls[i].symbol;
    return count;
}

static void tell_static_parts(struct patient *patient)
{
    const struct ol_object *program = &patient->objects[0];
    const char *first = NULL;
    unsigned count = defined_by(program, &first);
    if (count)
        tell(patient, OL_STYLE_WARNING, "own functions",
             ol_pool_format(
                 patient->pool,
                 "the program defines %s%s itself (a library is linked into it): what it "
                 "calls there does not pass by; the C library calls below are seen",
                 first, count > 1 ? ol_pool_format(patient->pool, " and %u more", count - 1) : ""));
    if (program->loop_functions)
        tell(patient, OL_STYLE_WARNING, "own loop",
             ol_pool_format(patient->pool,
                            "the program defines %s itself: its turns are seen by their waits, its "
                            "loop-only functions are not judged",
                            program->loop_functions));
}

static void tell_linking(struct patient *patient)
{
    const struct ol_object *program = &patient->objects[0];
    if (program->full_relro)
        tell(
            patient, OL_STYLE_PLAIN, "full RELRO",
            program->has_plt
                ? "its import slots are read-only after start; functions of rules files are caught "
                  "by making them writable for a moment"
                : "and -fno-plt: its import slots are read-only after start, and called without a "
                  "PLT; functions of rules files are caught by making them writable for a moment");
    for (size_t i = 0; i < patient->count; i++)
        if (patient->objects[i].symbolic && !is_c_library(&patient->objects[i]))
            tell(patient, OL_STYLE_PLAIN, base_name(patient->objects[i].path),
                 "is linked with -Bsymbolic: calls among its own functions are not seen");
    if (program->calls[OL_CALL_dlopen])
        tell(patient, OL_STYLE_PLAIN, "dlopen",
             "what it loads later is watched too, but for libraries with RTLD_DEEPBIND");
}

static void tell_system_calls(struct patient *patient)
{
    for (size_t i = 0; i < patient->count; i++) {
        const struct ol_object *object = &patient->objects[i];
        if (!object->system_calls || is_c_library(object))
            continue;
        tell(patient, OL_STYLE_WARNING, base_name(object->path),
             ol_pool_format(patient->pool,
                            "makes system calls itself at %u place%s%s%s: these do not pass by",
                            object->system_calls, object->system_calls == 1 ? "" : "s",
                            object->system_call_names ? ", among them " : "",
                            object->system_call_names ? object->system_call_names : ""));
    }
}

/* `runtime`: the library of it that the program needs, or NULL. */
static void tell_sanitizer(struct patient *patient, const char *runtime)
{
    const char *name = patient->objects[0].sanitizer;
    if (runtime)
        tell(patient, OL_STYLE_PLAIN, runtime,
             "a sanitizer's runtime, which liboffloop.so may stand before");
    else if (name)
        tell(patient, OL_STYLE_PLAIN, name, "is linked into the program: no order to keep");
}

static int examine(struct patient *patient, const struct ol_target *target, const char *path)
{
    if (!ol_object_read(&patient->objects[0], patient->pool, path))
        ol_say_exit(OL_EXIT_UNWATCHABLE, "%s can't be read as an ELF file", path);
    patient->count = 1;
    add_libraries(patient);
    patient->python = python_of(patient);
    if (strcmp(target->path, target->image) != 0)
        ol_page_put(&patient->page, OL_STYLE_PLAIN, "%s is a script for ", target->path);
    ol_page_put(&patient->page, OL_STYLE_BOLD, "%s", path);
    ol_page_line(&patient->page, 0);
    tell_calls(patient);
    tell_python(patient);
    tell_static_parts(patient);
    tell_linking(patient);
    tell_system_calls(patient);
    tell_sanitizer(patient, target->sanitizer);
    ol_page_put(&patient->page, patient->sick ? OL_STYLE_PLAIN : OL_STYLE_GOOD, "%s",
                patient->sick ? "can be watched, but for what is marked with !" : "can be watched");
    ol_page_line(&patient->page, 0);
    return OL_EXIT_OK;
}

static error_t parse(int key, char *value, struct argp_state *state)
{
    const char **program = state->input;
    if (key == ARGP_KEY_ARG && state->arg_num == 0)
        *program = value;
    else if (key == ARGP_KEY_ARG)
        ol_say_exit(OL_EXIT_USAGE, "takes one program");
    else if (key == ARGP_KEY_END && !*program)
        ol_say_exit(OL_EXIT_USAGE, "which program? offloop doctor PROG");
    else
        return key == ARGP_KEY_END ? 0 : ARGP_ERR_UNKNOWN;
    return 0;
}

static const struct argp argp = {
    .parser = parse,
    .args_doc = "PROG",
    .doc = "Says what of a program can and can't be watched, before it is run.\v"
           "Ends with 0 when it can be watched, 126 when it can't, 127 when it is not found. What "
           "is decided while it runs is printed by offloop run --debug loop,gate.",
};

int ol_doctor_main(int argc, char **argv)
{
    const char *program = NULL;
    struct obstack pool;
    struct ol_target target;
    struct patient patient = {.pool = &pool};
    ol_command_parse(&argp, argc, argv, 0, &program);
    ol_plain_start();
    ol_pool_begin(&pool);
    int trouble = ol_target_find(&target, &pool, program);
    if (trouble)
        return trouble;
    patient.objects = ol_pool_array(&pool, OBJECTS_MAX, sizeof *patient.objects);
    ol_page_begin(&patient.page, stdout, &pool);
    char *real = realpath(target.image, NULL);
    int status = examine(&patient, &target, real ? real : target.image);
    free(real);
    ol_pool_end(&pool);
    return ol_say_end(status);
}
