"""The field's words as types: operations, pack states, kinds of organisation. Their meaning is in `GLOSSARY.md`."""

from __future__ import annotations

from enum import StrEnum


class Operation(StrEnum):
    """What a system user can do with one pack (NMVO-0048 v5.0 §4-5; Delegated Regulation (EU) 2016/161 art. 36)."""

    VERIFY = "verify"
    SUPPLY = "supply"
    DECOMMISSION = "decommission"
    REACTIVATE = "reactivate"


class PackState(StrEnum):
    """State of one pack; the values are the words on the wire.

    `INACTIVE` is Sinetti's own: another market decommissioned the pack and did not say how, so the wire has no
    word for it (NMVO-0048 v5.0 §6.6 step 5: such packs exist, and their full trail is in the other market).
    """

    ACTIVE = "Active"
    SUPPLIED = "Supplied"
    STOLEN = "Stolen"
    DESTROYED = "Destroyed"
    SAMPLE = "Sample"
    FREE_SAMPLE = "FreeSample"
    LOCKED = "Locked"
    EXPORTED = "Exported"
    CHECKED_OUT = "CheckedOut"
    INACTIVE = "Inactive"


class BatchState(StrEnum):
    """State that a batch or product gives to its packs, beside the state of the pack itself."""

    EXPIRED = "Expired"
    RECALLED = "Recalled"
    WITHDRAWN = "Withdrawn"


class Where(StrEnum):
    """Where the pack got its present state, seen from the location that asks now."""

    SAME = "same"
    OTHER = "other"
    NOT_STATED = "not_stated"


class OrganisationKind(StrEnum):
    """Kind of organisation, which decides what its systems may do (`rules/tables/organisation_kinds.csv`)."""

    PHARMACY = "pharmacy"
    HOSPITAL_PHARMACY = "hospital_pharmacy"
    MEDICAL_DEPOT = "medical_depot"
    WHOLESALER = "wholesaler"
    MAH_OBP = "mah_obp"
    OPERATOR = "operator"
    AUTHORITY = "authority"


class Interface(StrEnum):
    """What a system may call, each a part of the interface to machines."""

    PACKS = "packs"
    UPLOADS = "uploads"
    ALERTS = "alerts"
    REPORTS = "reports"
    CASES = "cases"


class ClientRole(StrEnum):
    """What a piece of client equipment may do. One without a role may do nothing (portal guide, step 7)."""

    FULL_ACCESS = "full_access"
    VERIFY_ONLY = "verify_only"


class EntryMode(StrEnum):
    """How the pack data came into the client system; header `emvs-data-entry-mode`."""

    MANUAL = "manual"
    NON_MANUAL = "non-manual"


class Scheme(StrEnum):
    """Coding scheme of a product code: GS1 (GTIN) or IFA (PPN)."""

    GS1 = "gs1"
    IFA = "ifa"


class Level(StrEnum):
    """Who hears of a deviation (NMVO-0048 v5.0 §4): L1 nobody … L5 also the OBP, which makes it an alert."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"


class Colour(StrEnum):
    """How serious an answer looks to the person at the counter."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


class Language(StrEnum):
    """Languages that every text exists in."""

    FI = "fi"
    SV = "sv"
    EN = "en"


class Status(StrEnum):
    """How sure a row of the tables is; `make tables` lists the rows that still need an operator's word."""

    DOCUMENTED = "documented"
    """Stated by law, by an operator or by EMVO in a document that the row names."""
    OBSERVED = "observed"
    """Seen in the public code or notes of somebody who is connected to a real system."""
    ASSUMED = "assumed"
    """Sinetti's own reading or choice; the row says of what."""


class Reactivation(StrEnum):
    """Whether a pack can become active again after it got a state (art. 13(1) of the Delegated Regulation)."""

    NEVER = "never"
    WITHIN_WINDOW = "within_window"
    """For as long as parameter `reactivation_window_hours` says."""
    ANY_TIME = "any_time"


class ServiceAnswer(StrEnum):
    """What the service answers besides outcomes of pack operations; `service_answers.csv` has the codes."""

    NOT_ALLOWED = "not_allowed"
    TOO_MANY_REQUESTS = "too_many_requests"
    BULK_ACCEPTED = "bulk_accepted"
    BULK_RESULT_READY = "bulk_result_ready"
    BULK_RESULT_NOT_READY = "bulk_result_not_ready"
    BULK_RESULT_UNKNOWN = "bulk_result_unknown"
    BULK_DUPLICATE_PACKS = "bulk_duplicate_packs"
    BULK_COUNT_DIFFERS = "bulk_count_differs"
    BULK_BODY_INVALID = "bulk_body_invalid"
    BULK_TOO_MANY_PACKS = "bulk_too_many_packs"
    RECOVERY_ACCEPTED = "recovery_accepted"
    RECOVERY_RESULT_READY = "recovery_result_ready"
    RECOVERY_RESULT_NOT_READY = "recovery_result_not_ready"
    RECOVERY_RESULT_UNKNOWN = "recovery_result_unknown"
    RECOVERY_COUNT_DIFFERS = "recovery_count_differs"
    RECOVERY_BODY_INVALID = "recovery_body_invalid"
    RECOVERY_TOO_MANY_PACKS = "recovery_too_many_packs"
    REPORT_LIST = "report_list"


class ConditionKind(StrEnum):
    """The kind of table that a condition is named in, which decides what it is judged by."""

    REQUEST = "request"
    IDENTITY = "identity"
    RESTRICTION = "restriction"
    TRANSITION = "transition"


class ParameterName(StrEnum):
    """Values that an operator may set; `parameters.csv` has each, and the unit is the end of its name."""

    REPEAT_NOTICES_SUPPLY = "repeat_notices_supply"
    REPEAT_NOTICES_DECOMMISSION = "repeat_notices_decommission"
    REACTIVATION_WINDOW_HOURS = "reactivation_window_hours"
    TOKEN_LIFETIME_SECONDS = "token_lifetime_seconds"  # noqa: S105 - a name
    BULK_PACKS_MAX = "bulk_packs_max"
    RECOVERY_PACKS_MAX = "recovery_packs_max"
    BULK_RESULT_LIFETIME_HOURS = "bulk_result_lifetime_hours"
    IDEMPOTENCY_LIFETIME_HOURS = "idempotency_lifetime_hours"
    LEGITIMACY_CHECK_MONTHS = "legitimacy_check_months"
    LEGITIMACY_NOTICE_DAYS = "legitimacy_notice_days"
    RECORD_RETENTION_AFTER_EXPIRY_YEARS = "record_retention_after_expiry_years"
    RECORD_RETENTION_AFTER_RELEASE_YEARS = "record_retention_after_release_years"
    RESPONSE_TIME_MAX_MILLISECONDS = "response_time_max_milliseconds"
    RESPONSE_TIME_SHARE_PERCENT = "response_time_share_percent"
    ALERTS_WINDOW_DAYS_MAX = "alerts_window_days_max"
    ALERTS_MAX = "alerts_max"
    ALERTS_FULL_MAX = "alerts_full_max"
    ALERTS_PAGE_MAX = "alerts_page_max"
    ALERTS_LIFETIME_HOURS = "alerts_lifetime_hours"
    REPORT_WINDOW_DAYS_MAX = "report_window_days_max"
    REPORT_LIFETIME_HOURS = "report_lifetime_hours"
    SNAPSHOT_LIFETIME_DAYS = "snapshot_lifetime_days"
    REPORT_REQUESTS_WAITING_MAX = "report_requests_waiting_max"
    IT_SYSTEM_CHANGE_LATE_DAYS = "it_system_change_late_days"
    IT_SYSTEM_CHANGE_OLD_OPEN_DAYS = "it_system_change_old_open_days"
    RETRY_SOON_MINUTES = "retry_soon_minutes"
    RETRY_WINDOW_HOURS = "retry_window_hours"
    UPLOAD_GAP_PACKS = "upload_gap_packs"
    UPLOAD_GAP_LOCATIONS = "upload_gap_locations"
    SAME_DIFFERENCE_LOCATIONS = "same_difference_locations"
    LOCATION_BURST_DAYS = "location_burst_days"
    LOCATION_BURST_ALERTS = "location_burst_alerts"
    LOCATION_BURST_PERCENT = "location_burst_percent"
    REPLAY_WINDOW_MINUTES = "replay_window_minutes"
    REPLAY_PACKS = "replay_packs"
    HIGH_RISK_LOCATIONS = "high_risk_locations"
    HIGH_RISK_PACKS = "high_risk_packs"
    IMPOSSIBLE_JOURNEY_MINUTES = "impossible_journey_minutes"
    NOTICE_GATHER_MINUTES = "notice_gather_minutes"
    NOTICE_DAILY_HOURS = "notice_daily_hours"
    TRAIL_REQUEST_ANSWER_HOURS = "trail_request_answer_hours"
    RESULTS_WAITING_MAX = "results_waiting_max"
    RESULTS_LIFETIME_HOURS = "results_lifetime_hours"
    REPORT_REGION_DIGITS = "report_region_digits"
    REPORT_SUPPRESSED_BELOW_PACKS = "report_suppressed_below_packs"


class Cause(StrEnum):
    """Why an alert was raised (NMVO-0048 v5.0 §6). Demo traffic knows it, the analysis of alerts looks for it."""

    CASE_SWAP = "case_swap"
    KEYBOARD_LAYOUT = "keyboard_layout"
    LOST_SEPARATOR = "lost_separator"
    BARCODE_APPENDED = "barcode_appended"
    TRUNCATED = "truncated"
    EXTRA_CHARACTERS = "extra_characters"
    LOOK_ALIKE = "look_alike"
    TYPING_ERROR = "typing_error"
    DATE_ORDER = "date_order"
    DAY_ZERO = "day_zero"
    SWAPPED_FIELDS = "swapped_fields"
    RESIDUE_CHARACTERS = "residue_characters"
    BATCH_NOT_UPLOADED = "batch_not_uploaded"
    PARTIAL_UPLOAD = "partial_upload"
    LATE_UPLOAD = "late_upload"
    PRINT_DIFFERS = "print_differs"
    DOUBLE_SUPPLY = "double_supply"
    REPLAY = "replay"
    LOAN_OR_RETURN = "loan_or_return"
    PARALLEL_DISTRIBUTION = "parallel_distribution"
    MAH_TRANSACTION = "mah_transaction"
    INTERMARKET_DUPLICATE = "intermarket_duplicate"
    IDENTICAL_PACKS = "identical_packs"
    FALSIFICATION_PATTERN = "falsification_pattern"
    OUT_OF_SCOPE = "out_of_scope"
    UNKNOWN = "unknown"


class CauseClass(StrEnum):
    """What kind of cause it is, which decides who has to do something about it."""

    END_USER_TECHNICAL = "end_user_technical"
    END_USER_PROCESS = "end_user_process"
    MAH_OBP_DATA = "mah_obp_data"
    PARALLEL_DISTRIBUTION = "parallel_distribution"
    INTERMARKET = "intermarket"
    PRODUCT_DEFECT = "product_defect"
    HIGH_RISK = "high_risk"
    OUT_OF_SCOPE = "out_of_scope"
    UNKNOWN = "unknown"


class CauseSide(StrEnum):
    """On whose side a cause is."""

    END_USER = "end_user"
    MAH_OBP = "mah_obp"
    PARALLEL_DISTRIBUTOR = "parallel_distributor"
    OTHER_MARKET = "other_market"
    NOBODY = "nobody"
    """No party is known to have caused it."""


class Closing(StrEnum):
    """Whether an alert may be closed without a person, if guard rails and the operator's parameter let it."""

    NEVER = "never"
    CONFIRMED = "confirmed"
    """Only where the same location has since done the same successfully with the pack that was meant."""
    POSSIBLE = "possible"
