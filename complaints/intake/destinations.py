"""Which unit a new complaint probably belongs to, and why. A hint is shown with its reason; a person decides.

SAMR Order 121, art. 13: the county-level office of the operator's actual place of business or domicile.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from complaints.organisation.models import Unit


@dataclass(frozen=True, slots=True)
class Hint:
    """A unit with the reason that speaks for it, in words for people."""

    path: str
    unit: str
    why: str


def hint_for(
    merchant_unit: str, merchant_address: str, units: Sequence[Unit], regions: Mapping[str, str]
) -> Hint | None:
    """Return the unit that the merchant's known office or its address points to, or None.

    `regions` are the names of the units' regions by code. Of several that the address names, the smallest
    region counts; two units of one region are no hint.
    """
    by_path = {unit.path: unit for unit in units}
    if merchant_unit in by_path:
        return Hint(merchant_unit, by_path[merchant_unit].name, _("known place of business"))
    named = [unit for unit in units if regions.get(unit.region_code, "-") in merchant_address]
    if not named or not merchant_address:
        return None
    longest = max(len(unit.region_code) for unit in named)
    nearest = [unit for unit in named if len(unit.region_code) == longest]
    if len(nearest) > 1:
        return None
    region = regions[nearest[0].region_code]
    return Hint(nearest[0].path, nearest[0].name, _("the address names %(region)s", region=region))
