"""The reporting interface of operators' tools. Names as their public code has them, spaces in field names included."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from sinetti.contracts.fields import OperationCodeText

_MOMENT = {"format": "date-time"}


class ReportRequest(Struct, frozen=True, kw_only=True):
    """A report that is wanted. `reportTypeId` and `requestedBy` are taken, too."""

    report_type_id: Annotated[
        str | None, Meta(description="Id of the report type.", examples=["ExceptionsAuditTrailReport"])
    ] = field(default=None, name="report Type Id")
    name: Annotated[
        str | None, Meta(description="Name that the report is to have.", examples=["Exceptions of yesterday"])
    ] = None
    requested_by: Annotated[
        str | None, Meta(description="Who asks, to find it again.", examples=["NMVS automation"])
    ] = field(default=None, name="requested By")
    parameters: Annotated[
        dict[str, Any] | None,
        Meta(
            description="What the report type asks for, by name.",
            examples=[
                {
                    "startDateTime": "2026-03-01T00:00:00Z",
                    "endDateTime": "2026-03-01T23:59:59Z",
                    "syntheticMonitoring": "false",
                }
            ],
        ),
    ] = None
    report_type_id_plain: Annotated[str | None, Meta(description="The same without spaces.")] = field(
        default=None, name="reportTypeId"
    )
    requested_by_plain: Annotated[str | None, Meta(description="The same without a space.")] = field(
        default=None, name="requestedBy"
    )


class ReportReceipt(Struct, rename="camel", frozen=True, kw_only=True):
    """The request was taken."""

    eta: Annotated[
        str,
        Meta(
            description="When the report will be ready (UTC), with milliseconds. Then look for it in the list.",
            extra_json_schema=_MOMENT,
        ),
    ]


class ReportReference(Struct, rename="camel", frozen=True, kw_only=True):
    """A report that can be fetched."""

    id: Annotated[str, Meta(description="Id of the report.")]
    uri: Annotated[str, Meta(description="Where it is.", extra_json_schema={"format": "uri"})]


class ReportList(Struct, rename="camel", omit_defaults=True, frozen=True, kw_only=True):
    """Reports that can be fetched, the latest first."""

    operation_code: OperationCodeText
    information: Annotated[str | None, Meta(description="What happened, in the language asked for.")] = None
    reports: Annotated[
        tuple[ReportReference, ...], Meta(description="The reports; those not ready are not there.")
    ]


class ReportParameterShape(Struct, rename="camel", frozen=True, kw_only=True):
    """Something that a request for a report says."""

    name: Annotated[str, Meta(description="Its name.")]
    type: Annotated[str, Meta(description="`moment`, `day` or `yes_no`.")]
    required: Annotated[bool, Meta(description="Whether it must be there.")]


class ReportColumnShape(Struct, rename="camel", frozen=True, kw_only=True):
    """A column of a report."""

    name: Annotated[str, Meta(description="Its name.")]
    type: Annotated[str, Meta(description="`text`, `number`, `moment`, `day` or `yes_no`.")]
    is_known: Annotated[bool, Meta(description="False where this system knows nothing of it: always empty.")]


class ReportTableShape(Struct, rename="camel", frozen=True, kw_only=True):
    """A table of a report."""

    name: Annotated[str, Meta(description="Its name.")]
    columns: Annotated[tuple[ReportColumnShape, ...], Meta(description="Its columns, in order.")]


class ReportTypeShape(Struct, rename="camel", frozen=True, kw_only=True):
    """A kind of report."""

    id: Annotated[str, Meta(description="Its id.")]
    name: Annotated[str, Meta(description="Its name.")]
    description: Annotated[str, Meta(description="What is in it.")]
    is_daily: Annotated[bool, Meta(description="Made each day by the system; it cannot be asked for.")]
    parameters: Annotated[tuple[ReportParameterShape, ...], Meta(description="What a request must say.")]
    tables: Annotated[tuple[ReportTableShape, ...], Meta(description="Its tables, in order.")]


class ReportTypes(Struct, rename="camel", frozen=True, kw_only=True):
    """All kinds of report."""

    report_types: Annotated[tuple[ReportTypeShape, ...], Meta(description="The kinds.")]
