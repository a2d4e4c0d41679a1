/* SPDX-License-Identifier: MIT */
/* JSON as it is written: commas, escapes, numbers. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "report/plain.h"
#include "report/stream.h"

static struct ol_stream stream;

static void begin(void)
{
    ol_stream_begin(&stream);
}

static void end(void)
{
    ol_stream_end(&stream);
}

TestSuite(report_stream, .init = begin, .fini = end);

static void expect(const char *json)
{
    cr_expect_str_eq(ol_stream_fetch(&stream), json);
}

Test(report_stream, commas_stand_between_values_only)
{
    ol_stream_open(&stream, NULL, '{');
    ol_stream_open(&stream, "empty", '[');
    ol_stream_close(&stream, ']');
    ol_stream_open(&stream, "two", '[');
    ol_stream_bool(&stream, NULL, true);
    ol_stream_value(&stream, NULL, "{\"a\":1}");
    ol_stream_close(&stream, ']');
    ol_stream_text(&stream, "none", NULL);
    ol_stream_close(&stream, '}');
    expect("{\"empty\":[],\"two\":[true,{\"a\":1}],\"none\":null}");
}

Test(report_stream, texts_are_escaped)
{
    ol_plain_start();
    ol_stream_text(&stream, NULL, "a\"b\\c/\n\t\r\b\f\x01\x1f\x7f é \xc2\x9b\xe2\x80\xae 中 <&>");
    expect("\"a\\\"b\\\\c/\\n\\t\\r\\b\\f\\u0001\\u001f\\u007f é \\u009b\\u202e 中 <&>\"");
}

Test(report_stream, in_a_script_nothing_can_end_it)
{
    stream.html = true;
    ol_stream_text(&stream, "x", "</script>&amp;");
    expect("\"x\":\"\\u003c/script\\u003e\\u0026amp;\"");
}

Test(report_stream, numbers_to_their_ends)
{
    ol_stream_number(&stream, NULL, 0);
    ol_stream_number(&stream, NULL, INT64_MIN);
    ol_stream_number(&stream, NULL, INT64_MAX);
    ol_stream_count(&stream, NULL, UINT64_MAX);
    expect("0,-9223372036854775808,9223372036854775807,9223372036854775807");
}

Test(report_stream, a_value_can_leave_in_parts)
{
    char *bytes;
    size_t size;
    FILE *out = open_memstream(&bytes, &size);
    ol_stream_open(&stream, NULL, '[');
    for (int i = 0; i < 3; i++) {
        ol_stream_line(&stream);
        ol_stream_number(&stream, NULL, i);
        ol_stream_flush(&stream, out);
    }
    ol_stream_close(&stream, ']');
    ol_stream_flush(&stream, out);
    fclose(out);
    cr_expect_str_eq(bytes, "[\n0,\n1,\n2]");
    free(bytes);
}

Test(report_stream, what_was_taken_stays)
{
    ol_stream_text(&stream, NULL, "first");
    const char *first = ol_stream_fetch(&stream);
    ol_stream_text(&stream, NULL, "second");
    expect("\"second\"");
    cr_expect_str_eq(first, "\"first\"");
}
