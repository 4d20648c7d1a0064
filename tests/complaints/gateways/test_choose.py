"""The settings choose; without any, nothing leaves the house."""

from __future__ import annotations

from dataclasses import replace

from complaints.foundation.database import Database
from complaints.gateways.choose import choose
from complaints.gateways.email import SmtpEmailGateway
from complaints.gateways.embedded import EmbeddedEmailGateway, EmbeddedSmsGateway
from complaints.gateways.sms import HttpSmsGateway
from config import MailSettings, Settings, SmsSettings
from tests.bureau import SetClock


def test_the_embedded_ones_are_the_default(settings: Settings, database: Database, clock: SetClock) -> None:
    chosen = choose(settings, database, clock)
    assert isinstance(chosen.sms, EmbeddedSmsGateway)
    assert isinstance(chosen.email, EmbeddedEmailGateway)


def test_an_address_chooses_the_real_one(settings: Settings, database: Database, clock: SetClock) -> None:
    named = replace(
        settings,
        sms=SmsSettings(url="https://sms.example/send", key="k"),
        mail=MailSettings(host="mail.example"),
    )
    chosen = choose(named, database, clock)
    assert isinstance(chosen.sms, HttpSmsGateway)
    assert isinstance(chosen.email, SmtpEmailGateway)
