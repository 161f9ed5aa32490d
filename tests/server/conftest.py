"""A whole server on a port of the loopback: a real service with a real worker behind it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from nodegraph.jobs.service import Service
from nodegraph.server.app import make_app
from nodegraph.server.settings import Settings

Client = TestClient[web.Request, web.Application]
Serve = Callable[[Settings], Awaitable[Client]]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service over the test pack, whose worker is up."""
    made = await Service.start(tmp_path / "data", packs=("tests.jobs.pack",))
    await made.ready()
    yield made
    await made.stop()


@pytest.fixture
async def serve(service: Service) -> AsyncIterator[Serve]:
    """Starts a server with given settings and returns a client of it."""
    clients: list[Client] = []

    async def start(settings: Settings) -> Client:
        client = TestClient(TestServer(make_app(service, settings)))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def client(serve: Serve) -> Client:
    """A client of a server with the settings of a fresh start."""
    return await serve(Settings())
