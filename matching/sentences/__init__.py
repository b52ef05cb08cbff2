"""Sentences for an answer, Chinese or English, made when it is read: they see the answer and nothing beside it."""
