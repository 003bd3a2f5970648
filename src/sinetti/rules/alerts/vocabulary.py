"""Words of the alert management: parties, statuses, classes, guidance. Their meaning is in `GLOSSARY.md`."""

from __future__ import annotations

from enum import StrEnum


class Party(StrEnum):
    """Who takes part in an investigation, and what decides what somebody sees and may do."""

    END_USER_LOCATION = "end_user_location"
    """People of the location that raised the alert."""
    END_USER_ORGANISATION = "end_user_organisation"
    """The main user of the organisation that the location belongs to."""
    MAH = "mah"
    OBP = "obp"
    OPERATOR = "operator"
    """The national organisation (NMVO) of this market."""
    OTHER_OPERATOR = "other_operator"
    """The national organisation of another market, and EMVO."""
    AUTHORITY = "authority"
    SYSTEM = "system"
    """Sinetti itself: it acts automatically and sees nothing."""


VIEWERS = tuple(party for party in Party if party is not Party.SYSTEM)


class Side(StrEnum):
    """Who states whether the cause was on its side; each has an investigation status of its own."""

    END_USER = "end_user"
    MAH = "mah"
    OBP = "obp"
    NMVO = "nmvo"


class AlertStatus(StrEnum):
    """How far the handling of an alert has come."""

    NEW = "new"
    ACTIVE = "active"
    """Somebody has opened it."""
    UNDER_INVESTIGATION = "under_investigation"
    ESCALATED = "escalated"
    CLOSED = "closed"


class InvestigationStatus(StrEnum):
    """What one side says of the cause."""

    NONE = "none"
    PENDING = "pending"
    NO_CAUSE_ON_MY_SIDE = "no_cause_on_my_side"
    CAUSE_ON_MY_SIDE = "cause_on_my_side"


class Classification(StrEnum):
    """The three steps of NMVO-0048 v5.0 §6. Every alert begins as the first."""

    POTENTIAL_SUSPICION = "potential_suspicion"
    SUSPICION = "suspicion"
    CONFIRMED_FALSIFICATION = "confirmed_falsification"


class Effect(StrEnum):
    """What a change of classification brings about."""

    ESCALATE = "escalate"
    OPEN_DEFECT_CLASS_1 = "open_defect_class_1"
    END_DEFECT = "end_defect"
    TELL_AUTHORITY = "tell_authority"
    TELL_OF_CORRECTION = "tell_of_correction"


class SupplyOutcome(StrEnum):
    """One of two sentences for whoever has the pack. Sinetti informs; to supply is the pharmacist's decision."""

    CAN_BE_SUPPLIED = "can_be_supplied"
    MUST_NOT_BE_SUPPLIED = "must_not_be_supplied"


class Saying(StrEnum):
    """Whether a change needs words of whoever makes it."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    CLOSING_REASON = "closing_reason"
    """One of the reasons of `closing_reasons.csv`, and the comment that it may demand."""


class ClosingReason(StrEnum):
    """Why an alert is closed; `closing_reasons.csv` says who may give it and what the pharmacist is told."""

    READING_CORRECTED = "reading_corrected"
    REACTIVATED_HERE = "reactivated_here"
    DECOMMISSIONED_HERE_BEFORE = "decommissioned_here_before"
    DATA_CORRECTED = "data_corrected"
    DATA_NOT_CORRECTED = "data_not_corrected"
    PRODUCT_DEFECT = "product_defect"
    PARALLEL_DISTRIBUTION = "parallel_distribution"
    OTHER_MARKET = "other_market"
    HANDED_ON_LAWFULLY = "handed_on_lawfully"
    OUT_OF_SCOPE = "out_of_scope"
    NO_ANSWER = "no_answer"
    FALSIFICATION = "falsification"
    OTHER = "other"


class Deadline(StrEnum):
    """Times that count from an alert or from a question."""

    EXPECTED_ANSWER = "expected_answer"
    REMINDER_FIRST = "reminder_first"
    REMINDER_SECOND = "reminder_second"
    CLOSE_WITHOUT_ANSWER = "close_without_answer"


class AlertKind(StrEnum):
    """What is handled alike: the sections 6.2 to 6.9 of NMVO-0048 v5.0."""

    UNKNOWN_SERIAL_NUMBER = "unknown_serial_number"
    UNKNOWN_BATCH_AND_SERIAL_NUMBER = "unknown_batch_and_serial_number"
    OTHER_BATCH = "other_batch"
    OTHER_EXPIRY = "other_expiry"
    SUPPLY_REFUSED = "supply_refused"
    DECOMMISSION_REFUSED = "decommission_refused"
    REACTIVATION_TOO_LATE = "reactivation_too_late"
    REACTIVATION_ELSEWHERE = "reactivation_elsewhere"


class Kin(StrEnum):
    """What the alerts of one case have in common."""

    PACK = "pack"
    BATCH = "batch"
    """The batch, and the cause."""
    LOCATION = "location"
    """The location, and a fault of its scanner or software."""


class Notice(StrEnum):
    """What somebody is told of; `notices.csv` says who."""

    DEVIATION_RAISED = "deviation_raised"
    ALERT_RAISED = "alert_raised"
    ALERT_CLOSED = "alert_closed"
    ALERT_REOPENED = "alert_reopened"
    ALERT_ESCALATED = "alert_escalated"
    INVESTIGATION_ANSWERED = "investigation_answered"
    MESSAGE_SENT = "message_sent"
    SUSPICION_CLASSIFIED = "suspicion_classified"
    FALSIFICATION_CONFIRMED = "falsification_confirmed"
    CLASSIFICATION_CORRECTED = "classification_corrected"
    CAUSE_CHANGED = "cause_changed"
    """The analysis has come to another likely cause since; `cause_news.csv` says to whom that matters."""
    HIGH_RISK_FOUND = "high_risk_found"
    """The analysis has come to a pattern of falsification since, where nothing more could be escalated."""
    ANSWER_DUE_SOON = "answer_due_soon"
    ANSWER_REMINDER = "answer_reminder"
    ANSWER_OVERDUE = "answer_overdue"
    TRAIL_REQUEST_LATE = "trail_request_late"


class NoticeGroup(StrEnum):
    """Notices that are told at one pace; `notice_groups.csv` says which are in each, the most urgent first here."""

    SUSPICIONS = "suspicions"
    DEADLINES = "deadlines"
    MESSAGES = "messages"
    ALERTS = "alerts"
    PROGRESS = "progress"
    DEVIATIONS = "deviations"


class Pace(StrEnum):
    """How soon somebody gets a mail about a notice, the soonest first."""

    AT_ONCE = "at_once"
    GATHERED = "gathered"
    """With whatever else comes within a few minutes."""
    DAILY = "daily"
    NONE = "none"


class Sight(StrEnum):
    """How much of a field a party sees."""

    YES = "yes"
    NO = "no"
    OWN = "own"
    """Only what its own location or organisation did or wrote."""


class SetAsideEnd(StrEnum):
    """How a pack leaves the register of packs set aside."""

    BACK_TO_STOCK = "back_to_stock"
    SENT_TO_MAH = "sent_to_mah"
    RETURNED_TO_WHOLESALER = "returned_to_wholesaler"
    HANDED_TO_AUTHORITY = "handed_to_authority"
    DESTROYED = "destroyed"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


class SetAsideNeed(StrEnum):
    """What must be known of the pack's alerts before it leaves."""

    NOTHING = "nothing"
    CAUSE_KNOWN = "cause_known"
    """No alert of the pack is open, and none was closed with the sentence that it must not be supplied."""
    CAUSE_KNOWN_OR_AGREED = "cause_known_or_agreed"
    """No alert of the pack is open, or the return is agreed with the marketing authorisation holder."""


class TrailRequestState(StrEnum):
    """How a request to another country's operator stands: for its part of a pack's trail."""

    ASKED = "asked"
    """It waits to be carried."""
    SENT = "sent"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class TrailRequestStep(StrEnum):
    """What is done with such a request; `trail_request_transitions.csv` says by whom and when."""

    ASK = "ask"
    SEND = "send"
    ANSWER = "answer"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


class Refusal(StrEnum):
    """Why a change of a case is not made. Each has a sentence for the person who asked for it."""

    NO_SUCH_CHANGE = "no_such_change"
    NOT_FOR_THIS_PARTY = "not_for_this_party"
    COMMENT_MISSING = "comment_missing"
    COMMENT_TOO_LONG = "comment_too_long"
    REASON_MISSING = "reason_missing"
    REASON_NOT_FOR_THIS_PARTY = "reason_not_for_this_party"
    REASON_DOES_NOT_FIT_CLASSIFICATION = "reason_does_not_fit_classification"
    REASON_DOES_NOT_FIT_KIND = "reason_does_not_fit_kind"
    REASON_TOO_EARLY = "reason_too_early"
    REASON_NOT_AUTOMATIC = "reason_not_automatic"
    SIDE_NOT_FOR_THIS_PARTY = "side_not_for_this_party"
    ALREADY_SO = "already_so"
    IS_CLOSED = "is_closed"
    CAUSE_NOT_KNOWN = "cause_not_known"
    NOT_SET_ASIDE = "not_set_aside"
    MESSAGE_EMPTY = "message_empty"
    CHANGED_MEANWHILE = "changed_meanwhile"
    ONE_BY_ONE = "one_by_one"
    ASSIGNEE_CANNOT_SEE = "assignee_cannot_see"
    TOO_MANY_PHOTOS = "too_many_photos"
    ASKED_ALREADY = "asked_already"
    REQUEST_STANDS_OTHERWISE = "request_stands_otherwise"
    COUNTRY_NOT_ASKED = "country_not_asked"
