"""The pages: somebody else's front end, or our editor, or a page that says what is here.

Only paths that nothing else answers come here, and never those under `/api`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

import nodegraph
from nodegraph.server.call import service_of, settings_of
from nodegraph.server.comfy_v1_routes import answer
from nodegraph.server.errors import ApiError
from nodegraph.server.files import inside
from nodegraph.server.headers import PAGE_POLICY
from nodegraph.server.route import Route
from nodegraph.server.settings import Settings

__all__ = ["FOREIGN_POLICY", "ROUTES", "Pages", "pages_of"]

FOREIGN_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob: data:",
        "font-src 'self' data:",
        "connect-src 'self' blob: data:",
        "manifest-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Of a front end that we did not make: it talks to nobody but this server either. The scripts
written into its page are let through by their digests; `eval` is not."""

_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".mjs": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".ttf": "font/ttf",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
_INLINE = re.compile(rb"<script(?![^>]*\bsrc\s*=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_TEMPLATES = re.compile(r"templates/index(\.[\w-]+)?\.json", re.ASCII)
_LONGEST_PAGE = 2**20
_INSTALLED = Path(__file__).resolve().parent / "static"
_CHECKOUT = Path(__file__).resolve().parents[2] / "web"
"""The editor where nodegraph runs from its repository: built into `dist`."""
_HASHED = re.compile(r"[-.][\w-]{8,}\.\w+\Z", re.ASCII)
_FOREVER = "private, max-age=31536000, immutable"


def _digest(text: bytes) -> str:
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


@dataclass(frozen=True)
class Pages:
    """A folder with pages.

    Attributes:
        folder: None: there are none.
        foreign: whether somebody else made them.
    """

    folder: Path | None
    foreign: bool

    def policy(self, page: Path) -> str:
        """What a page may do. Blocks."""
        if not self.foreign:
            return PAGE_POLICY
        if page.suffix.lower() != ".html" or page.stat().st_size > _LONGEST_PAGE:
            return FOREIGN_POLICY
        written = _INLINE.findall(page.read_bytes())
        sources = "".join(f" 'sha256-{_digest(script)}'" for script in written)
        return FOREIGN_POLICY.replace("script-src 'self'", f"script-src 'self'{sources}")


def pages_of(settings: Settings) -> Pages:
    """The folder that the user named, or that of our editor if it is built."""
    if settings.front_end is not None:
        return Pages(settings.front_end.resolve(), foreign=True)
    for folder in (_INSTALLED, _CHECKOUT / "dist"):
        if (folder / "index.html").is_file():
            return Pages(folder, foreign=False)
    return Pages(None, foreign=False)


async def index(request: web.Request) -> web.StreamResponse:
    """The first page."""
    pages = pages_of(settings_of(request))
    if pages.folder is None or not (pages.folder / "index.html").is_file():
        return _introduction(pages)
    return await _send(request, pages, "index.html")


async def file(request: web.Request) -> web.StreamResponse:
    """A file of the front end."""
    pages = pages_of(settings_of(request))
    if pages.folder is None:
        raise _missing()
    return await _send(request, pages, request.match_info["path"])


async def _send(request: web.Request, pages: Pages, name: str) -> web.StreamResponse:
    assert pages.folder is not None
    try:
        path = await service_of(request).blocking(inside, pages.folder, name)
    except ApiError:
        raise _missing() from None
    if not path.is_file():
        if pages.foreign and _TEMPLATES.fullmatch(name):
            return answer([])  # a list of its own examples, which come in another package
        if pages.foreign and name == "user.css":
            return web.Response(content_type="text/css")  # asked for whether it is there or not
        raise _missing()
    suffix = path.suffix.lower()
    kind = _TYPES.get(suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    hashed = suffix != ".html" and name.startswith("assets/") and _HASHED.search(path.name)
    headers = {
        "Content-Type": kind,
        "Content-Security-Policy": await service_of(request).blocking(pages.policy, path),
        "Cache-Control": _FOREVER if hashed else "no-cache",
    }
    return web.FileResponse(path, headers=headers)


def _missing() -> ApiError:
    return ApiError(404, "not_found", "there is no such path")


_STYLE = """
body { margin: 4rem auto; max-width: 40rem; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif;
  color: #222; background: #fff }
code { background: #f0f0f0; padding: .1em .3em; border-radius: .2em }
dt { margin-top: 1rem } dd { margin-left: 0; color: #555 }
@media (prefers-color-scheme: dark) {
  body { color: #ddd; background: #1a1a1a } code { background: #333 } dd { color: #aaa }
  a { color: #8ab4f8 }
}
"""
_INTRODUCTION = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>nodegraph</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>nodegraph {html.escape(nodegraph.__version__)}</h1>
<p>The server is up. %s</p>
<dl>
<dt><a href="/api/docs">/api/docs</a></dt>
<dd>Every path of this server, to read; <a href="/api/openapi.json">/api/openapi.json</a> is the
same for programs.</dd>
<dt><code>/api/v2</code></dt>
<dd>Jobs, their events and files: what the <code>comfy-sdk</code> client speaks.
<a href="/api/v2/health">/api/v2/health</a> says whether nodes can run.</dd>
<dt><code>/prompt</code>, <code>/queue</code>, <code>/history</code>, <code>/view</code>,
<code>/ws</code>, ...</dt>
<dd>The same for ComfyUI's scripts, bots and front end; also under <code>/api</code>.</dd>
<dt><a href="/metrics">/metrics</a></dt>
<dd>Figures for Prometheus.</dd>
</dl>
</body>
</html>
"""
_NO_EDITOR = (
    "Its editor is not part of this installation; another front end is served with "
    "<code>nodegraph serve --front-end DIR</code>."
)
_NOT_BUILT = (
    "Its editor is not built yet. In the folder of the repository, run "
    "<code>python scripts/build_editor.py</code>, then load this page again."
)
_NO_INDEX = "The folder given with <code>--front-end</code> has no <code>index.html</code>."


def _introduction(pages: Pages) -> web.Response:
    """What is served, where there is no front end."""
    policy = PAGE_POLICY.replace(
        "style-src 'self'", f"style-src 'sha256-{_digest(_STYLE.encode())}'"
    )
    sources = (_CHECKOUT / "package.json").is_file()
    why = _NO_INDEX if pages.foreign else _NOT_BUILT if sources else _NO_EDITOR
    return web.Response(
        text=_INTRODUCTION % why,
        content_type="text/html",
        headers={"Content-Security-Policy": policy, "Cache-Control": "no-cache"},
    )


_FILES = r"/{path:(?!api(?:/|\Z)).+}"
ROUTES = (
    Route("GET", "/", index),
    Route("HEAD", "/", index),
    Route("GET", _FILES, file),
    Route("HEAD", _FILES, file),
)
