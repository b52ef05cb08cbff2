"""The sentence of every refusal. Clients branch on the code; people read this.

A sentence says what is wrong and what would be right; `{name}` are the parameters the refusal carries.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import Fault
from texts.lookup import Language, field_label, languages, tables
from texts.words import word_label

#: Refusals that say what kind of value stands there instead.
SAY_GOT = ("geometry_not_object", "geometry_type", "coordinate_not_number", "filter_type")


def sentence(fault: Fault, language: Language) -> str:
    """The sentence of one fault; a code without a text answers with itself."""
    texts = tables("refusals", language)
    text = texts["refusal"].get(fault.code)
    if text is None:
        return fault.code
    params = _Params(fault.params)
    if fault.code in ("wrong_type", "filter_type"):
        kinds = fault.params["expected"]
        assert isinstance(kinds, list | tuple)
        params["expected"] = texts["between"]["or"].join(texts["value"][kind] for kind in kinds)
    if fault.code in SAY_GOT:
        got = str(fault.params["got"])
        params["got"] = texts["value"].get(got, got)
    if fault.code == "cell_not_word":
        vocabulary, words = str(fault.params["vocabulary"]), fault.params["words"]
        assert isinstance(words, list | tuple)
        params["words"] = texts["between"]["word"].join(word_label(vocabulary, word, language) for word in words)
    if fault.code == "date_order_needed":
        orders = fault.params["orders"]
        assert isinstance(orders, list | tuple)
        names = tables("spellings", language)["date_order"]
        params["orders"] = texts["between"]["or"].join(names[order] for order in orders)
    if fault.code == "row_lacks":
        params["name"] = field_label("asset", str(fault.params["name"]), language)
    whole = text.format_map(params)
    # Of a ledger, the row or the cell that it is about.
    if "line" in params and "sheet" in params:
        return texts["between"]["cell" if "column" in params else "row"].format(**params, sentence=whole)
    # Of many units, the one that it is about.
    return texts["between"]["unit"].format(unit=params["unit"], sentence=whole) if "unit" in params else whole


def every_sentence(fault: Fault) -> str:
    """The sentence of one fault in every language at once."""
    return " ".join(sentence(fault, language) for language in languages())


class _Params(dict[str, object]):
    """Parameters as people read them; one that is missing stands as `?`."""

    def __init__(self, params: Mapping[str, object]) -> None:
        super().__init__(
            {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else v for name, v in params.items()}
        )

    def __missing__(self, name: str) -> str:
        return "?"


def title(kind: str, language: Language) -> str:
    """What kind of refusal it is; `kind` is the stable end of the problem's `type`."""
    return tables("refusals", language)["title"][kind]


def note(code: str, language: Language) -> str:
    """What a deal notes: the act stands, and the law asks for more; its article stands beside it."""
    return tables("refusals", language)["note"][code]
