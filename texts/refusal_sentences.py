"""The sentence of every refusal, Chinese and English. Clients branch on the code; people read this.

A sentence says what is wrong and what would be right; `{name}` are the parameters the refusal carries.
"""

from __future__ import annotations

import re
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


#: What the decoder of bodies and queries calls a value, and what people call it.
VALUES: dict[str, tuple[str, str]] = {
    "int": ("整数", "a whole number"),
    "float": ("数", "a number"),
    "decimal": ("数", "a number"),
    "str": ("文本", "text"),
    "bool": (" true 或 false", "true or false"),
    "array": ("数组", "a list"),
    "array of str": ("文本数组", "a list of texts"),
    "object": ("对象", "an object"),
    "date": ("日期，如 2025-06-30", "a date such as 2025-06-30"),
    "uuid": (" UUID", "a UUID"),
    " of length": ("，长度", " of length"),
    " | ": (" 或 ", " or "),
}
_VALUE = re.compile(r"array of str| of length| \| |\b(?:int|float|decimal|str|bool|array|object|date|uuid)\b")


def sentence(fault: Fault, language: Language) -> str:
    """The sentence of one fault; a code without a text answers with itself."""
    texts = TEXTS.get(fault.code)
    if texts is None:
        return fault.code
    place = 0 if language == "zh" else 1
    params = _Params(fault.params)
    if fault.code == "wrong_type":
        params["expected"] = _VALUE.sub(lambda match: VALUES[match[0]][place], str(params["expected"]))
    return texts[place].format_map(params)


class _Params(dict[str, object]):
    """Parameters as people read them; one that is missing stands as `?`."""

    def __init__(self, given: Mapping[str, object]) -> None:
        super().__init__(
            {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else v for name, v in given.items()}
        )

    def __missing__(self, name: str) -> str:
        return "?"


def title(kind: str, language: Language) -> str:
    return TITLES[kind][0 if language == "zh" else 1]


def language_of(accept_language: str | None) -> Language:
    """Chinese unless English is preferred; `q` weights are obeyed. Source: RFC 9110 §12.5.4."""
    best: tuple[float, Language] = (0.0, "zh")
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        name = tag.strip().lower()[:2]
        try:
            q = float(weight) if weight else 1.0
        except ValueError:
            continue
        if name in ("zh", "en") and q > best[0]:
            best = (q, "zh" if name == "zh" else "en")
    return best[1]
