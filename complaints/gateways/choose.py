"""Which gateways, store and scanner this installation uses: those configured, else the embedded ones."""

from __future__ import annotations

from dataclasses import dataclass

from complaints.foundation.clock import Clock
from complaints.foundation.database import Database
from complaints.gateways.email import EmailGateway, SmtpEmailGateway
from complaints.gateways.embedded import EmbeddedEmailGateway, EmbeddedSmsGateway, KeptMessages
from complaints.gateways.file_store import FOLDER, FileStore, FolderStore
from complaints.gateways.scanning import ClamdScanner, NoScanner, Scanner
from complaints.gateways.sms import HttpSmsGateway, SmsGateway
from config import Settings


@dataclass(frozen=True, slots=True)
class Gateways:
    """The doors in use. `kept` also takes what is printed in the house."""

    sms: SmsGateway
    email: EmailGateway
    kept: KeptMessages


def choose(settings: Settings, database: Database, clock: Clock) -> Gateways:
    """Return the gateways that the settings name; without a name, the embedded ones."""
    kept = KeptMessages(database, clock)
    sms: SmsGateway = EmbeddedSmsGateway(kept)
    if settings.sms.url:
        chosen = settings.sms
        sms = HttpSmsGateway(chosen.url, chosen.key, chosen.sign, chosen.timeout_seconds, chosen.ask_url)
    email: EmailGateway = EmbeddedEmailGateway(kept)
    if settings.mail.host:
        mail = settings.mail
        email = SmtpEmailGateway(
            mail.host,
            mail.port,
            mail.sender or f"fangxin@{mail.host}",
            mail.user,
            mail.password,
            starttls=mail.starttls,
        )
    return Gateways(sms, email, kept)


def file_store(settings: Settings) -> FileStore:
    """Return where files are kept: a folder of the instance folder."""
    return FolderStore(settings.instance_dir / FOLDER)


def scanner(settings: Settings) -> Scanner:
    """Return the virus scanner that the settings name; without a name, none."""
    chosen = settings.scanner
    return ClamdScanner(chosen.url, chosen.timeout_seconds) if chosen.url else NoScanner()
