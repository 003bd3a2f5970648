"""All pages of the portal. A new page is a folder here and a line below."""

from __future__ import annotations

from sinetti.portal.pages.alert_photos.routes import PAGE as ALERT_PHOTOS
from sinetti.portal.pages.alert_teams.routes import PAGE as ALERT_TEAMS
from sinetti.portal.pages.alert_trail.routes import PAGE as ALERT_TRAIL
from sinetti.portal.pages.alerts.routes import PAGE as ALERTS
from sinetti.portal.pages.all_equipment.routes import PAGE as ALL_EQUIPMENT
from sinetti.portal.pages.announcements.routes import PAGE as ANNOUNCEMENTS
from sinetti.portal.pages.applications.routes import PAGE as APPLICATIONS
from sinetti.portal.pages.audit.routes import PAGE as AUDIT
from sinetti.portal.pages.authority_reports.routes import PAGE as AUTHORITY_REPORTS
from sinetti.portal.pages.batch_correction.routes import PAGE as BATCH_CORRECTION
from sinetti.portal.pages.batches.routes import PAGE as BATCHES
from sinetti.portal.pages.boards.routes import PAGE as BOARDS
from sinetti.portal.pages.chain_notices.routes import PAGE as CHAIN_NOTICES
from sinetti.portal.pages.changes.routes import PAGE as CHANGES
from sinetti.portal.pages.dev_mail.routes import PAGE as DEV_MAIL
from sinetti.portal.pages.equipment.routes import PAGE as EQUIPMENT
from sinetti.portal.pages.forgotten.routes import PAGE as FORGOTTEN
from sinetti.portal.pages.handover.routes import PAGE as HANDOVER
from sinetti.portal.pages.health.routes import PAGE as HEALTH
from sinetti.portal.pages.held_batches.routes import PAGE as HELD_BATCHES
from sinetti.portal.pages.investigations.routes import PAGE as INVESTIGATIONS
from sinetti.portal.pages.invitation.routes import PAGE as INVITATION
from sinetti.portal.pages.legitimacy.routes import PAGE as LEGITIMACY
from sinetti.portal.pages.location_edit.routes import PAGE as LOCATION_EDIT
from sinetti.portal.pages.locations.routes import PAGE as LOCATIONS
from sinetti.portal.pages.locks.routes import PAGE as LOCKS
from sinetti.portal.pages.notice_choices.routes import PAGE as NOTICE_CHOICES
from sinetti.portal.pages.organisations.routes import PAGE as ORGANISATIONS
from sinetti.portal.pages.own_email.routes import PAGE as OWN_EMAIL
from sinetti.portal.pages.pack_trail.routes import PAGE as PACK_TRAIL
from sinetti.portal.pages.product_alerts.routes import PAGE as PRODUCT_ALERTS
from sinetti.portal.pages.profile.routes import PAGE as PROFILE
from sinetti.portal.pages.sales_holds.routes import PAGE as SALES_HOLDS
from sinetti.portal.pages.second_factor.routes import PAGE as SECOND_FACTOR
from sinetti.portal.pages.set_aside.routes import PAGE as SET_ASIDE
from sinetti.portal.pages.sign_in.routes import PAGE as SIGN_IN
from sinetti.portal.pages.start.routes import PAGE as START
from sinetti.portal.pages.trail_requests.routes import PAGE as TRAIL_REQUESTS
from sinetti.portal.pages.users.routes import PAGE as USERS
from sinetti.portal.pages.webhooks.routes import PAGE as WEBHOOKS
from sinetti.portal.routing import Page

PAGES: tuple[Page, ...] = (
    ALERTS,
    ALERT_PHOTOS,
    ALERT_TEAMS,
    ALERT_TRAIL,
    ALL_EQUIPMENT,
    ANNOUNCEMENTS,
    APPLICATIONS,
    AUDIT,
    AUTHORITY_REPORTS,
    BATCHES,
    BATCH_CORRECTION,
    BOARDS,
    CHAIN_NOTICES,
    CHANGES,
    DEV_MAIL,
    EQUIPMENT,
    FORGOTTEN,
    HANDOVER,
    HEALTH,
    HELD_BATCHES,
    INVESTIGATIONS,
    INVITATION,
    LEGITIMACY,
    LOCATION_EDIT,
    LOCATIONS,
    LOCKS,
    NOTICE_CHOICES,
    ORGANISATIONS,
    OWN_EMAIL,
    PACK_TRAIL,
    PRODUCT_ALERTS,
    PROFILE,
    SALES_HOLDS,
    SECOND_FACTOR,
    SET_ASIDE,
    SIGN_IN,
    START,
    TRAIL_REQUESTS,
    USERS,
    WEBHOOKS,
)
