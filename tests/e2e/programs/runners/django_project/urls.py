# SPDX-License-Identifier: MIT
import time

from django.http import HttpResponse
from django.urls import path


async def hello(request):
    time.sleep(0.02)  #: sleep time.sleep *
    return HttpResponse("hello")


urlpatterns = [path("", hello)]
