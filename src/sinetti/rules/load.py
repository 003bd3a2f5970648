"""Reads the tables and texts into `Rules`. What the rows must say together is proved in `rules.prove`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sinetti.rules.alerts.prove import prove_alert_rules
from sinetti.rules.alerts.read import read_alert_rules
from sinetti.rules.applications.read import read_application_rules
from sinetti.rules.causes import read_automatic_closing, read_root_causes
from sinetti.rules.chain_notices import read_recipients
from sinetti.rules.codes import read_codes, read_service_answers
from sinetti.rules.judgement import read_checks, read_condition_names, read_restrictions, read_transitions
from sinetti.rules.permissions import (
    read_allowed_targets,
    read_interfaces,
    read_levels,
    read_pack_states,
    read_parameters,
    read_role_operations,
)
from sinetti.rules.prove import prove
from sinetti.rules.sales_holds.read import read_hold_rules
from sinetti.rules.table import Files, RulesError, packaged_files, version_of
from sinetti.rules.texts import read_shared_sentences, read_texts
from sinetti.rules.types import Parameter, Rules
from sinetti.rules.vocabulary import ServiceAnswer

__all__ = ["RulesError", "build_rules", "load_rules"]


@cache
def load_rules(market: str = "FI") -> Rules:
    """The rules of a market, proved complete. `market` is an ISO 3166 code, such as `FI`.

    A market without parameters of its own gets those that hold for all. Read once in a process: they are the package's
    own files. Raises `RulesError`.
    """
    return build_rules(packaged_files(), market)


def build_rules(files: Files, market: str = "FI") -> Rules:
    """The rules that these tables and texts make. Raises `RulesError` that names table, row and reason."""
    parameters = read_parameters(files, market)
    values = _values_in_texts(parameters)
    texts = read_texts(files, values)
    codes = read_codes(files, texts)
    service_answers = read_service_answers(files, codes)
    interfaces = read_interfaces(files)
    rules = Rules(
        version=version_of(files),
        codes=codes,
        request_checks=read_checks(files, "request_checks.csv", codes),
        identity_checks=read_checks(files, "identity_checks.csv", codes),
        restrictions=read_restrictions(files, codes),
        transitions=read_transitions(files, codes),
        interfaces=interfaces,
        allowed_targets=read_allowed_targets(files, interfaces),
        role_operations=read_role_operations(files),
        parameters=parameters,
        pack_states=read_pack_states(files),
        levels=read_levels(files),
        service_answers=service_answers,
        roles_code=service_answers[ServiceAnswer.NOT_ALLOWED],
        alerts=read_alert_rules(files, codes, market, read_shared_sentences(files, values)),
        applications=read_application_rules(files),
        sales_holds=read_hold_rules(files),
        chain_notices=read_recipients(files),
        root_causes=read_root_causes(files),
        automatic_closing=read_automatic_closing(files, market),
        condition_names=read_condition_names(files),
    )
    prove(rules)
    prove_alert_rules(rules.alerts, codes)
    return rules


def _values_in_texts(parameters: Mapping[str, Parameter]) -> dict[str, int]:
    """Values that texts may name. Hours that are whole days can be told as `…_days`, too: people count in days."""
    values = {name: parameter.value for name, parameter in parameters.items()}
    days = {
        f"{name.removesuffix('_hours')}_days": value // 24
        for name, value in values.items()
        if name.endswith("_hours") and value % 24 == 0
    }
    return values | days
