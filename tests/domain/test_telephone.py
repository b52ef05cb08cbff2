"""Telephone numbers as people write them: kept one way, and what can be none is refused by name."""

from __future__ import annotations

import pytest

from domain import mail, telephone


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("+8613812345678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("023-43331234", "023-43331234"),
        ("02343331234", "023-43331234"),
        ("(023) 4333 1234", "023-43331234"),
        ("（023）43331234", "023-43331234"),
        ("+86 23 43331234", "023-43331234"),
        ("+86-023-43331234", "023-43331234"),
        ("0086 10 62345678", "010-62345678"),
        ("010-62345678", "010-62345678"),
        ("0816-2345678", "0816-2345678"),
        ("0755-82345678", "0755-82345678"),
        ("023-43331234-801", "023-43331234-801"),
        ("023-43331234转801", "023-43331234-801"),
        ("023-43331234 转分机 801", "023-43331234-801"),
        ("023-43331234 ext. 801", "023-43331234-801"),
        ("02343331234x8", "023-43331234-8"),
        ("02343331234#12", "023-43331234-12"),
        ("400-123-4567", "400-123-4567"),
        ("4001234567", "400-123-4567"),
        ("400-123-4567转3", "400-123-4567-3"),
        ("800 820 1234", "800-820-1234"),
    ],
)
def test_a_number_is_kept_one_way(written: str, kept: str) -> None:
    assert telephone.fault(written) is None
    assert telephone.normalise(written) == kept
    assert telephone.normalise(kept) == kept


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "telephone_form"),
        ("12345", "telephone_form"),
        ("1381234567", "telephone_form"),
        ("138123456789", "telephone_form"),
        ("11111111111", "telephone_form"),
        ("12812345678", "telephone_form"),
        ("00000000000", "telephone_form"),
        ("026-43331234", "telephone_form"),
        ("023-4333123", "telephone_form"),
        ("023-03331234", "telephone_form"),
        ("023-13331234", "telephone_form"),
        ("0816-12345678", "telephone_form"),
        ("400-123-456", "telephone_form"),
        ("+1 202 555 0100", "telephone_form"),
        ("+852 2123 4567", "telephone_form"),
        ("+86", "telephone_form"),
        ("138123٤5678", "telephone_form"),
        ("tel:13812345678", "telephone_form"),
        ("43331234", "telephone_area_code"),
        ("4333 1234 转 801", "telephone_area_code"),
        ("13812345678\r\nBcc: x@example.org", "text_control"),
        ("138\u200b12345678", "text_hidden"),
        ("1" * 41, "text_too_long"),
    ],
)
def test_what_can_be_no_number_is_refused_by_name(written: str, code: str) -> None:
    fault = telephone.fault(written)

    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize(
    "address", ["a@example.org", "li.wei+park@mail.example.com.cn", "o'hara@x-y.example", "1_2@example.xn--fiqs8s"]
)
def test_a_plain_address_is_taken(address: str) -> None:
    assert mail.fault(address) is None


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("", "mail_form"),
        ("a", "mail_form"),
        ("a@", "mail_form"),
        ("@example.org", "mail_form"),
        ("a@example", "mail_form"),
        ("a@b@example.org", "mail_form"),
        ("a b@example.org", "mail_form"),
        (".a@example.org", "mail_form"),
        ("a..b@example.org", "mail_form"),
        ("a@-x.org", "mail_form"),
        ("a@example.org, b@example.org", "mail_form"),
        ("Li <a@example.org>", "mail_form"),
        ('"a\\"b"@example.org', "mail_form"),
        ("李@example.org", "mail_form"),
        ("a@[127.0.0.1]", "mail_form"),
        (f"{'a' * 65}@example.org", "mail_form"),
        ("a@example.org\nBcc: b@example.org", "text_control"),
        ("a@example.org\r\n\r\nHello", "text_control"),
        ("a\u202e@example.org", "text_hidden"),
        (f"a@{'b.' * 130}org", "text_too_long"),
    ],
)
def test_what_is_no_address_is_refused_by_name(address: str, code: str) -> None:
    fault = mail.fault(address)

    assert fault is not None
    assert fault.code == code
