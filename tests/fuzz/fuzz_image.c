/* SPDX-License-Identifier: MIT */
/* Anything at all as a program: what kind it is, and how it calls. */
#include <string.h>

#include "fuzz.h"
#include "report/image.h"
#include "report/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzz_file(bytes, size);
    struct obstack pool;
    struct ol_image image;
    struct ol_object object;
    ol_pool_begin(&pool);
    ol_image_read(&image, &pool, path);
    DEMAND(image.kind <= OL_IMAGE_unknown &&
           (image.kind == OL_IMAGE_script) == !!image.interpreter);
    if (ol_object_read(&object, &pool, path))
        DEMAND(size > 4 && memcmp(bytes, "\177ELF", 4) == 0);
    ol_pool_end(&pool);
    return 0;
}
