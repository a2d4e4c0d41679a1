/* SPDX-License-Identifier: MIT */
/* every_call: the rows of the family `cert`, over the library of every_call_ssl.c. */
#include "every_call.h"

#include <stdlib.h>

#define ONE_NEAR(symbol, name, rule, fail, result, parameters, arguments, when, shown)             \
    extern result symbol parameters;
#include "../../detector/calls_symbols.h"

extern int every_ssl_calls; /* made so far, of all functions */
static int calls_before;

static void a_file(struct trial *t)
{
    argue(t, "%s", t->path);
    calls_before = every_ssl_calls;
}

static void no_file(struct trial *t)
{
    t->path[0] = '\0';
    calls_before = every_ssl_calls;
}

static void the_default_file(struct trial *t)
{
    argue(t, "/fake/cert.pem"); /* every_call_ssl.c says so */
    calls_before = every_ssl_calls;
}

static void no_argument(struct trial *t)
{
    (void)t;
    calls_before = every_ssl_calls;
}

static bool was_called(struct trial *t)
{
    (void)t;
    return every_ssl_calls == calls_before + 1;
}

static const char *file_of(const struct trial *t)
{
    return t->path[0] ? t->path : NULL;
}

static const struct world file = {"file", COUNTS, .prepare = a_file, .happened = was_called};
static const struct world nothing = {"nothing", SILENT, .prepare = no_file, .happened = was_called};
static const struct world by_default = {"default", COUNTS, .prepare = the_default_file,
                                        .happened = was_called};
static const struct world by_itself = {"system", COUNTS, .prepare = no_argument,
                                       .happened = was_called};
#define FILE_OR_NOT WORLDS(&file, &nothing)
#define FROM_FILE WORLDS(&file)
#define DEFAULT WORLDS(&by_default)
#define OF_SYSTEM WORLDS(&by_itself)

CASE(SSL_CTX_load_verify_locations, FILE_OR_NOT,
     SSL_CTX_load_verify_locations(NULL, file_of(t), NULL))
CASE(SSL_CTX_load_verify_file, FROM_FILE, SSL_CTX_load_verify_file(NULL, t->path))
CASE(SSL_CTX_load_verify_dir, FROM_FILE, SSL_CTX_load_verify_dir(NULL, t->path))
CASE(SSL_CTX_load_verify_store, FROM_FILE, SSL_CTX_load_verify_store(NULL, t->path))
CASE(SSL_CTX_set_default_verify_paths, DEFAULT, SSL_CTX_set_default_verify_paths(NULL))
CASE(SSL_CTX_set_default_verify_file, DEFAULT, SSL_CTX_set_default_verify_file(NULL))
CASE(SSL_CTX_set_default_verify_dir, OF_SYSTEM, SSL_CTX_set_default_verify_dir(NULL))
CASE(SSL_CTX_set_default_verify_store, OF_SYSTEM, SSL_CTX_set_default_verify_store(NULL))
CASE(SSL_CTX_use_certificate_file, FROM_FILE, SSL_CTX_use_certificate_file(NULL, t->path, 1))
CASE(SSL_CTX_use_certificate_chain_file, FROM_FILE,
     SSL_CTX_use_certificate_chain_file(NULL, t->path))
CASE(SSL_CTX_use_PrivateKey_file, FROM_FILE, SSL_CTX_use_PrivateKey_file(NULL, t->path, 1))
CASE(SSL_CTX_use_RSAPrivateKey_file, FROM_FILE, SSL_CTX_use_RSAPrivateKey_file(NULL, t->path, 1))
CASE(SSL_use_certificate_file, FROM_FILE, SSL_use_certificate_file(NULL, t->path, 1))
CASE(SSL_use_certificate_chain_file, FROM_FILE, SSL_use_certificate_chain_file(NULL, t->path))
CASE(SSL_use_PrivateKey_file, FROM_FILE, SSL_use_PrivateKey_file(NULL, t->path, 1))
CASE(SSL_load_client_CA_file, FROM_FILE, SSL_load_client_CA_file(t->path) != NULL)
CASE(X509_STORE_load_locations, FILE_OR_NOT, X509_STORE_load_locations(NULL, file_of(t), NULL))
CASE(X509_STORE_load_file, FROM_FILE, X509_STORE_load_file(NULL, t->path))
CASE(X509_STORE_load_path, FROM_FILE, X509_STORE_load_path(NULL, t->path))
CASE(X509_STORE_load_store, FROM_FILE, X509_STORE_load_store(NULL, t->path))
CASE(X509_STORE_set_default_paths, DEFAULT, X509_STORE_set_default_paths(NULL))
CASE(X509_load_cert_file, FROM_FILE, X509_load_cert_file(NULL, t->path, 1))
CASE(X509_load_crl_file, FROM_FILE, X509_load_crl_file(NULL, t->path, 1))
CASE(X509_load_cert_crl_file, FROM_FILE, X509_load_cert_crl_file(NULL, t->path, 1))
CASE(gnutls_certificate_set_x509_trust_file, FROM_FILE,
     gnutls_certificate_set_x509_trust_file(NULL, t->path, 1))
CASE(gnutls_certificate_set_x509_crl_file, FROM_FILE,
     gnutls_certificate_set_x509_crl_file(NULL, t->path, 1))
CASE(gnutls_certificate_set_x509_trust_dir, FROM_FILE,
     gnutls_certificate_set_x509_trust_dir(NULL, t->path, 1))
CASE(gnutls_certificate_set_x509_key_file, FROM_FILE,
     gnutls_certificate_set_x509_key_file(NULL, t->path, "key", 1))
CASE(gnutls_certificate_set_x509_key_file2, FROM_FILE,
     gnutls_certificate_set_x509_key_file2(NULL, t->path, "key", 1, NULL, 0))
CASE(gnutls_certificate_set_x509_simple_pkcs12_file, FROM_FILE,
     gnutls_certificate_set_x509_simple_pkcs12_file(NULL, t->path, 1, NULL))
CASE(gnutls_certificate_set_x509_system_trust, OF_SYSTEM,
     gnutls_certificate_set_x509_system_trust(NULL))
CASE(gnutls_x509_trust_list_add_system_trust, OF_SYSTEM,
     gnutls_x509_trust_list_add_system_trust(NULL, 0, 0))
CASE(gnutls_x509_trust_list_add_trust_file, FROM_FILE,
     gnutls_x509_trust_list_add_trust_file(NULL, t->path, NULL, 1, 0, 0))
CASE(gnutls_x509_trust_list_add_trust_dir, FROM_FILE,
     gnutls_x509_trust_list_add_trust_dir(NULL, t->path, NULL, 1, 0, 0))
CASE(mbedtls_x509_crt_parse_file, FROM_FILE, mbedtls_x509_crt_parse_file(NULL, t->path))
CASE(mbedtls_x509_crt_parse_path, FROM_FILE, mbedtls_x509_crt_parse_path(NULL, t->path))
CASE(mbedtls_x509_crl_parse_file, FROM_FILE, mbedtls_x509_crl_parse_file(NULL, t->path))
CASE(mbedtls_pk_parse_keyfile, FROM_FILE, mbedtls_pk_parse_keyfile(NULL, t->path, NULL, NULL, NULL))
CASE(mbedtls_pk_parse_public_keyfile, FROM_FILE, mbedtls_pk_parse_public_keyfile(NULL, t->path))
CASE(wolfSSL_CTX_load_verify_locations, FILE_OR_NOT,
     wolfSSL_CTX_load_verify_locations(NULL, file_of(t), NULL))
CASE(SSL_CTX_use_serverinfo_file, FROM_FILE, SSL_CTX_use_serverinfo_file(NULL, t->path))
CASE(SSL_use_RSAPrivateKey_file, FROM_FILE, SSL_use_RSAPrivateKey_file(NULL, t->path, 1))
CASE(SSL_load_client_CA_file_ex, FROM_FILE, SSL_load_client_CA_file_ex(t->path, NULL, NULL) != NULL)
CASE(SSL_add_file_cert_subjects_to_stack, FROM_FILE,
     SSL_add_file_cert_subjects_to_stack(NULL, t->path))
CASE(SSL_add_dir_cert_subjects_to_stack, FROM_FILE,
     SSL_add_dir_cert_subjects_to_stack(NULL, t->path))
CASE(SSL_add_store_cert_subjects_to_stack, FROM_FILE,
     SSL_add_store_cert_subjects_to_stack(NULL, t->path))
CASE(X509_STORE_load_locations_ex, FILE_OR_NOT,
     X509_STORE_load_locations_ex(NULL, file_of(t), NULL, NULL, NULL))
CASE(X509_STORE_load_file_ex, FROM_FILE, X509_STORE_load_file_ex(NULL, t->path, NULL, NULL))
CASE(X509_STORE_load_store_ex, FROM_FILE, X509_STORE_load_store_ex(NULL, t->path, NULL, NULL))
CASE(X509_STORE_set_default_paths_ex, DEFAULT, X509_STORE_set_default_paths_ex(NULL, NULL, NULL))
CASE(X509_load_cert_file_ex, FROM_FILE, X509_load_cert_file_ex(NULL, t->path, 1, NULL, NULL))
CASE(X509_load_cert_crl_file_ex, FROM_FILE,
     X509_load_cert_crl_file_ex(NULL, t->path, 1, NULL, NULL))
CASE(gnutls_certificate_set_ocsp_status_request_file, FROM_FILE,
     gnutls_certificate_set_ocsp_status_request_file(NULL, t->path, 0))
CASE(gnutls_certificate_set_ocsp_status_request_file2, FROM_FILE,
     gnutls_certificate_set_ocsp_status_request_file2(NULL, t->path, 0, 1))
CASE(gnutls_load_file, FROM_FILE, gnutls_load_file(t->path, NULL))
