# SPDX-License-Identifier: MIT
import time

from tornado.testing import AsyncHTTPTestCase, AsyncTestCase, gen_test
from tornado.web import Application, RequestHandler


class Hello(RequestHandler):
    def get(self):
        time.sleep(0.02)  #: sleep time.sleep *
        self.write("hello")


class Fetching(AsyncHTTPTestCase):
    def get_app(self):
        return Application([("/", Hello)])

    def test_hello(self):
        assert self.fetch("/").body == b"hello"


class Waiting(AsyncTestCase):
    @gen_test
    async def test_one(self):
        open(__file__).close()  #: open open *
        print("handled")
