"""create_app: everything is put together here and nowhere else."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from flask_babel import Babel
from flask_wtf.csrf import CSRFProtect

from complaints.administration import anchor_views
from complaints.administration import views as administration_views
from complaints.cases import guards as cases_guards
from complaints.cases import invariants as cases_invariants
from complaints.cases import views as cases_views
from complaints.dossier import relation_guards
from complaints.dossier.engine import build_engine
from complaints.dossier.receiving import Receiving
from complaints.dossier_page import file_views
from complaints.dossier_page import views as dossier_page_views
from complaints.foundation import encryption
from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.gateways.choose import file_store, scanner
from complaints.hotline import views as hotline_views
from complaints.intake import guards as intake_guards
from complaints.intake import invariants as intake_invariants
from complaints.intake import views as intake_views
from complaints.ledgers import record_views
from complaints.ledgers import views as ledgers_views
from complaints.mediation import guards as mediation_guards
from complaints.mediation import invariants as mediation_invariants
from complaints.mediation import station_views
from complaints.mediation import views as mediation_views
from complaints.organisation.passwords import Passwords, Rules
from complaints.organisation.roles import ROLES
from complaints.organisation.sign_ins import Door, Lifetime
from complaints.payouts import guards as payouts_guards
from complaints.payouts import invariants as payouts_invariants
from complaints.payouts import views as payouts_views
from complaints.procedures import views as procedures_views
from complaints.revisits import guards as revisits_guards
from complaints.revisits import views as revisits_views
from complaints.search import views as search_views
from complaints.sign_in import views as sign_in_views
from complaints.sign_in import visitors
from complaints.supervision import views as supervision_views
from complaints.web import (
    access,
    drafts,
    errors,
    headers,
    health,
    languages,
    limits,
    lost_sight,
    pages,
    proxies,
    refusals,
    registration_parts,
    transaction,
)
from complaints.web.rooms import Room
from complaints.web.services import Services
from complaints.web.services import install as install_services
from complaints.web.session_cookies import SessionCookies
from config import ROOT, Settings
from workflows import generic_guards

ROOMS: tuple[Room, ...] = (
    sign_in_views.ROOM,
    hotline_views.ROOM,
    intake_views.ROOM,
    mediation_views.ROOM,
    station_views.ROOM,
    cases_views.ROOM,
    payouts_views.ROOM,
    revisits_views.ROOM,
    ledgers_views.ROOM,
    supervision_views.ROOM,
    procedures_views.ROOM,
    anchor_views.ROOM,
    administration_views.ROOM,
    search_views.ROOM,
    dossier_page_views.ROOM,
    record_views.ROOM,
    file_views.ROOM,
)
"""Every room, in the order of the rail. A new room adds its line here."""

GUARDS = (
    *generic_guards.GUARDS,
    *intake_guards.GUARDS,
    *mediation_guards.GUARDS,
    *cases_guards.GUARDS,
    *payouts_guards.GUARDS,
    *revisits_guards.GUARDS,
    *relation_guards.GUARDS,
)
"""Every guard that the procedures may name; a name that is missing refuses to boot."""

INVARIANTS = (
    *intake_invariants.INVARIANTS,
    *mediation_invariants.INVARIANTS,
    *cases_invariants.INVARIANTS,
    *payouts_invariants.INVARIANTS,
)
"""Every invariant that the procedures may name; a name that is missing, or named by none, refuses to boot."""


def create_app(settings: Settings, clock: Clock | None = None, database: Database | None = None) -> Flask:
    """Build the application.

    The database must exist and be migrated before the first request (`cli init`).
    """
    app = Flask(
        "complaints",
        root_path=str(ROOT / "complaints"),
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    _configure(app, settings)
    encryption.configure(encryption.FieldCipher(settings.field_key))
    install_services(
        app, build_services(settings, clock or Clock(), database or Database(settings.database_url))
    )
    Babel(app, locale_selector=languages.choose_locale, default_timezone="Asia/Shanghai")
    limits.install(app, settings.max_upload_bytes)
    CSRFProtect(app)
    visitors.install(app)
    for part in (transaction, headers, errors, refusals, lost_sight, languages, pages):
        part.install(app)
    shared = (health.blueprint, drafts.blueprint, registration_parts.blueprint)
    for blueprint in (*shared, *(room.blueprint for room in ROOMS)):
        app.register_blueprint(blueprint)
    proxies.install(app, settings.trusted_proxies)
    access.check_every_route(app)
    return app


def build_services(settings: Settings, clock: Clock, database: Database) -> Services:
    """Build the parts that every request uses."""
    chosen = settings.passwords
    rules = Rules(chosen.min_length, chosen.classes, chosen.max_age_days)
    door = Door(
        database=database,
        clock=clock,
        passwords=Passwords(rules, chosen.hash_time, chosen.hash_memory_kib),
        lifetime=Lifetime(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.absolute_hours)),
    )
    engine = build_engine(GUARDS, INVARIANTS, ROLES, clock, hash_alg=settings.log.algorithm)
    receiving = Receiving(file_store(settings), scanner(settings))
    return Services(settings, database, clock, door, engine, ROOMS, receiving, refusals.recorders(engine))


def _configure(app: Flask, settings: Settings) -> None:
    """Set what Flask and its extensions read. Their own defaults leave cookies and uploads open."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-fangxin" if settings.cookie_secure else "fangxin",
        SESSION_COOKIE_SECURE=settings.cookie_secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if settings.cookie_secure else "http",
        TRUSTED_HOSTS=list(settings.trusted_hosts) or None,
        # a form that stood open over night is still this browser's own; the sign-in itself has its own limits
        WTF_CSRF_TIME_LIMIT=None,
        BABEL_DEFAULT_LOCALE=settings.locale,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "complaints" / "translations"),
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.session_interface = SessionCookies()
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it
