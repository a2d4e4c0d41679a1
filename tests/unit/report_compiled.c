/* SPDX-License-Identifier: MIT */
/* Whose code is built into a program: by paths of sources, and by names without them. */
#include <criterion/criterion.h>

#include "report/compiled.h"

static enum ol_owner_class class_of(const char *file, const char *function)
{
    struct ol_frame frame = {
        .kind = OL_FRAME_native, .owner_class = OL_CODE_user, .file = file, .function = function};
    ol_compiled_classify(&frame, "/srv/vendor/shop");
    return frame.owner_class;
}

static void expect_file(const char *file, enum ol_owner_class class)
{
    cr_expect_eq(class_of(file, "serve"), class, "%s: %d", file, class_of(file, "serve"));
}

static void expect_name(const char *function, enum ol_owner_class class)
{
    cr_expect_eq(class_of(NULL, function), class, "%s: %d", function, class_of(NULL, function));
}

Test(report_compiled, standard_libraries_are_known_by_their_folders)
{
    expect_file("/rustc/59807616e/library/std/src/fs.rs", OL_CODE_stdlib);
    expect_file("/home/me/.rustup/toolchains/x/lib/rustlib/src/rust/library/core/src/ptr.rs",
                OL_CODE_stdlib);
    expect_file("/usr/include/c++/12/bits/stl_algo.h", OL_CODE_stdlib);
    expect_file("/usr/lib/llvm-14/include/c++/v1/vector", OL_CODE_stdlib);
    expect_file("/usr/lib/go-1.19/src/os/file.go", OL_CODE_stdlib);
    expect_file("/root/sdk/go1.22.1/src/os/file.go", OL_CODE_stdlib);
}

Test(report_compiled, what_was_fetched_or_vendored_is_a_librarys)
{
    expect_file("/home/me/.cargo/registry/src/github.com-1ecc/serde-1.0.1/src/lib.rs",
                OL_CODE_library);
    expect_file("/home/me/.cargo/git/checkouts/x-12/ab/src/lib.rs", OL_CODE_library);
    expect_file("/home/me/go/pkg/mod/github.com/x/y@v1.2.3/z.go", OL_CODE_library);
    expect_file("/usr/include/boost/thread.hpp", OL_CODE_library);
    expect_file("/srv/vendor/shop/third_party/zip/zip.c", OL_CODE_library);
    expect_file("/srv/vendor/shop/node_modules/addon/src/addon.cc", OL_CODE_library);
}

Test(report_compiled, loops_that_are_built_in_are_frameworks)
{
    expect_file("/home/me/.cargo/registry/src/index.crates.io-6f/tokio-1.2.3/src/runtime/mod.rs",
                OL_CODE_framework);
    expect_file("/usr/include/boost/asio/detail/scheduler.ipp", OL_CODE_framework);
}

Test(report_compiled, a_sanitizers_runtime_is_not_the_users)
{
    expect_name("__interceptor_open", OL_CODE_stdlib);
    expect_name("__interceptor_waitpid.part.0", OL_CODE_stdlib);
    expect_name("interceptor_open", OL_CODE_user);
    expect_file("/build/llvm/compiler-rt/lib/sanitizer_common/x.inc", OL_CODE_stdlib);
    expect_file("../../../../src/libsanitizer/tsan/tsan_interceptors.cpp", OL_CODE_stdlib);
}

Test(report_compiled, the_projects_own_files_are_the_users)
{
    expect_file("/srv/vendor/shop/src/main.rs", OL_CODE_user);
    expect_file("/srv/vendor/shop/src/vendor.c", OL_CODE_user);
    expect_file("/home/me/vendors/main.c", OL_CODE_user);
}

Test(report_compiled, without_a_file_the_scope_of_a_name_tells)
{
    expect_name("std::fs::read::inner", OL_CODE_stdlib);
    expect_name("<std::fs::File as std::io::Read>::read", OL_CODE_stdlib);
    expect_name("<&mut core::fmt::Formatter as core::fmt::Write>::write_str", OL_CODE_stdlib);
    expect_name("core::ptr::drop_in_place<shop::Cart>", OL_CODE_stdlib);
    expect_name("void std::__invoke_impl<void, main::{lambda()#1}&>(std::__invoke_other)",
                OL_CODE_stdlib);
    expect_name("std::thread::_State_impl<std::tuple<shop> >::_M_run()", OL_CODE_stdlib);
    expect_name("shop::serve", OL_CODE_user);
    expect_name("<shop::Cart as core::ops::drop::Drop>::drop", OL_CODE_user);
    expect_name("shop::read(std::string const&)", OL_CODE_user);
    expect_name("std::string shop::name<int>(int)", OL_CODE_user);
    expect_name("serve", OL_CODE_user);
}

Test(report_compiled, other_modules_keep_their_class)
{
    struct ol_frame frame = {.owner_class = OL_CODE_system, .file = "/srv/vendor/shop/main.c"};
    ol_compiled_classify(&frame, "/srv/vendor/shop");
    cr_expect_eq(frame.owner_class, OL_CODE_system);
}
