"""A service at the other end of a pipe, for a test that kills it.

It reads lines of JSON: {"submit": document, "retry": bool}, {"worker": true}, {"idle": true},
{"stop": true}; and writes lines: {"accepted": id}, {"worker": pid}, {"idle": true}, and, whenever
a job has ended, {"ended": id, "status": ..., "at": ..., "outputs": n}.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from nodegraph.jobs.service import Service


def _say(**message: Any) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


async def _tell_ends(service: Service) -> None:
    async for event in service.subscribe(backlog=1_000_000):
        job = event.job
        if event.kind == "status" and job is not None and job.finished:
            outputs = len(job.outputs)
            _say(ended=job.id, status=job.status, at=job.completed_at, outputs=outputs)


async def _answer(service: Service, order: dict[str, Any]) -> None:
    if "submit" in order:
        retry = bool(order["retry"])
        submission = await service.submit(order["submit"], client_id=order["client"], retry=retry)
        _say(accepted=submission.job.id)
    elif "worker" in order:
        _say(worker=service.system()["worker"]["pid"])
    elif "idle" in order:
        counts = await service.queue()
        while counts.queued or counts.running:
            await asyncio.sleep(0.05)
            counts = await service.queue()
        _say(idle=True)


async def _serve(data: Path) -> None:
    service = await Service.start(
        data, packs=["tests.jobs.pack"], max_attempts=2, queue_limit=10**6
    )
    await service.ready()
    ends = asyncio.ensure_future(_tell_ends(service))
    reader = asyncio.StreamReader(limit=1 << 22)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say(ready=True)
    while line := await reader.readline():
        order = json.loads(line)
        if "stop" in order:
            break
        await _answer(service, order)
    await service.stop()
    await asyncio.wait([ends])


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
