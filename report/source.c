/* Lines of source files. Called by sheet_site.c. */
#include "source.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"

#define LONGEST 4096 /* of a line; what is longer was not written by hand */

static FILE *open_regular(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    FILE *file = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? fdopen(fd, "r") : NULL;
    if (!file)
        close(fd);
    return file;
}

/* Reads that line into `bytes`; a line longer than the buffer is cut, not taken for several. */
static bool read_line(FILE *file, uint32_t line, char bytes[static LONGEST])
{
    while (line && fgets(bytes, LONGEST, file)) {
        bool whole = strchr(bytes, '\n') != NULL;
        if (--line && !whole)
            for (int c = getc(file); c != '\n' && c != EOF; c = getc(file))
                ;
    }
    return line == 0;
}

const char *ol_source_line(struct obstack *pool, const char *folder, const char *file,
                           uint32_t line)
{
    char bytes[LONGEST];
    if (!file || !line)
        return NULL;
    if (*file != '/' && folder)
        file = ol_pool_format(pool, "%s/%s", folder, file);
    FILE *source = open_regular(file);
    bool found = source && read_line(source, line, bytes);
    if (source)
        fclose(source);
    if (!found)
        return NULL;
    size_t length = strlen(bytes), blanks = strspn(bytes, " \t");
    while (length > blanks && strchr(" \t\r\n", bytes[length - 1]))
        length--;
    return length > blanks ? ol_pool_copy(pool, bytes + blanks, length - blanks) : NULL;
}
