/* SPDX-License-Identifier: MIT */
/* The string functions that the library itself calls, and the compiler for it. By the C library's
 * names, but hidden: in a program built with a sanitizer those names are the sanitizer's, which
 * then takes what our threads do to our tables for the program's own races, and asks whether our
 * buffers were ever written. Nothing here is for long texts. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Words of any alignment and type. */
typedef uint64_t __attribute__((aligned(1), may_alias)) word;

/* Forwards, so that memmove() may use it where the target comes first. */
static inline void copy_up(unsigned char *target, const unsigned char *source, size_t size)
{
    for (; size >= sizeof(word);
         size -= sizeof(word), target += sizeof(word), source += sizeof(word))
        *(word *)target = *(const word *)source;
    while (size--)
        *target++ = *source++;
}

void *memcpy(void *restrict target, const void *restrict source, size_t size)
{
    copy_up(target, source, size);
    return target;
}

void *memmove(void *target, const void *source, size_t size)
{
    unsigned char *to = target;
    const unsigned char *from = source;
    if ((uintptr_t)to - (uintptr_t)from >= size) {
        copy_up(to, from, size);
        return target;
    }
    while (size >= sizeof(word)) {
        size -= sizeof(word);
        *(word *)(to + size) = *(const word *)(from + size);
    }
    while (size--)
        to[size] = from[size];
    return target;
}

void *memset(void *target, int byte, size_t size)
{
    unsigned char *to = target;
    word many = UINT64_C(0x0101010101010101) * (unsigned char)byte;
    for (; size >= sizeof(word); size -= sizeof(word), to += sizeof(word))
        *(word *)to = many;
    while (size--)
        *to++ = (unsigned char)byte;
    return target;
}

int memcmp(const void *left, const void *right, size_t size)
{
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (; size >= sizeof(word); size -= sizeof(word), a += sizeof(word), b += sizeof(word))
        if (*(const word *)a != *(const word *)b)
            break;
    for (; size && *a == *b; size--, a++, b++)
        ;
    return size ? *a - *b : 0;
}

void *memchr(const void *bytes, int byte, size_t size)
{
    for (const unsigned char *at = bytes; size--; at++)
        if (*at == (unsigned char)byte)
            return (void *)(uintptr_t)at;
    return NULL;
}

size_t strnlen(const char *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length])
        length++;
    return length;
}

size_t strlen(const char *text)
{
    const char *end = text;
    while (*end)
        end++;
    return (size_t)(end - text);
}

int strncmp(const char *left, const char *right, size_t most)
{
    for (; most && *left && *left == *right; most--, left++, right++)
        ;
    return most ? (unsigned char)*left - (unsigned char)*right : 0;
}

int strcmp(const char *left, const char *right)
{
    for (; *left && *left == *right; left++, right++)
        ;
    return (unsigned char)*left - (unsigned char)*right;
}

/* Of ASCII; what we compare so are our own words. */
static int small(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : (unsigned char)letter;
}

int strncasecmp(const char *left, const char *right, size_t most)
{
    for (; most && *left && small(*left) == small(*right); most--, left++, right++)
        ;
    return most ? small(*left) - small(*right) : 0;
}

int strcasecmp(const char *left, const char *right)
{
    return strncasecmp(left, right, SIZE_MAX);
}

char *strchrnul(const char *text, int letter)
{
    while (*text && *text != (char)letter)
        text++;
    return (char *)(uintptr_t)text;
}

char *strchr(const char *text, int letter)
{
    char *found = strchrnul(text, letter);
    return *found == (char)letter ? found : NULL;
}

char *strrchr(const char *text, int letter)
{
    const char *found = NULL;
    do
        if (*text == (char)letter)
            found = text;
    while (*text++);
    return (char *)(uintptr_t)found;
}

size_t strcspn(const char *text, const char *letters)
{
    size_t length = 0;
    while (text[length] && !strchr(letters, text[length]))
        length++;
    return length;
}

size_t strspn(const char *text, const char *letters)
{
    size_t length = 0;
    while (text[length] && strchr(letters, text[length]))
        length++;
    return length;
}

char *strpbrk(const char *text, const char *letters)
{
    text += strcspn(text, letters);
    return *text ? (char *)(uintptr_t)text : NULL;
}

char *strstr(const char *text, const char *part)
{
    size_t length = strlen(part);
    for (; strncmp(text, part, length) != 0; text++)
        if (!*text)
            return NULL;
    return (char *)(uintptr_t)text;
}

char *strncpy(char *restrict target, const char *restrict source, size_t size)
{
    size_t length = strnlen(source, size);
    memcpy(target, source, length);
    memset(target + length, 0, size - length);
    return target;
}
