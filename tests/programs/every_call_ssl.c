/* SPDX-License-Identifier: MIT */
/* A library that has every function of the NEAR rows of detector/calls.def, those of the TLS
 * libraries: they count their calls, and do nothing else. every_call is linked with it. */
#include <stdint.h>

#define SHOWN __attribute__((visibility("default")))

extern int every_ssl_calls;
SHOWN int every_ssl_calls;

#define ONE_NEAR(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    SHOWN result symbol parameters;                                                                \
    result symbol parameters                                                                       \
    {                                                                                              \
        every_ssl_calls++;                                                                         \
        return (result)(intptr_t)1;                                                                \
    }
#include "../../detector/calls_symbols.h"

/* What OpenSSL says of its default paths. */
SHOWN const char *X509_get_default_cert_file(void);
const char *X509_get_default_cert_file(void)
{
    return "/fake/cert.pem";
}
