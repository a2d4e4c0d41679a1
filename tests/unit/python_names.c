/* SPDX-License-Identifier: MIT */
/* python/paths.c and aliases.c: whose code a file is, and the names that users
 * know. */
#include "python/inside.h"

#include <criterion/criterion.h>

static void expect_file(const char *path, enum ol_owner_class owner, const char *module)
{
    char found[128];
    enum ol_owner_class class = ol_pypath_classify(path, found, sizeof found);
    cr_expect_str_eq(found, module, "%s: module %s", path, found);
    cr_expect_eq(class, owner, "%s: class %d, not %d", path, class, owner);
}

static void expect_api(const char *module, const char *function, const char *api)
{
    char found[256];
    struct ol_text text = OL_TEXT(found);
    ol_pyalias_callable(&text, module, function, false);
    cr_expect_str_eq(found, api, "%s %s: %s", module, function, found);
}

static void expect_native(const char *name, const char *api)
{
    char found[256];
    struct ol_text text = OL_TEXT(found);
    ol_pyalias_native(&text, name);
    cr_expect_str_eq(found, api, "%s: %s", name, found);
}

Test(python_names, files_of_the_user)
{
    expect_file("/home/me/app.py", OL_CODE_user, "app");
    expect_file("app.py", OL_CODE_user, "app");
    expect_file("/home/me/shop/__init__.py", OL_CODE_user, "shop");
    expect_file("/home/me/shop/__main__.py", OL_CODE_user, "shop");
    expect_file("__init__.py", OL_CODE_user, "__init__");
    expect_file("<string>", OL_CODE_user, "__main__");
    expect_file("<stdin>", OL_CODE_user, "__main__");
    expect_file("/home/me/python3.11/app.py", OL_CODE_user, "app");
    expect_file("/srv/lib/python3/app.py", OL_CODE_user, "app");
    expect_file("", OL_CODE_user, "");
}

Test(python_names, files_of_the_standard_library)
{
    expect_file("/usr/lib/python3.11/glob.py", OL_CODE_stdlib, "glob");
    expect_file("/usr/lib/python3.11/http/client.py", OL_CODE_stdlib, "http.client");
    expect_file("/opt/x/lib/python3.13t/json/__init__.py", OL_CODE_stdlib, "json");
    expect_file("/usr/lib64/python3.9/runpy.py", OL_CODE_stdlib, "runpy");
    expect_file("/usr/lib/python311.zip/os.py", OL_CODE_stdlib, "os");
    expect_file("<frozen os>", OL_CODE_stdlib, "os");
    expect_file("<frozen runpy>", OL_CODE_stdlib, "runpy");
}

Test(python_names, files_of_the_import_machinery)
{
    expect_file("<frozen importlib._bootstrap>", OL_CODE_import, "importlib._bootstrap");
    expect_file("<frozen importlib._bootstrap_external>", OL_CODE_import,
                "importlib._bootstrap_external");
    expect_file("<frozen zipimport>", OL_CODE_import, "zipimport");
    expect_file("/usr/lib/python3.9/importlib/_bootstrap.py", OL_CODE_import,
                "importlib._bootstrap");
    expect_file("/usr/lib/python3.9/importlib/__init__.py", OL_CODE_stdlib, "importlib");
}

Test(python_names, files_of_libraries)
{
    expect_file("/v/lib/python3.11/site-packages/requests/api.py", OL_CODE_library, "requests.api");
    expect_file("/usr/lib/python3/dist-packages/apt/__init__.py", OL_CODE_library, "apt");
    expect_file("/v/site-packages/a/dist-packages/b.py", OL_CODE_library, "b");
}

Test(python_names, files_of_loop_frameworks)
{
    expect_file("/usr/lib/python3.11/asyncio/events.py", OL_CODE_framework, "asyncio.events");
    expect_file("/v/site-packages/uvloop/__init__.py", OL_CODE_framework, "uvloop");
    expect_file("/v/site-packages/tornado/ioloop.py", OL_CODE_framework, "tornado.ioloop");
    expect_file("/v/site-packages/tornado/web.py", OL_CODE_library, "tornado.web");
    expect_file("/v/site-packages/triomphe/x.py", OL_CODE_library, "triomphe.x");
    expect_file("/home/me/asyncio/events.py", OL_CODE_user, "events");
}

Test(python_names, boundaries_of_a_turn)
{
    cr_expect(ol_pypath_is_boundary("asyncio.events", "Handle._run"));
    cr_expect(ol_pypath_is_boundary("asyncio.base_events", "run_forever"));
    cr_expect_not(ol_pypath_is_boundary("asyncio.base_events", "create_connection"));
    cr_expect_not(ol_pypath_is_boundary("asyncio.tasks", "wait_for"));
    cr_expect_not(ol_pypath_is_boundary("app", "run_forever"));
}

Test(python_names, callables_by_their_public_module)
{
    expect_api("pathlib", "Path.read_text", "pathlib.Path.read_text");
    expect_api("multiprocessing.queues", "Queue.get", "multiprocessing.Queue.get");
    expect_api("multiprocessing.synchronize", "Event.wait", "multiprocessing.Event.wait");
    expect_api("multiprocessing.connection", "_ConnectionBase.recv",
               "multiprocessing.connection.Connection.recv");
    expect_api("pathlib._local", "Path.read_text", "pathlib.Path.read_text");
    expect_api("pathlib._abc", "PathBase.exists", "pathlib.Path.exists");
    expect_api("glob", "glob", "glob.glob");
    expect_api("glob", "_GlobberBase.wildcard_selector.<locals>.select", "pathlib.Path.glob");
    expect_api("posixpath", "realpath", "os.path.realpath");
    expect_api("genericpath", "exists", "os.path.exists");
    expect_api("requests.api", "get", "requests.get");
    expect_api("requests.sessions", "Session.get", "requests.Session.get");
    expect_api("asyncio.base_events", "BaseEventLoop.run_forever",
               "asyncio.BaseEventLoop.run_forever");
    expect_api("http.client", "HTTPConnection.request", "http.client.HTTPConnection.request");
    expect_api("_strptime", "_strptime_datetime", "time.strptime");
    expect_api("_sitebuiltins", "Quitter.__call__", "sitebuiltins.Quitter.__call__");
}

Test(python_names, a_constructor_is_its_class)
{
    expect_api("logging", "FileHandler.__init__", "logging.FileHandler");
    expect_api("zipfile", "ZipFile.__init__.<locals>.x", "zipfile.ZipFile");
}

Test(python_names, generators_hide_behind_their_function)
{
    char found[64];
    struct ol_text text = OL_TEXT(found);
    ol_pyalias_callable(&text, "os", "_walk", true);
    cr_expect_str_eq(found, "os.walk");
    text = OL_TEXT(found);
    ol_pyalias_callable(&text, "os", "_walk", false);
    cr_expect_str_eq(found, "os._walk");
    text = OL_TEXT(found);
    ol_pyalias_callable(&text, "x", "C.__aiter__", true);
    cr_expect_str_eq(found, "x.C.__aiter__");
}

Test(python_names, functions_written_in_c)
{
    expect_native("posix.listdir", "os.listdir");
    expect_native("posix.ScandirIterator.__next__", "os.scandir");
    expect_native("time.sleep", "time.sleep");
    expect_native("_io.open", "open");
    expect_native("io.open", "open");
    expect_native("io.open_code", "io.open_code");
    expect_native("_io.TextIOWrapper.read", "io.TextIOWrapper.read");
    expect_native("_io._IOBase.readlines", "io.IOBase.readlines");
    expect_native("_ssl._SSLContext.load_verify_locations", "ssl.SSLContext.load_verify_locations");
    expect_native("_socket.socket.connect", "socket.socket.connect");
    expect_native("_sqlite3.connect", "sqlite3.connect");
    expect_native("builtins.print", "print");
    expect_native("_thread.lock.acquire", "threading.Lock.acquire");
    expect_native("dict.update", "dict.update");
}

Test(python_names, long_names_are_cut)
{
    char long_name[1000], found[64];
    memset(long_name, 'x', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    struct ol_text text = OL_TEXT(found);
    ol_pyalias_callable(&text, long_name, long_name, true);
    text = OL_TEXT(found);
    ol_pyalias_native(&text, long_name);
    cr_expect_eq(strlen(found), sizeof found - 1);
}
