"""Private texts of an ended matter are erased for a reason the law names; the log keeps that it was done.

When texts are due to be erased is not decided here: somebody asks, matter by matter.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from flask_babel import gettext as _
from sqlalchemy import or_, select, update

from complaints.dossier.models import Matter
from complaints.dossier.work import Work
from complaints.foundation.errors import Conflict, Invalid, NotFound
from complaints.gateways.models import DeliveredMessage
from complaints.organisation.roles import Role
from complaints.organisation.security_log import record
from workflows.definition import Label
from workflows.runtime import erasing, outbox
from workflows.runtime.erasing import StillOpen
from workflows.runtime.tables import instance

REASONS: Mapping[str, Label] = MappingProxyType(
    {
        "purpose_ended": Label(
            "处理目的已实现、无法实现或者不再必要（个人信息保护法第四十七条第一款第一项）",
            "the purpose is reached, cannot be reached or needs it no more (PIPL art. 47 (1))",
        ),
        "period_over": Label(
            "保存期限已届满（个人信息保护法第四十七条第一款第二项）",
            "the period of keeping is over (PIPL art. 47 (2))",
        ),
        "consent_withdrawn": Label(
            "个人撤回同意（个人信息保护法第四十七条第一款第三项）",
            "the person has withdrawn the consent (PIPL art. 47 (3))",
        ),
        "unlawful": Label(
            "违反法律、行政法规或者约定处理（个人信息保护法第四十七条第一款第四项）",
            "it was handled against the law or an agreement (PIPL art. 47 (4))",
        ),
        "other_law": Label(
            "法律、行政法规规定的其他情形（个人信息保护法第四十七条第一款第五项）",
            "another case that a law names (PIPL art. 47 (5))",
        ),
    }
)
"""Why texts may be erased: the items of the Personal Information Protection Law, article 47, paragraph 1."""


def erase_texts(work: Work, number: str, fields: Collection[str], reason: str) -> list[tuple[int, str]]:
    """Erase these fields of a matter and return event and field of each text that went.

    What a correction has kept of a field, as it stood before, goes along with it. The event and a line of the
    security log tell who did it and why. Raises NotFound, Conflict while the matter has not ended, and
    Invalid for another person than a security administrator, a reason that is none, and a field that keeps no
    private text.
    """
    if not any(grant.role is Role.SECURITY_ADMIN for grant in work.actor.grants):
        raise Invalid(_("Only a security administrator may have texts erased."))
    if reason not in REASONS:
        raise Invalid(_("There is no reason %(reason)s for erasing.", reason=reason))
    row = work.connection.execute(
        select(instance.c.id, instance.c.procedure, instance.c.version)
        .join(Matter, Matter.id == instance.c.subject_id)
        .where(Matter.number == number)
    ).first()
    if row is None:
        raise NotFound(_("There is no matter %(number)s.", number=number))
    procedure = work.engine.library.get(row.procedure, row.version).procedure
    known = sorted(
        {one.name for action in procedure.actions.values() for one in action.fields if one.private}
    )
    strange = sorted(set(fields) - set(known))
    # what stood before a correction is an earlier value of the same
    fields = {*fields, *(name for name in known if name.removesuffix("_before") in fields)}
    if strange:
        raise Invalid(
            _(
                "%(field)s is no private text of this matter; those are %(known)s.",
                field=", ".join(strange),
                known=", ".join(known),
            )
        )
    try:
        erased = erasing.erase(
            work.engine, work.connection, row.id, fields, actor_id=work.actor.id, reason=reason
        )
    except StillOpen:
        raise Conflict(
            _("The matter %(number)s has not ended: its texts are still needed.", number=number)
        ) from None
    if erased:
        _forget_messages(work, row.id, {seq for seq, _name in erased})
        names = " ".join(sorted({name for _seq, name in erased}))
        record(
            work.session,
            work.now,
            "texts_erased",
            success=True,
            actor_id=work.actor.id,
            subject=f"{number} {names} {reason}",
        )
    return erased


def _forget_messages(work: Work, instance_id: int, steps: Collection[int]) -> None:
    """Erase as well what was written to people in these steps and kept here: it may repeat the words.

    That a message went out, to whom and when, stays. What left the house cannot be called back.
    """
    written = [
        DeliveredMessage.message_id.startswith(outbox.key_of(instance_id, seq, "")) for seq in sorted(steps)
    ]
    work.session.execute(update(DeliveredMessage).where(or_(*written)).values(text=""))
