"""Verbs of those who examine: sign in."""

from __future__ import annotations

from clinic.access import clean_name
from clinic.receipts import Receipt
from clinic.workstation.desk import Desk
from records import events
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
        name = clean_name(operators_name)
        known = next((operator for operator in self.all() if operator.operators_name == name), None)
        return self._known(known) if known else self._new(Operator(self._desk.new_id(), name))

    def sign_in_as(self, operator: Operator) -> Receipt[Operator]:
        """Sign in who opened the vault, recorded first where this store does not know the id: stores share no records.

        The receipt brings the operator as this store knows the id.
        """
        known = next((other for other in self.all() if other.operator_id == operator.operator_id), None)
        return self._known(known) if known else self._new(operator)

    def _known(self, operator: Operator) -> Receipt[Operator]:
        self._desk.sign_in(operator)
        receipt: Receipt[Operator] = Receipt()
        receipt.keep(operator)
        return receipt

    def _new(self, operator: Operator) -> Receipt[Operator]:
        self._desk.sign_in(operator)
        added = self._desk.writer.commit([events.operator_added(operator)], operator.operator_id)
        return Receipt[Operator]().after(added, operator)
