"""Verbs of those who examine: sign in."""

from __future__ import annotations

import unicodedata

from clinic.errors import BadRequest
from clinic.receipts import Receipt
from clinic.workstation.desk import Desk
from records import events
from records.bodies import LONGEST_NAME
from records.model import Operator


class Operators:
    """Who may examine here."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def all(self) -> tuple[Operator, ...]:
        """Everybody, by name."""
        return self._desk.queries.operators()

    def sign_in(self, operators_name: str) -> Receipt[Operator]:
        """Sign in by name; a name that is new here is recorded first.

        Raises:
            BadRequest: No name, or one that no page holds.
        """
        name = unicodedata.normalize("NFC", operators_name.strip())
        if not name or any(unicodedata.category(sign) in ("Cc", "Cs") for sign in name):
            raise BadRequest("The operator has no name", "Give the name that shall stand on the report.")
        if len(name) > LONGEST_NAME:
            raise BadRequest(f"The operator's name is longer than {LONGEST_NAME} letters", "It must fit the report.")
        receipt: Receipt[Operator] = Receipt()
        known = next((operator for operator in self.all() if operator.operators_name == name), None)
        if known is not None:
            self._desk.sign_in(known)
            receipt.keep(known)
            return receipt
        operator = Operator(self._desk.new_id(), name)
        self._desk.sign_in(operator)
        return receipt.after(
            self._desk.writer.commit([events.operator_added(operator)], operator.operator_id), operator
        )
