"""The description of the interface, and pages to read and try it by; nothing in them comes from another address."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath

from api.description import described
from api.request import request_context
from api.response import NO_CACHE, Reply
from domain.entity_tags import listed_tags
from domain.errors import NotFound
from texts.lookup import side_by_side

DESCRIPTION: Final = "/api/v1/openapi.json"
#: The package is Swagger UI's files in a wheel; of Django, for which it is made, nothing is needed.
SWAGGER: Final = "static/drf_spectacular_sidecar/swagger-ui-dist"
FILES: Final = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
PAGE: Final = f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{side_by_side("description", "page", "service")} · {side_by_side("description", "page", "interface")}</title>
<link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
""".encode()
START: Final = b"""SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  filter: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestSnippetsEnabled: true,
  tryItOutEnabled: true,
});
"""
#: The pages run their own scripts alone and speak to this service alone.
HEADERS: Final = {
    **NO_CACHE,
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@get(DESCRIPTION, tags=["description"])
async def openapi(request: Request[Any, Any, Any]) -> Reply:
    """This description, OpenAPI 3.1."""
    await request_context(request)
    return Reply(described(request.app), "application/vnd.oai.openapi+json;version=3.1", headers=NO_CACHE)


@get("/", opt={"hidden": True})
async def front() -> Reply:
    """The pages of the interface are all there is to look at."""
    return Reply(b"", status=307, headers={**NO_CACHE, "Location": "/docs"})


@get("/docs", opt={"hidden": True})
async def docs() -> Reply:
    """Swagger UI on our own description."""
    return Reply(PAGE, "text/html; charset=utf-8", headers=HEADERS)


@get("/docs/{name:str}", opt={"hidden": True})
async def docs_file(request: Request[Any, Any, Any], name: FromPath[str]) -> Reply:
    """A file of the pages; it is asked for again only once it has changed."""
    body, media_type = (START, FILES["swagger-ui-bundle.js"]) if name == "start.js" else _file(name)
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    known = listed_tags(",".join(request.headers.getall("if-none-match", [])), "If-None-Match")
    return Reply(body, media_type, headers=HEADERS, tag=tag, known=known)


@cache
def _file(name: str) -> tuple[bytes, str]:
    if name not in FILES:
        raise NotFound("route_missing")
    spec = find_spec("drf_spectacular_sidecar")  # found and not imported: it would ask for Django
    assert spec is not None and spec.submodule_search_locations is not None, "it is in the lock"
    return (Path(spec.submodule_search_locations[0]) / SWAGGER / name).read_bytes(), FILES[name]


ROUTES = [openapi, front, docs, docs_file]
