"""Who may open what: one table, printed as it stands for an audit.

It covers pages and data. What may be done with one matter now is judged by the engine from the procedure's
own roles and guards; this table decides who gets as far as asking. A role counts on the unit it was granted
on and all below it.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from complaints.organisation.people import SignedInActor
from complaints.organisation.roles import Role
from workflows.definition import Label


class Permission(enum.StrEnum):
    """A right, written `scope:action`."""

    HOTLINE_WORK = "hotline:work"
    INTAKE_WORK = "intake:work"
    LEDGER_IMPORT = "ledger:import"
    MEDIATION_WORK = "mediation:work"
    STATION_WORK = "station:work"
    MATTER_READ = "matter:read"
    MATTER_ACT = "matter:act"
    MATTER_SEARCH = "matter:search"
    MATTER_REVEAL = "matter:reveal"
    REPORT_READ = "report:read"
    CASES_READ = "cases:read"
    CASES_WORK = "cases:work"
    PAYOUTS_READ = "payouts:read"
    PAYOUTS_WORK = "payouts:work"
    PAYOUTS_APPROVE = "payouts:approve"
    PAYOUTS_PAY = "payouts:pay"
    REVISITS_WORK = "revisits:work"
    SUPERVISION_READ = "supervision:read"
    SUPERVISION_ORDER = "supervision:order"
    PROCEDURES_READ = "procedures:read"
    PROCEDURES_REHEARSE = "procedures:rehearse"
    ADMIN_OPEN = "admin:open"
    ADMIN_PEOPLE = "admin:people"
    ADMIN_ROLES = "admin:roles"
    ADMIN_TABLES = "admin:tables"
    ADMIN_OUTBOX = "admin:outbox"
    ADMIN_SECURITY_LOG = "admin:security_log"
    LOG_PROOF = "log:proof"
    OWN_ACCOUNT = "own:account"
    OWN_DRAFTS = "own:drafts"


@dataclass(frozen=True, slots=True)
class Rule:
    """Who has a right.

    `masked` are those of them who see personal values masked, without a way to the full ones; the one
    exception is the cashier, who learns for a logged reason whom to pay while a payout is to be paid.
    """

    label: Label
    roles: frozenset[Role]
    masked: frozenset[Role] = frozenset()


R = Role
_PLACES = frozenset({R.OPERATOR, R.INTAKE, R.HANDLER, R.HEAD, R.STATION})
_EVERYBODY = frozenset(Role)
_DESKS = frozenset({R.OPERATOR, R.INTAKE, R.HANDLER, R.HEAD})
_MONEY = frozenset({R.CASHIER, R.PAYOUT_APPROVER})
_WATCH = frozenset({R.SUPERVISOR, R.AUDITOR})
_MASKED = _WATCH | _MONEY

TABLE: Mapping[Permission, Rule] = MappingProxyType(
    {
        Permission.HOTLINE_WORK: Rule(
            Label("接听热线并登记", "Take calls and register"), frozenset({R.OPERATOR})
        ),
        Permission.INTAKE_WORK: Rule(Label("统一接收与分送", "Receive and dispatch"), frozenset({R.INTAKE})),
        Permission.LEDGER_IMPORT: Rule(
            Label("导入历史台账", "Import ledgers of earlier years"), frozenset({R.INTAKE, R.HEAD})
        ),
        Permission.MEDIATION_WORK: Rule(
            Label("受理与调解", "Accept and mediate"), frozenset({R.HANDLER, R.HEAD})
        ),
        Permission.STATION_WORK: Rule(
            Label("登记和调处本场所纠纷", "Register and settle the venue's disputes"), frozenset({R.STATION})
        ),
        Permission.MATTER_READ: Rule(Label("查看事项", "Read a matter"), _PLACES | _MASKED, _MASKED),
        Permission.MATTER_ACT: Rule(
            Label("办理事项", "Act on a matter"),
            _DESKS | _MONEY | {R.STATION, R.SUPERVISOR},
            _MASKED - {R.AUDITOR},
        ),
        Permission.MATTER_SEARCH: Rule(Label("查找事项", "Search matters"), _PLACES | _MASKED, _MASKED),
        Permission.MATTER_REVEAL: Rule(
            Label("说明理由后查看完整号码", "See full numbers for a stated reason"), _PLACES
        ),
        Permission.REPORT_READ: Rule(
            Label("查看举报", "Read reports of breaches"),
            frozenset({R.INTAKE, R.HANDLER, R.HEAD}) | _WATCH,
            _WATCH,
        ),
        Permission.CASES_READ: Rule(
            Label("查看线索与案件", "Read leads and cases"), frozenset({R.HANDLER, R.HEAD}) | _WATCH, _WATCH
        ),
        Permission.CASES_WORK: Rule(
            Label("核查线索、登记案件", "Verify leads, record cases"), frozenset({R.HANDLER, R.HEAD})
        ),
        Permission.PAYOUTS_READ: Rule(
            Label("查看先赔台账", "Read the payout ledger"),
            frozenset({R.HANDLER, R.HEAD}) | _MONEY | _WATCH,
            _MONEY | _WATCH,
        ),
        Permission.PAYOUTS_WORK: Rule(
            Label("申请与核实先赔", "Apply for and verify payouts"), frozenset({R.HANDLER, R.HEAD})
        ),
        Permission.PAYOUTS_APPROVE: Rule(
            Label("审批先赔", "Approve payouts"),
            frozenset({R.PAYOUT_APPROVER}),
            frozenset({R.PAYOUT_APPROVER}),
        ),
        Permission.PAYOUTS_PAY: Rule(Label("兑付先赔款", "Pay payouts"), frozenset({R.CASHIER})),
        Permission.REVISITS_WORK: Rule(
            Label("回访", "Call back"), frozenset({R.OPERATOR, R.INTAKE, R.SUPERVISOR})
        ),
        Permission.SUPERVISION_READ: Rule(
            Label("查看督察指标", "Read the figures"), _WATCH | {R.HEAD}, _WATCH
        ),
        Permission.SUPERVISION_ORDER: Rule(
            Label("催办与督办", "Urge and order"), frozenset({R.SUPERVISOR}), frozenset({R.SUPERVISOR})
        ),
        Permission.PROCEDURES_READ: Rule(Label("查看办理流程", "Read the procedures"), _EVERYBODY),
        Permission.PROCEDURES_REHEARSE: Rule(
            Label("演练改用流程的另一版本", "Rehearse a move to another version of a procedure"),
            _WATCH | {R.HEAD, R.SYSTEM_ADMIN},
            _WATCH,
        ),
        Permission.ADMIN_OPEN: Rule(
            Label("进入系统管理", "Open administration"),
            frozenset({R.SYSTEM_ADMIN, R.SECURITY_ADMIN, R.AUDIT_ADMIN}),
        ),
        Permission.ADMIN_PEOPLE: Rule(
            Label("管理机构与账号", "Keep units and accounts"), frozenset({R.SYSTEM_ADMIN})
        ),
        Permission.ADMIN_ROLES: Rule(Label("授予角色", "Grant roles"), frozenset({R.SECURITY_ADMIN})),
        Permission.ADMIN_TABLES: Rule(
            Label("管理日历与代码表", "Keep calendars and code tables"), frozenset({R.SYSTEM_ADMIN})
        ),
        Permission.ADMIN_OUTBOX: Rule(
            Label("查看待发消息", "See the outbox"), frozenset({R.SYSTEM_ADMIN}), frozenset({R.SYSTEM_ADMIN})
        ),
        Permission.ADMIN_SECURITY_LOG: Rule(
            Label("查看安全日志", "Read the security log"), frozenset({R.AUDIT_ADMIN})
        ),
        Permission.LOG_PROOF: Rule(
            Label("查看日志锚定", "See the anchors of the log"),
            frozenset({R.AUDITOR, R.SYSTEM_ADMIN, R.AUDIT_ADMIN}),
        ),
        Permission.OWN_ACCOUNT: Rule(Label("修改自己的密码", "Change one's own password"), _EVERYBODY),
        Permission.OWN_DRAFTS: Rule(Label("保存自己的草稿", "Keep one's own drafts"), _EVERYBODY),
    }
)


def allowed(actor: SignedInActor, permission: Permission, unit_path: str | None = None) -> bool:
    """Tell whether the person has the right on the unit, or, without a unit, anywhere."""
    roles = TABLE[permission].roles
    return any(
        grant.role in roles and (unit_path is None or unit_path.startswith(grant.unit_path))
        for grant in actor.grants
    )


def sees_masked(actor: SignedInActor, permission: Permission, unit_path: str | None = None) -> bool:
    """Tell whether the person sees personal values masked: every grant that gives the right masks them."""
    rule = TABLE[permission]
    return not any(
        grant.role in rule.roles - rule.masked
        and (unit_path is None or unit_path.startswith(grant.unit_path))
        for grant in actor.grants
    )


def lines() -> Iterator[tuple[Permission, Rule]]:
    """Yield the table in its order, for printing."""
    yield from TABLE.items()
