"""The twelve roles. A role is granted to a person on a unit; what it may do stands in `permissions`.

The three administrators are apart from each other and from the work (GB/T 22239-2019 8.1.5): one keeps people
and tables, one grants roles, one reads the security log. None of them reads matters.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from workflows.definition import Label


class Role(enum.StrEnum):
    """What a person is for."""

    OPERATOR = "operator"
    INTAKE = "intake"
    HANDLER = "handler"
    HEAD = "head"
    STATION = "station"
    CASHIER = "cashier"
    PAYOUT_APPROVER = "payout_approver"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


LABELS: Mapping[Role, Label] = MappingProxyType(
    {
        Role.OPERATOR: Label("话务员", "Operator"),
        Role.INTAKE: Label("受理台", "Intake desk"),
        Role.HANDLER: Label("承办人", "Handler"),
        Role.HEAD: Label("负责人", "Head"),
        Role.STATION: Label("服务站", "Station"),
        Role.CASHIER: Label("先赔出纳", "Cashier"),
        Role.PAYOUT_APPROVER: Label("先赔审批人", "Payout approver"),
        Role.SUPERVISOR: Label("督察", "Supervisor"),
        Role.AUDITOR: Label("审计", "Auditor"),
        Role.SYSTEM_ADMIN: Label("系统管理员", "System administrator"),
        Role.SECURITY_ADMIN: Label("安全管理员", "Security administrator"),
        Role.AUDIT_ADMIN: Label("审计管理员", "Audit administrator"),
    }
)

ROLES: frozenset[str] = frozenset(role.value for role in Role)

DESKS: Mapping[Role, str] = MappingProxyType(
    {
        Role.OPERATOR: "/hotline",
        Role.INTAKE: "/intake",
        Role.HANDLER: "/mediation",
        Role.HEAD: "/mediation",
        Role.STATION: "/station",
        Role.CASHIER: "/payouts",
        Role.PAYOUT_APPROVER: "/payouts",
        Role.SUPERVISOR: "/supervision",
        Role.AUDITOR: "/supervision",
        Role.SYSTEM_ADMIN: "/admin",
        Role.SECURITY_ADMIN: "/admin",
        Role.AUDIT_ADMIN: "/admin",
    }
)
"""Where the work of a role lies; with several roles the first of this order wins."""
