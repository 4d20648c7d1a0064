from __future__ import annotations

import pytest

from complaints.organisation.permissions import TABLE, Permission, allowed, lines, sees_masked
from complaints.organisation.roles import DESKS, LABELS, ROLES, Role
from tests.bureau import COUNTY, OFFICE, OTHER_OFFICE, STATION, Bureau

MATTERS = [
    Permission.MATTER_READ,
    Permission.MATTER_ACT,
    Permission.MATTER_SEARCH,
    Permission.MATTER_REVEAL,
    Permission.REPORT_READ,
    Permission.CASES_READ,
    Permission.PAYOUTS_READ,
]
ADMINISTRATORS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}


def test_every_permission_has_its_line_and_every_role_a_name_and_a_desk() -> None:
    assert set(TABLE) == set(Permission)
    assert set(LABELS) == set(DESKS) == set(Role)
    assert len(ROLES) == 12
    assert all(rule.masked <= rule.roles and rule.roles for _permission, rule in lines())
    assert all(permission.value.count(":") == 1 for permission in Permission)


@pytest.mark.parametrize("permission", MATTERS)
def test_no_administrator_reads_matters(permission: Permission) -> None:
    assert not TABLE[permission].roles & ADMINISTRATORS


def test_nobody_approves_and_pays_by_one_role() -> None:
    assert not TABLE[Permission.PAYOUTS_APPROVE].roles & TABLE[Permission.PAYOUTS_PAY].roles


def test_administrators_are_apart() -> None:
    assert TABLE[Permission.ADMIN_PEOPLE].roles == {Role.SYSTEM_ADMIN}
    assert TABLE[Permission.ADMIN_ROLES].roles == {Role.SECURITY_ADMIN}
    assert TABLE[Permission.ADMIN_SECURITY_LOG].roles == {Role.AUDIT_ADMIN}


def test_a_role_counts_on_its_unit_and_all_below(city: Bureau) -> None:
    handler, supervisor = city.actor("handler"), city.actor("supervisor")
    assert allowed(handler, Permission.MATTER_READ)
    assert allowed(handler, Permission.MATTER_READ, OFFICE)
    assert allowed(handler, Permission.MATTER_READ, STATION)
    assert not allowed(handler, Permission.MATTER_READ, COUNTY)
    assert not allowed(handler, Permission.MATTER_READ, OTHER_OFFICE)
    assert allowed(supervisor, Permission.MATTER_READ, OTHER_OFFICE)
    assert not allowed(handler, Permission.SUPERVISION_ORDER)


def test_supervisors_see_masked_and_cannot_reveal(city: Bureau) -> None:
    assert sees_masked(city.actor("supervisor"), Permission.MATTER_READ, OFFICE)
    assert not sees_masked(city.actor("handler"), Permission.MATTER_READ, OFFICE)
    assert sees_masked(city.actor("handler"), Permission.MATTER_READ, OTHER_OFFICE)
    assert not allowed(city.actor("supervisor"), Permission.MATTER_REVEAL)
