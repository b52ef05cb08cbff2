"""The sentence of every refusal, Chinese and English. Clients branch on the code; people read this.

A sentence says what is wrong and what would be right; `{name}` are the parameters the refusal carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from domain.errors import Fault
from texts.refusals import TEXTS

Language = Literal["zh", "en"]

#: Title per kind of refusal: name, Chinese, English. The name is the stable end of the problem's `type`.
TITLES: dict[str, tuple[str, str]] = {
    "malformed": ("请求格式有误", "The request is malformed"),
    "invalid": ("内容有误", "The content is not valid"),
    "not-signed-in": ("需要登录", "Not signed in"),
    "forbidden": ("没有权限", "Not allowed"),
    "not-found": ("未找到", "Not found"),
    "gone": ("已失效", "No longer there"),
    "conflict": ("与现有记录冲突", "Conflicts with the records"),
    "stale": ("记录已被修改", "The record has changed"),
    "precondition-missing": ("缺少版本条件", "Revision missing"),
    "too-large": ("请求过大", "Too large"),
    "too-slow": ("请求过慢", "Too slow"),
    "wrong-media": ("不支持的内容类型", "Content type not supported"),
    "too-many": ("请求过于频繁", "Too many requests"),
    "key-reused": ("幂等键已被使用", "Idempotency key reused"),
    "unavailable": ("服务暂不可用", "Temporarily unavailable"),
    "method-not-allowed": ("不支持的方法", "Method not allowed"),
    "internal": ("服务内部错误", "Internal error"),
}


#: Types of values, and what people call them.
VALUES: dict[str, tuple[str, str]] = {
    "int": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "decimal": ("数", "a number"),
    "str": ("文本", "text"),
    "bool": (" true 或 false", "true or false"),
    "array": ("数组", "a list"),
    "texts": ("文本数组", "a list of texts"),
    "object": ("对象", "an object"),
    "date": ("日期，如 2025-06-30", "a date such as 2025-06-30"),
    "uuid": (" UUID", "a UUID"),
    "uuids": (" UUID，多个以逗号分隔", "UUIDs with commas between"),
    "string": ("文本", "text"),
    "number": ("数", "a number"),
    "boolean": (" true 或 false", "true or false"),
    "null": ("空值", "null"),
}
#: Refusals that say what kind of value stands there instead.
SAY_GOT = ("geometry_not_object", "geometry_type", "coordinate_not_number")


def sentence(fault: Fault, language: Language) -> str:
    """The sentence of one fault; a code without a text answers with itself."""
    texts = TEXTS.get(fault.code)
    if texts is None:
        return fault.code
    place = 0 if language == "zh" else 1
    params = _Params(fault.params)
    if fault.code == "wrong_type":
        kinds = fault.params["expected"]
        assert isinstance(kinds, list | tuple)
        params["expected"] = ("或", " or ")[place].join(VALUES[kind][place] for kind in kinds)
    if fault.code in SAY_GOT:
        got = str(fault.params["got"])
        params["got"] = VALUES[got][place] if got in VALUES else got
    return texts[place].format_map(params)


class _Params(dict[str, object]):
    """Parameters as people read them; one that is missing stands as `?`."""

    def __init__(self, params: Mapping[str, object]) -> None:
        super().__init__(
            {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else v for name, v in params.items()}
        )

    def __missing__(self, name: str) -> str:
        return "?"


def title(kind: str, language: Language) -> str:
    return TITLES[kind][0 if language == "zh" else 1]


def language_of(accept_language: str | None) -> Language:
    """Chinese unless English is preferred; `q` weights are obeyed. Source: RFC 9110 §12.5.4."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accept_language or "").split(","):
        tag, _, weight = "".join(part.lower().split()).partition(";q=")
        name = tag[:2]
        try:
            q = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name in ("zh", "en") and q > best[0]:
            best = (q, "zh" if name == "zh" else "en")
    return best[1]
