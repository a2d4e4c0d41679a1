# SPDX-License-Identifier: MIT
"""A plug-in of pytest: runs only the tests that --only-test names, as they are called in JUnit files."""
from _pytest.junitxml import mangle_test_address


def pytest_addoption(parser):
    parser.addoption("--only-test", action="append", default=[])


def pytest_collection_modifyitems(config, items):
    wanted = set(config.getoption("--only-test"))
    if wanted:
        items[:] = [item for item in items if ".".join(mangle_test_address(item.nodeid)) in wanted]
