"""Figures for Prometheus: the queue, nodes by type, reuse, memory, the worker, HTTP requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aiohttp import web

import nodegraph
from nodegraph.jobs.figures import resident_bytes
from nodegraph.jobs.model import QueueCounts
from nodegraph.jobs.service import Service
from nodegraph.server.call import service_of
from nodegraph.server.counts import COUNTS, Counts
from nodegraph.server.route import Answer, Route

if TYPE_CHECKING:  # loading it takes a tenth of a second, which the start has no time for
    from prometheus_client.core import Metric

__all__ = ["ROUTES"]

_TYPE = "text/plain; version=0.0.4"


async def metrics(request: web.Request) -> web.Response:
    """How the server does, in the text format of Prometheus."""
    service = service_of(request)
    queue = await service.queue()
    hooks = await service.blocking(service.hooks.count)
    text = await asyncio.to_thread(_text, service, queue, hooks, request.app[COUNTS])
    return web.Response(body=text, headers={"Content-Type": f"{_TYPE}; charset=utf-8"})


ROUTES = (
    Route(
        "GET",
        "/metrics",
        metrics,
        "Figures for Prometheus",
        "System",
        answers={200: Answer("Figures since the start.", content_type=_TYPE)},
    ),
)


def _text(service: Service, queue: QueueCounts, hooks: int, counts: Counts) -> bytes:
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.registry import Collector

    class Figures(Collector):
        def collect(self) -> Iterator[Metric]:
            yield _gauge("info", "The version.", {(nodegraph.__version__,): 1}, ["version"])
            yield from _of_jobs(service.metrics(), queue, hooks)
            yield from _of_nodes(service.metrics()["nodes"])
            yield from _of_worker(service.system())
            yield from _of_requests(counts)

    registry = CollectorRegistry(auto_describe=False)
    registry.register(Figures())
    return bytes(generate_latest(registry))


Values = dict[tuple[str, ...], float]


def _gauge(name: str, text: str, values: Values, labels: list[str] | None = None) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    made = GaugeMetricFamily(f"nodegraph_{name}", text, labels=labels or [])
    for key, value in values.items():
        made.add_metric(key, value)
    return made


def _counter(name: str, text: str, values: Values, labels: list[str] | None = None) -> Metric:
    from prometheus_client.core import CounterMetricFamily

    made = CounterMetricFamily(f"nodegraph_{name}", text, labels=labels or [])
    for key, value in values.items():
        made.add_metric(key, value)
    return made


def _of_jobs(found: dict[str, Any], queue: QueueCounts, hooks: int) -> Iterator[Metric]:
    yield _gauge("jobs_queued", "Jobs that wait.", {(): queue.queued})
    yield _gauge("jobs_running", "Jobs that run.", {(): queue.running})
    yield _gauge("queue_paused", "1 while the queue is paused.", {(): int(queue.paused)})
    ended: Values = {(status,): 0 for status in ("succeeded", "failed", "canceled")}
    ended |= {(status,): count for status, count in found["jobs"].items()}
    yield _counter("jobs_ended", "Jobs that ended.", ended, ["status"])
    yield _counter("events", "Events told to listeners.", {(): found["events"]})
    resynced: Values = {(): found["resynced_listeners"]}
    yield _counter("listeners_resynced", "Times a slow listener lost events.", resynced)
    yield _gauge("webhooks_pending", "Ends of jobs still to be told.", {(): hooks})


def _of_nodes(nodes: dict[str, dict[str, Any]]) -> Iterator[Metric]:
    outcomes: Values = {}
    seconds: Values = {}
    for name, counts in nodes.items():
        outcomes |= {(name, what): counts[what] for what in ("ran", "reused", "failed")}
        seconds[(name,)] = counts["seconds"]
    yield _counter("nodes", "What became of nodes.", outcomes, ["type", "outcome"])
    yield _counter("node_seconds", "Time in which nodes ran.", seconds, ["type"])
    hits = sum(counts["reused"] for counts in nodes.values())
    misses = sum(counts["ran"] for counts in nodes.values())
    yield _counter("cache_hits", "Nodes whose values were reused.", {(): hits})
    yield _counter("cache_misses", "Nodes that had to run.", {(): misses})


def _of_worker(found: dict[str, Any]) -> Iterator[Metric]:
    worker = found["worker"]
    states = ("starting", "idle", "busy", "silent", "down")
    state: Values = {(name,): int(worker["state"] == name) for name in states}
    yield _gauge("worker_state", "1 for the state the worker is in.", state, ["state"])
    yield _counter("worker_restarts", "Workers started anew.", {(): worker["restarts"]})
    if worker["rss"] is not None:
        yield _gauge("worker_resident_bytes", "Memory of the worker.", {(): worker["rss"]})
        cache: Values = {(): worker["cache_bytes"]}
        yield _gauge("worker_cache_bytes", "Values kept in the worker's memory.", cache)
    yield _gauge("server_resident_bytes", "Memory of this process.", {(): resident_bytes()})
    machine: Values = {("total",): found["ram_total"], ("free",): found["ram_free"]}
    yield _gauge("memory_bytes", "The machine's memory.", machine, ["kind"])
    devices: Values = {}
    for device in found["devices"]:
        name = f"{device['type']}:{device['index']}"
        devices |= {(name, kind): device[f"vram_{kind}"] for kind in ("total", "free")}
    yield _gauge("device_memory_bytes", "Memory of devices.", devices, ["device", "kind"])
    yield _gauge("uptime_seconds", "Since the start.", {(): found["uptime"]})


def _of_requests(counts: Counts) -> Iterator[Metric]:
    found = [
        ((method, route, str(status)), *values)
        for (method, route, status), values in counts.requests.copy().items()
    ]
    labels = ["method", "route", "status"]
    how_many: Values = {key: count for key, count, _ in found}
    seconds: Values = {key: total for key, _, total in found}
    yield _counter("http_requests", "Requests answered.", how_many, labels)
    yield _counter("http_request_seconds", "Time they took, streams included.", seconds, labels)
