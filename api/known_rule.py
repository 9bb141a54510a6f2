"""The rule that a request names.

Takes: a connection, a rule's id.
Gives: the rule, or 404.
Knows nothing about: what is done with it."""

import sqlalchemy as sa

from contracts.errors import NotFound
from store.rules import RuleRow, rule_by_id


def known_rule(connection: sa.Connection, rule_id: str) -> RuleRow:
    """Raises NotFound."""
    rule = rule_by_id(connection, rule_id)
    if rule is None:
        raise unknown_rule(rule_id)
    return rule


def unknown_rule(rule_id: str) -> NotFound:
    """What is told of a rule that is not there, or not any more."""
    return NotFound(f"rule '{rule_id}' does not exist", "GET /api/v1/rules lists those that do")
