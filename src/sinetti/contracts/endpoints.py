"""Every route of the national system as a table: what it takes and all that it may answer.

Codes are not in here: `openapi` takes them from the rules. What routes are for is told in `texts/`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from sinetti.contracts.alerts import AlertsPage, AlertsReceipt, AlertsRequest
from sinetti.contracts.bulk import (
    BulkReceipt,
    BulkRequest,
    BulkResult,
    CodeAnswer,
    RecoveryRequest,
    RecoveryResult,
)
from sinetti.contracts.case_work import (
    AssigneesSeen,
    AssignmentOrder,
    ChainNoticeOrder,
    ChainNoticesSeen,
    ChainNoticeText,
    HeldBatchesSeen,
    HeldBatchOrder,
    HeldBatchSeen,
    NearMissesSeen,
    PacksKept,
    SalesHoldLiftOrder,
    SalesHoldOrder,
    SalesHoldSeen,
    SalesHoldsSeen,
    SentSerialsSeen,
    TeamOrder,
    TeamSeen,
    TeamsSeen,
    UploadGapsSeen,
)
from sinetti.contracts.cases import (
    AlertsChanged,
    AlertSeen,
    AlertsSeen,
    ClassificationOrder,
    HandOverOrder,
    InvestigationOrder,
    ManyAlertsOrder,
    MessageOrder,
    MessagesSeen,
    RefusalsSeen,
    RequestForInvestigation,
    SetAsideEndOrder,
    SetAsideOrder,
    StatusOrder,
    StepOrder,
    TrailOrder,
    TrailRequestOrder,
    TrailRequestStepOrder,
)
from sinetti.contracts.packs import PackAnswer, StateChange
from sinetti.contracts.problems import ProblemDetails
from sinetti.contracts.reports import ReportList, ReportReceipt, ReportRequest, ReportTypes, ReportTypeShape
from sinetti.contracts.status import Health
from sinetti.contracts.tokens import OAuthError, TokenAnswer, TokenRequest
from sinetti.contracts.uploads import (
    BatchCorrection,
    BatchRecall,
    BatchUpload,
    PackStateUpload,
    ProductUpload,
    ProductWithdrawal,
    StoredBatches,
    UploadReceipt,
)
from sinetti.rules.vocabulary import Operation, ServiceAnswer

JSON = "application/json"
PROBLEM = "application/problem+json"
FORM = "application/x-www-form-urlencoded"
LINES = "application/x-ndjson"
HTML = "text/html"
JPEG = "image/jpeg"
PICTURES = (JPEG, "image/png", "image/webp")
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

PREFIX = "/verification"
PACK = "/product/{scheme}/{productCode}/pack/{serialNumber}"


class Answer(Struct, frozen=True, kw_only=True):
    """One status that a route may answer with, and the shapes of its body."""

    status: int
    shapes: tuple[type, ...] = ()
    media: tuple[str, ...] = (JSON,)
    """Media types of all shapes but problem details, which have their own."""
    headers: tuple[str, ...] = ()


class Endpoint(Struct, frozen=True, kw_only=True):
    """One route with one method."""

    name: str
    """Its `operationId`, and the key of its texts."""
    tag: str
    method: str
    path: str
    aliases: tuple[str, ...] = ()
    """Further paths of the same route."""
    secured: bool = True
    parameters: tuple[str, ...] = ()
    body: type | None = None
    body_media: tuple[str, ...] = (JSON,)
    body_may_be_list: bool = False
    file_media: tuple[str, ...] = ()
    """Media types of a file that is the body."""
    operations: tuple[Operation, ...] = ()
    """Operations on packs whose codes may be answered."""
    checks: tuple[str, ...] = ()
    """Conditions of `request_checks.csv` that are judged for the request as a whole."""
    services: tuple[ServiceAnswer, ...] = ()
    """Answers of `service_answers.csv` that may be given."""
    answers: tuple[Answer, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """All paths, the foremost first."""
        return (self.path, *self.aliases)


def _problem(status: int, *headers: str) -> Answer:
    return Answer(status=status, shapes=(ProblemDetails,), headers=headers)


_FAULTS = (_problem(500), _problem(503, "Retry-After"))
_BODY_FAULTS = (_problem(400), _problem(408), _problem(413))
_UNAUTHORISED = _problem(401, "WWW-Authenticate")
_BUSY = Answer(status=429, shapes=(CodeAnswer,), headers=("Retry-After",))
_GUARD = (_UNAUTHORISED, _BUSY)
_REFUSED_ROLE = Answer(status=403, shapes=(CodeAnswer,))

_PACK_PARAMETERS = (
    "scheme",
    "productCode",
    "serialNumber",
    "batch",
    "expiry",
    "emvs-data-entry-mode",
    "Accept-Language",
    "emvs-api-version",
)
_EVERYWHERE = (ServiceAnswer.NOT_ALLOWED, ServiceAnswer.TOO_MANY_REQUESTS)
_MANY_PARAMETERS = ("emvs-data-entry-mode", "Accept-Language", "emvs-api-version")


def _answers(*groups: Answer | Iterable[Answer]) -> tuple[Answer, ...]:
    flat = [one for group in groups for one in ((group,) if isinstance(group, Answer) else group)]
    return tuple(sorted(flat, key=lambda answer: answer.status))


def _prefixed(path: str) -> tuple[str, tuple[str, ...]]:
    return PREFIX + path, (path,)


def _pack_endpoints() -> Iterable[Endpoint]:
    path, aliases = _prefixed(PACK)
    yield Endpoint(
        name="verifyPack",
        tag="packs",
        method="get",
        path=path,
        aliases=aliases,
        parameters=_PACK_PARAMETERS,
        operations=(Operation.VERIFY,),
        services=_EVERYWHERE,
        answers=_answers(
            Answer(status=200, shapes=(PackAnswer,)),
            Answer(status=403, shapes=(PackAnswer,)),
            Answer(status=404, shapes=(PackAnswer,)),
            Answer(status=422, shapes=(PackAnswer,)),
            _GUARD,
            _FAULTS,
        ),
    )
    yield Endpoint(
        name="changePack",
        tag="packs",
        method="patch",
        path=path,
        aliases=aliases,
        parameters=(*_PACK_PARAMETERS, "Idempotency-Key"),
        body=StateChange,
        operations=(Operation.SUPPLY, Operation.DECOMMISSION, Operation.REACTIVATE),
        services=_EVERYWHERE,
        answers=_answers(
            Answer(status=200, shapes=(PackAnswer,)),
            Answer(status=403, shapes=(PackAnswer,)),
            Answer(status=404, shapes=(PackAnswer,)),
            Answer(status=409, shapes=(PackAnswer,)),
            Answer(status=422, shapes=(PackAnswer, ProblemDetails)),
            _GUARD,
            _BODY_FAULTS,
            _FAULTS,
        ),
    )


def _many_endpoints() -> Iterable[Endpoint]:
    refusals = ("count_differs", "body_invalid", "too_many_packs")
    entry_mode = ("entry_mode_missing", "entry_mode_unknown")
    for kind, base, request, result, refused_for, checks in (
        (
            "Bulk",
            "/product/packs",
            BulkRequest,
            BulkResult,
            (*refusals, "duplicate_packs"),
            (*entry_mode, "requested_state_unknown"),
        ),
        ("Recovery", "/recovery/packs", RecoveryRequest, RecoveryResult, refusals, entry_mode),
    ):
        word = kind.lower()
        path, aliases = _prefixed(base)
        yield Endpoint(
            name=f"submit{kind}",
            tag="many",
            method="post",
            path=path,
            aliases=aliases,
            parameters=(*_MANY_PARAMETERS, "Idempotency-Key"),
            body=request,
            checks=checks,
            services=(
                *_EVERYWHERE,
                ServiceAnswer(f"{word}_accepted"),
                *(ServiceAnswer(f"{word}_{reason}") for reason in refused_for),
            ),
            answers=_answers(
                Answer(status=202, shapes=(BulkReceipt,), headers=("Location",)),
                _REFUSED_ROLE,
                Answer(status=422, shapes=(CodeAnswer, ProblemDetails)),
                _GUARD,
                _BODY_FAULTS,
                _FAULTS,
            ),
        )
        path, aliases = _prefixed(f"{base}/{{requestId}}")
        yield Endpoint(
            name=f"get{kind}Result",
            tag="many",
            method="get",
            path=path,
            aliases=aliases,
            parameters=("requestId", "Accept-Language"),
            services=(
                *(ServiceAnswer(f"{word}_result_{outcome}") for outcome in ("ready", "not_ready", "unknown")),
            ),
            answers=_answers(
                Answer(status=200, shapes=(result,)),
                Answer(status=404, shapes=(CodeAnswer,)),
                Answer(status=409, shapes=(CodeAnswer,), headers=("Retry-After",)),
                _UNAUTHORISED,
                _FAULTS,
            ),
        )


def _upload_endpoints() -> Iterable[Endpoint]:
    stored = _receipts(200, 201)
    changed = _receipts(200)
    for name, path, body, body_media, answers in (
        ("uploadProduct", "/upload/products", ProductUpload, (JSON, LINES), stored),
        (
            "withdrawProduct",
            "/upload/products/withdraw",
            ProductWithdrawal,
            (JSON,),
            (*changed, _problem(404)),
        ),
        (
            "uploadBatch",
            "/upload/batches",
            BatchUpload,
            (JSON, LINES),
            (*stored, _problem(404), _problem(409), _BUSY),
        ),
        (
            "correctBatch",
            "/upload/batches/correct",
            BatchCorrection,
            (JSON,),
            (*changed, _problem(404), _problem(409)),
        ),
        ("recallBatch", "/upload/batches/recall", BatchRecall, (JSON,), (*changed, _problem(404))),
        (
            "uploadPackStates",
            "/upload/packs/state",
            PackStateUpload,
            (JSON,),
            (*changed, _problem(404), _problem(409)),
        ),
    ):
        yield Endpoint(
            name=name,
            tag="uploads",
            method="post",
            path=path,
            parameters=("Accept-Language",),
            body=body,
            body_media=body_media,
            body_may_be_list=body is ProductUpload,
            services=(ServiceAnswer.TOO_MANY_REQUESTS,) if _BUSY in answers else (),
            answers=_answers(
                answers, _problem(403), _problem(415), _problem(422), _UNAUTHORISED, _BODY_FAULTS, _FAULTS
            ),
        )
    yield Endpoint(
        name="getStoredBatches",
        tag="uploads",
        method="get",
        path="/upload/batches/{scheme}/{productCode}",
        parameters=("scheme", "productCode", "batch", "Accept-Language"),
        answers=_answers(
            Answer(status=200, shapes=(StoredBatches,)),
            _problem(403),
            _problem(404),
            _problem(422),
            _UNAUTHORISED,
            _FAULTS,
        ),
    )


def _receipts(*statuses: int) -> tuple[Answer, ...]:
    return tuple(Answer(status=status, shapes=(UploadReceipt,)) for status in statuses)


def _operator_endpoints() -> Iterable[Endpoint]:
    """The alerts interface and the reporting interface, for tools of the operator and the authority."""
    guard = (_UNAUTHORISED, _problem(403), *_FAULTS)
    asking = (_problem(415), _problem(422), _problem(429, "Retry-After"), *_BODY_FAULTS, *guard)
    gone = (_problem(404), _problem(410))
    taken = Answer(status=202, shapes=(AlertsReceipt,), headers=("Location",))
    yield Endpoint(
        name="requestAlerts",
        tag="alerts",
        method="post",
        path="/alerts",
        parameters=("Accept-Language", "emvs-api-version"),
        body=AlertsRequest,
        answers=_answers(taken, asking),
    )
    yield Endpoint(
        name="getAlerts",
        tag="alerts",
        method="get",
        path="/alerts/data/{requestID}",
        parameters=("requestID", "page", "pageSize", "Accept-Language"),
        answers=_answers(
            Answer(status=200, shapes=(AlertsPage,)), _problem(409, "Retry-After"), gone, _problem(422), guard
        ),
    )
    yield Endpoint(
        name="requestFullDataSet",
        tag="alerts",
        method="post",
        path="/alerts/fulldataset/{requestID}",
        parameters=("requestID", "Accept-Language"),
        answers=_answers(taken, _problem(409, "Retry-After"), _problem(429, "Retry-After"), gone, guard),
    )
    yield Endpoint(
        name="getReportTypes",
        tag="reports",
        method="get",
        path="/report/report-types",
        parameters=("Accept-Language",),
        answers=_answers(Answer(status=200, shapes=(ReportTypes,)), guard),
    )
    yield Endpoint(
        name="getReportType",
        tag="reports",
        method="get",
        path="/report/report-types/{reportTypeId}",
        parameters=("reportTypeId", "Accept-Language"),
        answers=_answers(Answer(status=200, shapes=(ReportTypeShape,)), _problem(404), guard),
    )
    yield Endpoint(
        name="requestReport",
        tag="reports",
        method="post",
        path="/report/report-request",
        parameters=("Accept-Language", "emvs-api-version"),
        body=ReportRequest,
        answers=_answers(Answer(status=202, shapes=(ReportReceipt,), headers=("Location",)), asking),
    )
    yield Endpoint(
        name="getReportRequests",
        tag="reports",
        method="get",
        path="/report/report-requests",
        parameters=("fromDate", "toDate", "reportType", "requestedBy", "title", "Accept-Language"),
        services=(ServiceAnswer.REPORT_LIST,),
        answers=_answers(Answer(status=200, shapes=(ReportList,)), _problem(422), guard),
    )
    yield Endpoint(
        name="getReport",
        tag="reports",
        method="get",
        path="/report/reports/{reportId}",
        parameters=("reportId", "Accept-Language"),
        answers=_answers(
            Answer(status=200, media=(CSV, XLSX), headers=("Content-Disposition",)),
            _problem(409, "Retry-After"),
            gone,
            guard,
        ),
    )


_SEARCH = (
    *(
        "status",
        "kind",
        "classification",
        "cause",
        "overdue",
        "assigned",
        "search",
        "code",
        "product",
        "sentBatch",
    ),
    *(
        "location",
        "organisation",
        "equipment",
        "software",
        "company",
        "recordedFrom",
        "recordedBefore",
        "sort",
    ),
)


_GUARD_OF_CASES = (_UNAUTHORISED, _problem(403), *_FAULTS)
_CHANGING = (
    _problem(404),
    _problem(409),
    _problem(415),
    _problem(422),
    *_BODY_FAULTS,
    *_GUARD_OF_CASES,
)


def _reading(name: str, path: str, shape: type, *parameters: str, missing: bool = False) -> Endpoint:
    return Endpoint(
        name=name,
        tag="casework",
        method="get",
        path=path,
        parameters=(*parameters, "Accept-Language"),
        answers=_answers(
            Answer(status=200, shapes=(shape,)),
            (_problem(404),) if missing else (),
            _problem(422),
            _GUARD_OF_CASES,
        ),
    )


def _ordering(name: str, path: str, body: type | None, shape: type, *parameters: str) -> Endpoint:
    return Endpoint(
        name=name,
        tag="casework",
        method="post",
        path=path,
        parameters=(*parameters, "Accept-Language", "Idempotency-Key"),
        body=body,
        answers=_answers(Answer(status=200, shapes=(shape,)), _CHANGING),
    )


def _case_work_endpoints() -> Iterable[Endpoint]:
    """What parties do beside single alerts."""
    paging = ("after", "limit")
    yield _reading("listAssignees", "/ams/assignees", AssigneesSeen)
    yield _reading("listTeams", "/ams/teams", TeamsSeen)
    yield _ordering("addTeam", "/ams/teams", TeamOrder, TeamSeen)
    yield _ordering("changeTeam", "/ams/teams/{teamId}", TeamOrder, TeamSeen, "teamId")
    yield _ordering("removeTeam", "/ams/teams/{teamId}/removal", None, TeamsSeen, "teamId")
    yield _reading("listPacksSetAside", "/ams/set-aside", PacksKept, "registerState", *paging)
    yield _reading("listSalesHolds", "/ams/sales-holds", SalesHoldsSeen, "holdState", *paging)
    yield _ordering("askSalesHold", "/ams/sales-holds", SalesHoldOrder, SalesHoldSeen)
    yield _reading("readSalesHold", "/ams/sales-holds/{holdId}", SalesHoldSeen, "holdId", missing=True)
    yield _ordering(
        "liftSalesHold", "/ams/sales-holds/{holdId}/lift", SalesHoldLiftOrder, SalesHoldSeen, "holdId"
    )
    yield _reading("listHeldBatches", "/ams/held-batches", HeldBatchesSeen, "heldState", *paging)
    yield _reading("readHeldBatch", "/ams/held-batches/{holdId}", HeldBatchSeen, "holdId", missing=True)
    yield _ordering(
        "answerSalesHold", "/ams/held-batches/{holdId}/answer", HeldBatchOrder, HeldBatchSeen, "holdId"
    )
    yield _reading("listChainNotices", "/ams/chain-notices", ChainNoticesSeen, *paging)
    yield _ordering(
        "sendChainNotice",
        "/ams/alerts/{alertId}/chain-notices",
        ChainNoticeOrder,
        ChainNoticeText,
        "alertId",
    )
    pages = ("alertState", "page", "limit")
    yield _reading("listUploadGaps", "/ams/upload-gaps", UploadGapsSeen, *pages)
    yield _reading(
        "listMissingSerialNumbers",
        "/ams/upload-gaps/serial-numbers",
        SentSerialsSeen,
        "product",
        "sentBatch",
    )
    yield _reading("listNearMisses", "/ams/near-misses", NearMissesSeen, *pages)
    yield _reading(
        "listUploadedBatches",
        "/ams/uploaded-batches",
        StoredBatches,
        "product",
        "sentBatch",
        missing=True,
    )


def _case_endpoints() -> Iterable[Endpoint]:
    """Alerts as their parties work on them."""
    guard = _GUARD_OF_CASES
    seen = Answer(status=200, shapes=(AlertSeen,))
    yield Endpoint(
        name="listAlerts",
        tag="cases",
        method="get",
        path="/ams/alerts",
        parameters=(*_SEARCH, "after", "limit", "Accept-Language"),
        answers=_answers(Answer(status=200, shapes=(AlertsSeen,)), _problem(422), guard),
    )
    yield Endpoint(
        name="exportAlerts",
        tag="cases",
        method="get",
        path="/ams/alerts/export",
        parameters=(*_SEARCH, "Accept-Language"),
        answers=_answers(
            Answer(status=200, media=(CSV, XLSX), headers=("Content-Disposition",)), _problem(422), guard
        ),
    )
    yield Endpoint(
        name="readAlert",
        tag="cases",
        method="get",
        path="/ams/alerts/{alertId}",
        parameters=("alertId", "countPacks", "Accept-Language"),
        answers=_answers(seen, _problem(404), _problem(422), guard),
    )
    for name, below, body in (
        ("changeAlertStatus", "status", StatusOrder),
        ("answerInvestigation", "investigation", InvestigationOrder),
        ("handOverAlert", "hand-over", HandOverOrder),
        ("classifyAlert", "classification", ClassificationOrder),
        ("assignAlert", "assignment", AssignmentOrder),
        ("sendAlertMessage", "messages", MessageOrder),
        ("tickAlertStep", "steps", StepOrder),
        ("setPackAside", "set-aside", SetAsideOrder),
        ("endSetAside", "set-aside/end", SetAsideEndOrder),
        ("requestInvestigation", "request-for-investigation", RequestForInvestigation),
        ("readAlertTrail", "trail", TrailOrder),
        ("askOtherOperator", "trail-requests", TrailRequestOrder),
        ("noteTrailRequest", "trail-requests/steps", TrailRequestStepOrder),
    ):
        yield Endpoint(
            name=name,
            tag="cases",
            method="post",
            path=f"/ams/alerts/{{alertId}}/{below}",
            parameters=("alertId", "Accept-Language", "Idempotency-Key"),
            body=body,
            answers=_answers(seen, _CHANGING),
        )
    yield Endpoint(
        name="addAlertPhoto",
        tag="cases",
        method="post",
        path="/ams/alerts/{alertId}/photos",
        parameters=("alertId", "Accept-Language", "Idempotency-Key"),
        file_media=PICTURES,
        answers=_answers(seen, _CHANGING),
    )
    yield Endpoint(
        name="getAlertPhoto",
        tag="cases",
        method="get",
        path="/ams/alerts/{alertId}/photos/{photoId}",
        parameters=("alertId", "photoId", "Accept-Language"),
        answers=_answers(
            Answer(status=200, media=(JPEG,), headers=("Content-Disposition",)), _problem(404), guard
        ),
    )
    yield Endpoint(
        name="changeManyAlerts",
        tag="cases",
        method="post",
        path="/ams/alerts/changes",
        parameters=("Accept-Language", "Idempotency-Key"),
        body=ManyAlertsOrder,
        answers=_answers(
            Answer(status=200, shapes=(AlertsChanged,)), _problem(415), _problem(422), *_BODY_FAULTS, *guard
        ),
    )
    yield Endpoint(
        name="listRefusals",
        tag="cases",
        method="get",
        path="/ams/refusals",
        parameters=("Accept-Language",),
        answers=_answers(Answer(status=200, shapes=(RefusalsSeen,)), guard),
    )
    yield Endpoint(
        name="listMessages",
        tag="cases",
        method="get",
        path="/ams/messages",
        parameters=("after", "limit", "Accept-Language"),
        answers=_answers(Answer(status=200, shapes=(MessagesSeen,)), _problem(422), guard),
    )


TOKEN = Endpoint(
    name="getToken",
    tag="tokens",
    method="post",
    path="/identity/connect/token",
    secured=False,
    body=TokenRequest,
    body_media=(FORM,),
    answers=_answers(
        Answer(status=200, shapes=(TokenAnswer,)),
        Answer(status=400, shapes=(OAuthError,)),
        Answer(status=401, shapes=(OAuthError,), headers=("WWW-Authenticate",)),
        _problem(408),
        _problem(413),
        _FAULTS,
    ),
)


def _page(
    name: str, path: str, *parameters: str, media: tuple[str, ...] = (HTML,), missing: bool = False
) -> Endpoint:
    return Endpoint(
        name=name,
        tag="pages",
        method="get",
        path=path,
        secured=False,
        parameters=parameters,
        answers=_answers(
            Answer(status=200, media=media),
            # Who asks with a browser gets a page here too.
            (Answer(status=404, shapes=(ProblemDetails,), media=media),) if missing else (),
            _problem(500),
        ),
    )


def _status(name: str, path: str, *parameters: str) -> Endpoint:
    return Endpoint(
        name=name,
        tag="pages",
        method="get",
        path=path,
        secured=False,
        parameters=parameters,
        answers=_answers(Answer(status=200, shapes=(Health,)), _FAULTS),
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    TOKEN,
    *_pack_endpoints(),
    *_many_endpoints(),
    *_upload_endpoints(),
    *_case_endpoints(),
    *_case_work_endpoints(),
    *_operator_endpoints(),
    _status("isAlive", "/health/live"),
    _status("isReady", "/health/ready", "Accept-Language"),
    _page("getMetrics", "/metrics", media=("text/plain",)),
    _page("getOpenApi", "/openapi.json", "lang", media=(JSON,)),
    _page("readStart", "/", "Accept-Language", "lang"),
    _page("readDocs", "/docs", "Accept-Language", "lang"),
    _page("readCodes", "/codes", "Accept-Language", "lang"),
    _page("readCode", "/codes/{operationCode}", "operationCode", "Accept-Language", "lang", missing=True),
    _page("readProblem", "/problems/{problem}", "problem", "Accept-Language", "lang", missing=True),
    _page(
        "getAsset",
        "/assets/{file}",
        "file",
        media=("text/css", "text/javascript", "image/svg+xml"),
        missing=True,
    ),
)
"""All routes, in the order of the documentation."""
