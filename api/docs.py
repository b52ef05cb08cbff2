"""The description of the interface, and pages to read and try it by; nothing in them comes from another address."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from litestar import Request, get
from litestar.params import FromPath

from api.description import described, with_records
from api.request import request_context
from api.response import NO_CACHE, NO_STORE, PER_CALLER, Reply
from domain.actor import ANONYMOUS, may
from domain.entity_tags import listed_tags
from domain.errors import NotFound
from store import example
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
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
""".encode()
#: The filter finds an operation by any words of its names and description, in either language; who has given a key
#: gets examples of the records that the key may see. Swagger UI draws what is in view alone where a list has 150 lines
#: or more, so that the browser's own search would miss the rest: each tag is given to it as a list of its own.
START: Final = rb"""const texts = ["operationId", "summary", "description"];
const words = (op) => texts.map((name) => op.getIn(["operation", name]))
  .concat(op.get("path")).join(" ").toLowerCase();
const filtered = (tags, phrase) => tags.map((tag, name) => {
  const wanted = phrase.toLowerCase(), about = [name, tag.getIn(["tagDetails", "description"])].join(" ").toLowerCase();
  const named = (ops) => ops.filter((op) => words(op).includes(wanted));
  return about.includes(wanted) ? tag : tag.update("operations", named);
}).filter((tag) => tag.get("operations").size > 0);
const again = (wrapped, system) => (given) => {
  wrapped(given);
  system.specActions.download("api/v1/openapi.json");
};
const listedByTag = (Operations, system) => (props) => {
  const tags = props.specSelectors.taggedOperations(), list = (name, operations) => system.React.createElement(
    Operations,
    { ...props, key: name, specSelectors: { ...props.specSelectors, taggedOperations: () => operations } },
  );
  return tags.size ? tags.map((_, name) => list(name, tags.filter((_, other) => other === name))).valueSeq().toArray()
    : list("none", tags);
};
let page;
page = SwaggerUIBundle({
  url: "api/v1/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  filter: true,
  validatorUrl: null,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  requestSnippetsEnabled: true,
  tryItOutEnabled: true,
  plugins: [() => ({
    fn: { opsFilter: filtered },
    wrapComponents: { operations: listedByTag },
    statePlugins: { auth: { wrapActions: { authorize: again } } },
  })],
  requestInterceptor: (request) => {
    const key = page && page.getSystem().authSelectors.authorized().getIn(["key", "value"]);
    if (request.loadSpec && key) request.headers["X-API-Key"] = key;
    return request;
  },
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
    """This description, OpenAPI 3.1; its examples name records that the caller sees."""
    context = await request_context(request)
    document = described(request.app, context.state.settings.public_path)
    if context.actor is not ANONYMOUS:
        async with context.db.read(context.actor) as conn:
            records = await example.ids(conn, context.actor.park_ids)
        if may(context.actor, "account.read"):
            records["account_id"] = str(context.actor.id)
        document = with_records(document, tuple(sorted(records.items())))
    return Reply(document, "application/vnd.oai.openapi+json;version=3.1", headers={**PER_CALLER, **NO_STORE})


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


ROUTES = [openapi, docs, docs_file]
