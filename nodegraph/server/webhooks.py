"""Webhooks: the end of a job is told to a URL that its submission named.

A message is a POST with JSON, `{"type": "job.succeeded", "timestamp": ..., "data": the job}`, and
the headers of Standard Webhooks: `webhook-id` (the same in every attempt), `webhook-timestamp`
(seconds since 1970) and, with a secret, `webhook-signature`: `v1,` and the base64 of HMAC-SHA256
over `<id>.<timestamp>.<body>`. A status of 2xx means that it arrived; 410 that nothing more is
wanted; anything else is tried again, some times, after longer and longer pauses. What is still to
be told survives a restart, so that a message may come twice, but is not lost.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import aiohttp
from aiohttp import web

import nodegraph
from nodegraph.errors import NodegraphError
from nodegraph.jobs.errors import NotFound
from nodegraph.jobs.hooks import Due
from nodegraph.jobs.model import Hook, Job
from nodegraph.jobs.service import Service
from nodegraph.server.addresses import Refused, check_url, look_up
from nodegraph.server.call import SERVICE, SETTINGS, settings_of
from nodegraph.server.errors import ApiError
from nodegraph.server.models import WebhookRequest
from nodegraph.server.views import base_of, job_view

__all__ = ["Webhooks", "hook_of", "setup", "sign"]

_log = logging.getLogger(__name__)

AT_ONCE = 16
_SECONDS = 10.0
_LOOK_SECONDS = 15.0
_GONE = 410
_PREFIX = "whsec_"


def hook_of(request: web.Request, asked: WebhookRequest | None) -> Hook | None:
    """What is kept with the job.

    Raises:
        ApiError: 422 `invalid_webhook`.
    """
    if asked is None:
        return None
    try:
        check_url(asked.url, private=settings_of(request).private_webhooks)
        if asked.secret is not None:
            _key(asked.secret)
    except Refused as error:
        raise ApiError(422, "invalid_webhook", f"the webhook is refused: {error}") from None
    return Hook(asked.url, asked.secret, base_of(request))


def sign(secret: str, number: str, timestamp: int, body: bytes) -> str:
    """The signature of a message.

    Raises:
        Refused: the secret says that it is base64, and is not.
    """
    signed = f"{number}.{timestamp}.".encode() + body
    made = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(f"a secret that begins with {_PREFIX} goes on in base64") from None


def setup(app: web.Application) -> None:
    """Tell of jobs for as long as the application runs."""
    app.cleanup_ctx.append(_while_it_runs)


async def _while_it_runs(app: web.Application) -> AsyncIterator[None]:
    made = Webhooks(app[SERVICE], private=app[SETTINGS].private_webhooks)
    made.start()
    yield
    await made.stop()


class Webhooks:
    """Sends what is due.

    Args:
        private: whether private addresses may be told.
        look_seconds: how often to look for what is due again.
    """

    def __init__(
        self, service: Service, *, private: bool, look_seconds: float = _LOOK_SECONDS
    ) -> None:
        self._service, self._private, self._look_seconds = service, private, look_seconds
        self._wake = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._forget = service.on_end(lambda job: self._wake.set())

    def start(self) -> None:
        """Begin; what an earlier process left comes first."""
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def stop(self) -> None:
        """Send nothing more; what is not told yet is told after the next start."""
        self._forget()
        tasks = [task for task in (self._task, *self._sending) if task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _serve(self) -> None:
        while True:
            self._wake.clear()
            room = AT_ONCE - len(self._sending)
            due: list[Due] = []
            with suppress(NodegraphError):  # a store that cannot be used is seen to elsewhere
                due = await self._service.blocking(self._service.hooks.claim, room) if room else []
            for one in due:
                task = asyncio.ensure_future(self._see_through(one))
                self._sending.add(task)
                task.add_done_callback(self._done)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._look_seconds):
                    await self._wake.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("a webhook failed", exc_info=error)

    async def _see_through(self, due: Due) -> None:
        """One attempt, and what follows from how it went."""
        where = _shown(due.hook.url)
        try:
            status = await self._send(due)
        except NotFound:
            return  # the job was deleted, and the hook with it
        except Refused as error:
            _log.warning("webhook of job %s refused: %s", due.job_id, error)
        except (OSError, TimeoutError, aiohttp.ClientError, NodegraphError) as error:
            _log.info("webhook of job %s: %s: %s", due.job_id, where, type(error).__name__)
            if not due.last:
                return
            _log.warning("webhook of job %s: %s given up", due.job_id, where)
        else:
            _log.info("webhook of job %s: %s answered %d", due.job_id, where, status)
            if not due.last and not 200 <= status < 300 and status != _GONE:
                return
        with suppress(NodegraphError):
            await self._service.blocking(self._service.hooks.settled, due.number)

    async def _send(self, due: Due) -> int:
        """The status that came back."""
        job = await self._service.get(due.job_id)
        body = self._body(job, due.hook)
        stamp = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"nodegraph/{nodegraph.__version__}",
            "webhook-id": job.id,
            "webhook-timestamp": str(stamp),
        }
        if due.hook.secret is not None:
            headers["webhook-signature"] = sign(due.hook.secret, job.id, stamp, body)
        url = check_url(due.hook.url, private=self._private)
        pinned = await look_up(url, private=self._private)
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=pinned, use_dns_cache=False),
                timeout=aiohttp.ClientTimeout(total=_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status

    def _body(self, job: Job, hook: Hook) -> bytes:
        view = job_view(job, hook.base, self._service.max_age)
        ended = datetime.fromtimestamp(job.completed_at or time.time(), UTC)
        message = {
            "type": f"job.{job.status}",
            "timestamp": ended.isoformat(),
            "data": view.model_dump(mode="json"),
        }
        return json.dumps(message).encode()


def _shown(url: str) -> str:
    """The host of a URL, for the log: paths and queries often hold secrets."""
    with suppress(Refused):
        return check_url(url, private=True).host or ""
    return "?"
