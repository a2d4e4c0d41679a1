# SPDX-License-Identifier: MIT
"""Headless Chromium, by Debian's python3-selenium and chromium-driver (scripts/setup test)."""
import json
import os
import shutil
import time

import pytest

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
REFUSED = """
globalThis.refused = [];
addEventListener("securitypolicyviolation", (event) =>
  globalThis.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
PATIENCE = 20  # seconds until something is said to be missing


def needs():
    """The browser and its driver, or a skip that names what is missing."""
    pytest.importorskip("selenium", reason="python3-selenium is not installed: scripts/setup test does it")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    for found, what in (chromium, "chromium"), (driver, "chromium-driver"):
        if not found:
            pytest.skip(f"{what} is not installed: scripts/setup test does it")
    return chromium, driver


def start(home):
    """A browser that keeps its things in that folder, and writes down what pages say and ask for."""
    chromium, driver = needs()
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in [*FLAGS, f"--user-data-dir={home / 'profile'}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(service=Service(driver, env={**os.environ, "HOME": str(home)}), options=options)


class Page:
    """A page in a tab of its own, as its user meets it. `where` is a selector of CSS."""

    def __init__(self, browser, url, width=1200, height=900, scheme="light"):
        self.browser = browser
        self.first = browser.current_window_handle
        browser.switch_to.new_window("tab")
        self.command("Page.addScriptToEvaluateOnNewDocument", source=REFUSED)
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=False)
        self.emulate(scheme=scheme)
        self.logs()  # what was said of earlier pages
        browser.get(url)
        self.wait_for(lambda: self.run("return 'ready' in document.documentElement.dataset"), "a page that is ready")

    def command(self, name, **words):
        return self.browser.execute_cdp_cmd(name, words)

    def emulate(self, scheme="light", media=""):
        self.command("Emulation.setEmulatedMedia", media=media,
                     features=[{"name": "prefers-color-scheme", "value": scheme}])

    def logs(self):
        """What was said, and which files but those of this machine were asked for."""
        said = [f"console: {each['message']}" for each in self.browser.get_log("browser")]
        for each in self.browser.get_log("performance"):
            event = json.loads(each["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                url = event["params"]["request"]["url"]
                said += [] if url.startswith("file:") else [f"request: {url}"]
        return said

    def troubles(self):
        return self.logs() + [f"refused: {each}" for each in self.run("return globalThis.refused")]

    def close(self):
        self.run("localStorage.clear()")
        self.browser.close()
        self.browser.switch_to.window(self.first)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def all(self, where, within=None):
        return (within or self.browser).find_elements("css selector", where)

    def one(self, where, within=None):
        [found] = self.all(where, within)
        return found

    def click(self, where):
        element = where if not isinstance(where, str) else self.one(where)
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def fill(self, where, text):
        field = self.one(where)
        field.clear()
        field.send_keys(text)

    def text(self, where):
        """What is shown of it."""
        return self.one(where).get_property("innerText")

    def texts(self, where):
        """All text of each, shown or not."""
        return [each.get_property("textContent") for each in self.all(where)]

    def value(self, where):
        return self.one(where).get_property("value")

    def rows(self):
        return self.all("tr.site")

    def press(self, *keys):
        """To whatever has the focus: "Tab", or ("Shift", "Tab")."""
        from selenium.webdriver import ActionChains, Keys
        *held, last = [getattr(Keys, key.upper(), key) for key in keys]
        chain = ActionChains(self.browser)
        for key in held:
            chain.key_down(key)
        chain.send_keys(last)
        for key in held:
            chain.key_up(key)
        chain.perform()

    def focused(self):
        return self.run("const at = document.activeElement; return at.id || at.dataset.sort || at.className")

    def too_wide(self):
        """By how many pixels the page is wider than the screen."""
        return self.run("return document.documentElement.scrollWidth - innerWidth")

    def wait_for(self, ready, what):
        end = time.monotonic() + PATIENCE
        while not ready():
            if time.monotonic() > end:
                pytest.fail(f"{what}: not within {PATIENCE} s")
            time.sleep(0.02)
