"""E-mail through an SMTP server.

Each step of the exchange tells how far the message came, so that a lost line is `unknown` only from the
moment on in which the server may have taken the message.
"""

from __future__ import annotations

import re
import ssl
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from smtplib import SMTP, SMTPDataError, SMTPException, SMTPResponseException
from typing import Protocol

from workflows.runtime.outbox import Delivery, Receipt


class EmailGateway(Protocol):
    """Sends e-mail. Never raises for what the other side does: that is in the receipt."""

    def send(self, message_id: str, address: str, subject: str, text: str) -> Receipt:
        """Send the text to the address."""
        ...

    def ask(self, message_id: str) -> Receipt | None:
        """Ask what became of a message; None where this gateway cannot be asked."""
        ...


class SmtpEmailGateway:
    """One SMTP server. `timeout` is in seconds, for each answer of the server."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        user: str = "",
        password: str = "",
        *,
        starttls: bool = True,
        timeout: float = 10.0,
    ) -> None:
        """Keep what is needed to connect; `sender` is the address the messages come from."""
        self._host, self._port, self._sender = host, port, sender
        self._user, self._password = user, password
        self._starttls, self._timeout = starttls, timeout

    def send(self, message_id: str, address: str, subject: str, text: str) -> Receipt:
        """Send one message."""
        try:
            message = self._message(message_id, address, subject, text)
        except ValueError:
            return Receipt(Delivery.REFUSED, trouble="the address or the subject holds a line break")
        try:
            server = self._greeted()
        except (OSError, SMTPException) as error:
            return Receipt(Delivery.FAILED, trouble=f"the mail server cannot be used ({_reason(error)})")
        with server:
            try:
                refused = _addressed(server, self._sender, address)
            except (OSError, SMTPException) as error:
                return Receipt(
                    Delivery.FAILED, trouble=f"the mail server broke off before the text ({_reason(error)})"
                )
            return refused or _handed_over(server, message)

    def ask(self, message_id: str) -> Receipt | None:
        """Return None: a mail server knows no question about a message it may have taken."""
        return None

    def _message(self, message_id: str, address: str, subject: str, text: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP_POLICY)
        domain = self._sender.rpartition("@")[2] or "localhost"
        message["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9._-]', '-', message_id)}@{domain}>"
        message["From"], message["To"], message["Subject"] = self._sender, address, subject
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, charset="utf-8", cte="base64")
        return message

    def _greeted(self) -> SMTP:
        """Connect, encrypt and sign in."""
        server = SMTP(self._host, self._port, timeout=self._timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if self._starttls:
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self._user:
                server.login(self._user, self._password)
        except (OSError, SMTPException):
            server.close()
            raise
        return server


def _addressed(server: SMTP, sender: str, address: str) -> Receipt | None:
    """Name sender and recipient; return a receipt where the server takes one of them not."""
    for code, _words in (server.mail(sender), server.rcpt(address)):
        if code >= 500:
            return Receipt(Delivery.REFUSED, trouble=f"the mail server refused the address ({code})")
        if code >= 300:
            return Receipt(Delivery.FAILED, trouble=f"the mail server asks to try later ({code})")
    return None


def _handed_over(server: SMTP, message: EmailMessage) -> Receipt:
    """Hand the text over; from here on a lost line may mean a message that was taken."""
    try:
        code, words = server.data(message.as_bytes())
    except SMTPDataError as error:
        return Receipt(Delivery.FAILED, trouble=f"the mail server did not take the text ({error.smtp_code})")
    except (OSError, SMTPException) as error:
        return Receipt(Delivery.UNKNOWN, trouble=f"the mail server gave no answer ({_reason(error)})")
    if code == 250:
        return Receipt(Delivery.SENT, words.decode("utf-8", "replace")[:120] or "250")
    outcome = Delivery.REFUSED if code >= 500 else Delivery.FAILED
    return Receipt(outcome, trouble=f"the mail server did not take the message ({code})")


def _reason(error: Exception) -> str:
    """Name an error in a few words; never the message's own content."""
    if isinstance(error, SMTPResponseException):
        return str(error.smtp_code)
    return str(getattr(error, "strerror", "") or type(error).__name__)
