# SPDX-License-Identifier: MIT
"""Breaks each documented rule once, each from a line of its own, or does it all rightly.

configuration.yaml says how: `offender: {from: thread}`, `{from: executor}` or `{from: loop}`; the
last is right: blocking calls then run in the executor, the others on the loop. Home Assistant is
stopped when it is done.
"""
import asyncio
import glob
import http.client
import importlib
import os
import pathlib
import ssl
import threading
import time
import traceback

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.helpers import (area_registry, category_registry, device_registry,
                                   dispatcher, entity_registry, floor_registry, issue_registry,
                                   label_registry, template)
from homeassistant.helpers.entity import Entity

DOMAIN = "offender"


def attempt(call):
    """Blocked calls raise a RuntimeError, others may fail for want of something to work on."""
    try:
        return call()
    except (RuntimeError, OSError) as error:
        print(f"offender: {type(error).__name__}: {error}", flush=True)


def blocking(hass):
    folder = pathlib.Path(hass.config.config_dir)
    file = folder / "offender.txt"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    attempt(lambda: file.write_bytes(b"x"))  # blocking pathlib.Path.write_bytes
    attempt(lambda: file.write_text("x"))  # blocking pathlib.Path.write_text
    attempt(lambda: file.read_bytes())  # blocking pathlib.Path.read_bytes
    attempt(lambda: file.read_text())  # blocking pathlib.Path.read_text
    attempt(lambda: open(str(file)).close())  # blocking open
    attempt(lambda: importlib.import_module("xml.dom.expatbuilder"))  # blocking importlib.import_module
    attempt(lambda: time.sleep(0.001))  # blocking time.sleep
    attempt(lambda: http.client.HTTPConnection("localhost").putrequest("GET", "/"))  # blocking http.client.HTTPConnection.putrequest
    attempt(lambda: glob.glob(f"{folder}/*"))  # blocking glob.glob
    attempt(lambda: list(glob.iglob(f"{folder}/*")))  # blocking glob.iglob
    attempt(lambda: list(os.walk(f"{folder}/custom_components")))  # blocking os.walk
    attempt(lambda: os.listdir(str(folder)))  # blocking os.listdir
    attempt(lambda: list(os.scandir(str(folder))))  # blocking os.scandir
    attempt(lambda: os.stat(str(folder)))  # blocking os.stat
    attempt(lambda: context.load_default_certs())  # blocking ssl.SSLContext.load_default_certs
    attempt(lambda: context.load_verify_locations(str(file)))  # blocking ssl.SSLContext.load_verify_locations
    attempt(lambda: context.load_cert_chain(str(file)))  # blocking ssl.SSLContext.load_cert_chain
    attempt(lambda: context.set_default_verify_paths())  # blocking ssl.SSLContext.set_default_verify_paths


class Things:
    """What the calls work on, made on the loop."""

    def __init__(self, hass):
        self.hass = hass
        self.area = area_registry.async_get(hass)
        self.category = category_registry.async_get(hass)
        self.device = device_registry.async_get(hass)
        self.entity = entity_registry.async_get(hass)
        self.floor = floor_registry.async_get(hass)
        self.issue = issue_registry.async_get(hass)
        self.label = label_registry.async_get(hass)
        self.area_id = self.area.async_create("Old area").id
        self.area_gone = self.area.async_create("Doomed area").id
        self.category_id = self.category.async_create(scope="test", name="Old").category_id
        self.category_gone = self.category.async_create(scope="test", name="Doomed").category_id
        self.floor_id = self.floor.async_create("Old floor").floor_id
        self.floor_gone = self.floor.async_create("Doomed floor").floor_id
        self.label_id = self.label.async_create("Old label").label_id
        self.label_gone = self.label.async_create("Doomed label").label_id
        self.entity_id = self.entity.async_get_or_create("sensor", DOMAIN, "old").entity_id
        self.entity_gone = self.entity.async_get_or_create("sensor", DOMAIN, "doomed").entity_id
        for name in ("old", "doomed"):
            self.issue.async_get_or_create(DOMAIN, name, **ISSUE)
        hass.services.async_register(DOMAIN, "doomed", lambda call: None)
        self.shown = Entity()
        self.shown.hass = hass
        self.shown.entity_id = "sensor.shown"
        self.coroutine = nothing()
        self.template = template.Template("{{ 1 }}", hass)


ISSUE = {"is_fixable": False, "is_persistent": False, "severity": issue_registry.IssueSeverity.WARNING,
         "translation_key": "x"}


async def nothing():
    pass


def loop_only(things):
    hass = things.hass
    entry = things.entry
    device = things.device_id
    attempt(lambda: hass.async_create_task(things.coroutine))  # loop-only hass.async_create_task
    attempt(lambda: hass.bus.async_fire("offender"))  # loop-only hass.bus.async_fire
    attempt(lambda: hass.services.async_register(DOMAIN, "new", print))  # loop-only hass.services.async_register
    attempt(lambda: hass.services.async_remove(DOMAIN, "doomed"))  # loop-only hass.services.async_remove
    attempt(lambda: things.shown.async_write_ha_state())  # loop-only async_write_ha_state
    attempt(lambda: hass.config_entries.async_update_entry(entry, title="New"))  # loop-only hass.config_entries.async_update_entry
    attempt(lambda: dispatcher.async_dispatcher_send(hass, "offender"))  # loop-only async_dispatcher_send
    attempt(lambda: things.template.async_render_to_info())  # loop-only async_render_to_info
    attempt(lambda: things.area.async_create("New area"))  # loop-only area_registry.async_create
    attempt(lambda: things.area.async_delete(things.area_gone))  # loop-only area_registry.async_delete
    attempt(lambda: things.area.async_update(things.area_id, name="Newer"))  # loop-only area_registry.async_update
    attempt(lambda: things.category.async_create(scope="test", name="New"))  # loop-only category_registry.async_create
    attempt(lambda: things.category.async_delete(scope="test", category_id=things.category_gone))  # loop-only category_registry.async_delete
    attempt(lambda: things.category.async_update(scope="test", category_id=things.category_id, name="Newer"))  # loop-only category_registry.async_update
    attempt(lambda: things.device.async_update_device(device, name_by_user="New"))  # loop-only device_registry.async_update_device
    attempt(lambda: things.device.async_remove_device(device))  # loop-only device_registry.async_remove_device
    attempt(lambda: things.entity.async_get_or_create("sensor", DOMAIN, "new"))  # loop-only entity_registry.async_get_or_create
    attempt(lambda: things.entity.async_remove(things.entity_gone))  # loop-only entity_registry.async_remove
    attempt(lambda: things.entity.async_update_entity(things.entity_id, name="New"))  # loop-only entity_registry.async_update_entity
    attempt(lambda: things.floor.async_create("New floor"))  # loop-only floor_registry.async_create
    attempt(lambda: things.floor.async_delete(things.floor_gone))  # loop-only floor_registry.async_delete
    attempt(lambda: things.floor.async_update(things.floor_id, name="Newer floor"))  # loop-only floor_registry.async_update
    attempt(lambda: things.issue.async_get_or_create(DOMAIN, "new", **ISSUE))  # loop-only issue_registry.async_get_or_create
    attempt(lambda: things.issue.async_delete(DOMAIN, "doomed"))  # loop-only issue_registry.async_delete
    attempt(lambda: things.issue.async_ignore(DOMAIN, "old", True))  # loop-only issue_registry.async_ignore
    attempt(lambda: things.label.async_create("New label"))  # loop-only label_registry.async_create
    attempt(lambda: things.label.async_delete(things.label_gone))  # loop-only label_registry.async_delete
    attempt(lambda: things.label.async_update(things.label_id, name="Newer label"))  # loop-only label_registry.async_update


def in_a_thread(function, *arguments):
    thread = threading.Thread(target=function, args=arguments, name="offender")
    thread.start()
    return thread


async def offend(hass, where):
    try:
        await offend_once(hass, where)
    except Exception:
        traceback.print_exc()
    print("offender: done", flush=True)
    asyncio.get_running_loop().call_later(0.2, lambda: hass.async_create_task(hass.async_stop()))


async def offend_once(hass, where):
    things = Things(hass)
    things.entry = hass.config_entries.async_entries()[0]
    things.device_id = things.device.async_get_or_create(
        config_entry_id=things.entry.entry_id, identifiers={(DOMAIN, "one")}).id
    if where == "loop":
        loop_only(things)
        await hass.async_add_executor_job(blocking, hass)
    elif where == "executor":
        blocking(hass)
        await hass.async_add_executor_job(loop_only, things)
    else:
        blocking(hass)
        thread = in_a_thread(loop_only, things)
        while thread.is_alive():
            await asyncio.sleep(0.01)


async def async_setup(hass, config):
    where = config[DOMAIN]["from"]

    async def started(event):
        hass.async_create_background_task(offend(hass, where), "offender")
    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STARTED, started)
    return True


async def async_setup_entry(hass, entry):
    return True


async def async_unload_entry(hass, entry):
    return True
