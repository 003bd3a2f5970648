"""Words of the tables about applications."""

from __future__ import annotations

from enum import StrEnum


class ApplicationKind(StrEnum):
    """What is applied for."""

    NEW_LOCATION = "new_location"
    CHANGE_OF_CONTRACT = "change_of_contract"
    CLOSE_LOCATION = "close_location"
    CHANGE_OF_IT_SYSTEM = "change_of_it_system"


class ApplicationState(StrEnum):
    """How an application stands. There are no drafts: what is not sent stays in the form."""

    APPLIED = "applied"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


OPEN = (ApplicationState.APPLIED, ApplicationState.RETURNED)
"""Not decided for good."""


class ApplicationStep(StrEnum):
    """What somebody does with an application."""

    APPLY = "apply"
    RETURN = "return"
    APPROVE = "approve"
    WITHDRAW = "withdraw"


class Side(StrEnum):
    """Who does it: a main user of the organisation, or the operator."""

    APPLICANT = "applicant"
    OPERATOR = "operator"


class Tells(StrEnum):
    """Who gets a mail about a step."""

    APPLICANT = "applicant"
    OPERATOR = "operator"
    BOTH = "both"
    NOBODY = "nobody"


class LocationField(StrEnum):
    """What is known of a location."""

    NAME = "name"
    KIND = "kind"
    GLN = "gln"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    CITY = "city"
    COUNTRY = "country"
    LANGUAGES = "languages"
    CONTACT_NAME = "contact_name"
    CONTACT_EMAIL = "contact_email"
    CONTACT_PHONE = "contact_phone"


class ChangedBy(StrEnum):
    """How a field of a location is changed: by its main user at once, or by an application."""

    MAIN_USER = "main_user"
    APPLICATION = "application"


class ChangeStep(StrEnum):
    """The steps of a change of IT system, in their order (portal guide)."""

    APPLICATION = "application"
    APPROVAL = "approval"
    EQUIPMENT = "equipment"
    HAND_OVER = "hand_over"
    FIRST_SUCCESS = "first_success"
    LOCK = "lock"
    REFUSED = "refused"


class WaitsFor(StrEnum):
    """Whose turn it is."""

    MAIN_USER = "main_user"
    OPERATOR = "operator"
    IT_SUPPLIER = "it_supplier"
    NOBODY = "nobody"
