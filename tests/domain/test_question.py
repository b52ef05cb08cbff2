"""The small sum before an enquiry: a right answer within its hour, and nothing else, is taken."""

from __future__ import annotations

import pytest

from domain.errors import Invalid
from domain.question import LIFE_S, new_question, solved

KEY, NOW = b"key", 1_700_000_000


def test_a_right_answer_is_taken_until_the_question_is_over() -> None:
    question = new_question(KEY, "1", NOW)
    answer = question.first + question.second

    first = solved(KEY, question.token, answer, NOW)
    last = solved(KEY, question.token, answer, NOW + LIFE_S)

    assert first == last
    assert first.consent == "1"
    assert len(first.nonce) == 32


def test_what_is_not_right_is_refused_by_name() -> None:
    question = new_question(KEY, "1", NOW)
    answer, token = question.first + question.second, question.token
    longer = token.replace(str(NOW + LIFE_S), str(NOW + LIFE_S + 1))
    other = token.replace("ph_q_1-", "ph_q_2-")
    cases = [
        (KEY, token, answer + 1, NOW, "question.answer", "question_answer"),
        (KEY, token, answer, NOW + LIFE_S + 1, "question.token", "question_over"),
        (KEY, longer, answer, NOW, "question.answer", "question_answer"),
        (KEY, other, answer, NOW, "question.answer", "question_answer"),
        (b"other", token, answer, NOW, "question.answer", "question_answer"),
        (KEY, token + "0", answer, NOW, "question.token", "question_token"),
        (KEY, "", answer, NOW, "question.token", "question_token"),
    ]

    for key, sent, number, now, field, code in cases:
        with pytest.raises(Invalid) as refused:
            solved(key, sent, number, now)
        assert [(fault.field, fault.code) for fault in refused.value.faults] == [(field, code)]


def test_no_two_questions_are_one() -> None:
    assert len({new_question(KEY, "1", NOW).token for _ in range(100)}) == 100
