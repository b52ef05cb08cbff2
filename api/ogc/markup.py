"""HTML that is escaped as it is made, and the frame, style and script that every page for people has.

Nothing in a page comes from another address: the one style and the one script stand in it, and the policy sent with it
names them by their hashes. Colours and sizes are those of the console. Source: CONSOLE handbook §8; CSP level 3.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from typing import Final

VOID: Final = frozenset({"link", "meta", "input", "br"})
HTML: Final = "text/html; charset=utf-8"


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | bool | None) -> Html:
    """An element; content is escaped where it is no HTML yet. `class_` is class, `data_copy` is data-copy; True: there
    without a value, False or None: not there.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Html(f"<{name}{written}>" + ("" if name in VOID else f"{joined(*content)}</{name}>"))


def joined(*content: str) -> Html:
    """Pieces one after another."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in content))


def data_block(json: str) -> Html:
    """JSON-LD of a page: data, which no browser runs."""
    return Html(f'<script type="application/ld+json">{json.replace("<", chr(92) + "u003c")}</script>')


STYLE: Final = """
:root{color-scheme:light dark;--page:#f4f6f8;--surface:#fff;--sunken:#e9edf1;--ink:#17202b;--ink2:#46525f;
--ink3:#5d6875;--edge:#7c8795;--line:#d5dbe2;--brand:#0a6175;--on-brand:#fff;--soft:#dceff3}
@media (prefers-color-scheme:dark){:root{--page:#0f151c;--surface:#18212b;--sunken:#111922;--ink:#eef2f6;--ink2:#b9c4d0;
--ink3:#98a5b3;--edge:#7f8c9b;--line:#2c3947;--brand:#5cc3d8;--on-brand:#06222a;--soft:#123842}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:14px/22px "PingFang SC","Microsoft YaHei UI",
"Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC",system-ui,sans-serif;font-variant-numeric:tabular-nums;
text-autospace:normal}
:lang(en){font-family:system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif}
a{color:var(--brand)}
:focus-visible{outline:2px solid var(--brand);outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:16px;top:8px;background:var(--surface);padding:8px;z-index:1}
header{background:var(--surface);border-bottom:1px solid var(--line)}
.bar,main,footer,.trail{max-width:1360px;margin:0 auto;padding:0 24px}
.bar{min-height:56px;display:flex;flex-wrap:wrap;align-items:center;gap:4px 24px}
.bar nav{display:flex;flex-wrap:wrap;gap:4px 20px}.bar a{text-decoration:none;padding:6px 0}
.bar .brand{font-weight:600;font-size:16px;color:var(--ink)}.bar .languages{margin-left:auto}
.bar [aria-current]{color:var(--ink);font-weight:600}
.trail{padding-top:12px}.trail ol,.plain{list-style:none;margin:0;padding:0;display:flex;
flex-wrap:wrap;gap:4px 16px}
.trail ol{gap:4px 8px}
.trail li+li::before{content:"/";color:var(--ink3);margin-right:8px}
main{padding-bottom:32px}
h1{font-size:20px;line-height:28px;margin:12px 0 4px}h2{font-size:16px;line-height:24px;margin:32px 0 8px}
h3{font-size:14px;line-height:22px;margin:0 0 4px}
.lead{color:var(--ink2);margin:0 0 16px;max-width:68ch}.quiet{color:var(--ink3)}
.card{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:16px}
.cards{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(min(300px,100%),1fr));margin:0;padding:0;
list-style:none}
.card h2{margin-top:0}.card p{margin:4px 0 0;color:var(--ink2)}
.copy{margin-bottom:12px}.copy div{display:flex;gap:8px;align-items:flex-start}
pre{margin:0;flex:1;min-width:0;overflow-x:auto;background:var(--sunken);border-radius:6px;padding:7px 12px}
code{font:13px/22px ui-monospace,Consolas,"Noto Sans Mono CJK SC",monospace;overflow-wrap:anywhere}
pre code{overflow-wrap:normal}
button,.button,input,select{font:inherit;min-height:36px;border-radius:6px;border:1px solid var(--edge);
background:var(--surface);color:var(--ink);padding:6px 12px}
input,select{width:100%}button,.button{cursor:pointer;white-space:nowrap;display:inline-flex;
align-items:center;justify-content:center;text-decoration:none}
.main{background:var(--brand);border-color:var(--brand);color:var(--on-brand)}
.row{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:12px 0}
.scroll{overflow-x:auto;background:var(--surface);border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:7px 12px;border-bottom:1px solid var(--line)}
thead th{background:var(--sunken);font-weight:600;white-space:nowrap}
tbody tr:last-child>*{border-bottom:0}tbody th{font-weight:400}
tbody th code{white-space:nowrap}td{overflow-wrap:anywhere}
.items td,.items tbody th{white-space:nowrap;max-width:320px;overflow:hidden;text-overflow:ellipsis}
.items :is(tbody th,thead th:first-child){position:sticky;left:0;background:var(--surface)}
.items thead th:first-child{background:var(--sunken)}
[hidden]{display:none}
.number{text-align:right}.unit{font-weight:400;color:var(--ink3)}
.chip{background:var(--soft);border-radius:4px;padding:2px 8px}
.tag{border:1px solid var(--edge);border-radius:4px;padding:0 4px;font-size:12px;color:var(--ink2);margin-left:6px}
details{margin:12px 0}summary{cursor:pointer;padding:6px 0;color:var(--brand)}
.fields{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(min(220px,100%),1fr))}
.fields label{display:block;color:var(--ink2)}.wide{grid-column:1/-1}
.facts th{width:40%;color:var(--ink2)}.facts td{overflow-wrap:anywhere}
footer{padding-top:16px;padding-bottom:32px;color:var(--ink3)}
@media (max-width:600px){.bar,main,footer,.trail{padding-left:16px;padding-right:16px}button,.button,input,select{
min-height:44px}.copy div{flex-direction:column}
.bar{gap:0 16px;padding-top:4px}.bar nav:not(.languages){order:1;width:100%}pre{width:100%}main{padding-bottom:16px}}
@media print{header,.trail,form,button,.skip{display:none}}
"""
#: Copies what stands before a button; where the browser keeps its clipboard from pages without TLS, by selection.
#: Buttons are there only where the script is.
SCRIPT: Final = """for (const button of document.querySelectorAll("button[data-copied]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = button.parentElement.querySelector("code");
    try { await navigator.clipboard.writeText(text.textContent); }
    catch {
      getSelection().selectAllChildren(text);
      document.execCommand("copy");
    }
    const label = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
"""


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


#: A page runs its own script, has its own style, sends its forms here, and loads nothing.
HEADERS: Final = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; "
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def document(language: str, title: str, head: Html, *body: str) -> bytes:
    """A whole page; `language` as HTTP names it."""
    start = joined(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        head,
        element("style", Html(STYLE)),
    )
    end = element("script", Html(SCRIPT))
    whole = element("html", element("head", start), element("body", *body, end), lang=language)
    return f"<!doctype html>\n{whole}\n".encode()
