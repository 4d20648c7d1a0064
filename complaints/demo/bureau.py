"""The demonstration bureau: units from real region codes, people with roles, duty rosters. At most 30
accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from complaints.organisation.accounts import grant_role, name_for_duty, open_account
from complaints.organisation.models import Duty, Person, Unit, UnitKind
from complaints.organisation.roles import Role
from complaints.organisation.units import found_unit
from complaints.reference.models import RegionLevel
from complaints.reference.queries import region, regions_within

CITY = "420600"
OFFICES = {
    "420602": (("01", "古城市场监管所"), ("02", "檀溪市场监管所")),
    "420606": (("01", "汉江市场监管所"), ("02", "米公市场监管所")),
    "420607": (("01", "张湾市场监管所"), ("02", "航空路市场监管所")),
}
"""Branch offices of three counties by code and made-up name; the other counties handle matters themselves."""

STATIONS = (
    ("420602", "01", "S1", "鼓楼商场维权服务站", "鼓楼商场"),
    ("420606", "01", "S1", "汉江里市场维权服务站", "汉江里市场"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """One account: user name, name, where the person belongs, and role with the unit it is granted on."""

    username: str
    name: str
    unit: str
    role: Role
    on: str
    duty: Duty | None = None


DESK, CITY_PATH = f"/{CITY}/12315/", f"/{CITY}/"
POSTS = (
    Post("linjing", "林静", DESK, Role.OPERATOR, CITY_PATH),
    Post("wanglei", "王蕾", DESK, Role.OPERATOR, CITY_PATH),
    Post("sunli", "孙丽", DESK, Role.INTAKE, CITY_PATH, Duty.OFFICER),
    Post("guoqiming", "郭启明", DESK, Role.INTAKE, CITY_PATH),
    Post("heqiusheng", "何秋生", CITY_PATH, Role.HEAD, CITY_PATH),
    Post("gaojianping", "高建平", f"/{CITY}/ducha/", Role.SUPERVISOR, CITY_PATH),
    Post("shenyue", "沈悦", f"/{CITY}/ducha/", Role.AUDITOR, CITY_PATH),
    Post("tangwen", "唐雯", CITY_PATH, Role.CASHIER, CITY_PATH),
    Post("qinlan", "秦岚", CITY_PATH, Role.PAYOUT_APPROVER, CITY_PATH),
    Post("luoping", "罗平", CITY_PATH, Role.PAYOUT_APPROVER, CITY_PATH),
    Post("xitong", "系统管理员", CITY_PATH, Role.SYSTEM_ADMIN, CITY_PATH),
    Post("anquan", "安全管理员", CITY_PATH, Role.SECURITY_ADMIN, CITY_PATH),
    Post("shenji", "审计管理员", CITY_PATH, Role.AUDIT_ADMIN, CITY_PATH),
    Post("luozhigang", "罗志刚", f"/{CITY}/420602/", Role.HEAD, f"/{CITY}/420602/"),
    Post("fangyi", "方毅", f"/{CITY}/420606/", Role.HEAD, f"/{CITY}/420606/"),
    Post("jiangtao", "江涛", f"/{CITY}/420607/", Role.HEAD, f"/{CITY}/420607/"),
    Post("chenhui", "陈慧", f"/{CITY}/420602/01/", Role.HANDLER, f"/{CITY}/420602/01/", Duty.RECEIVER),
    Post("xumin", "徐敏", f"/{CITY}/420602/02/", Role.HANDLER, f"/{CITY}/420602/02/", Duty.RECEIVER),
    Post(
        "zhangyuanhang", "张远航", f"/{CITY}/420606/01/", Role.HANDLER, f"/{CITY}/420606/01/", Duty.RECEIVER
    ),
    Post("caoyongsheng", "曹永胜", f"/{CITY}/420606/01/", Role.HANDLER, f"/{CITY}/420606/01/"),
    Post("weihong", "魏红", f"/{CITY}/420606/02/", Role.HANDLER, f"/{CITY}/420606/02/", Duty.RECEIVER),
    Post("zhouli", "周立", f"/{CITY}/420607/01/", Role.HANDLER, f"/{CITY}/420607/01/", Duty.RECEIVER),
    Post("dengguoping", "邓国平", f"/{CITY}/420607/02/", Role.HANDLER, f"/{CITY}/420607/02/", Duty.RECEIVER),
    Post("maxiulan", "马秀兰", f"/{CITY}/420606/01/S1/", Role.STATION, f"/{CITY}/420606/01/S1/"),
    Post("liushuying", "刘淑英", f"/{CITY}/420602/01/S1/", Role.STATION, f"/{CITY}/420602/01/S1/"),
    Post("pengfei", "彭飞", f"/{CITY}/420683/", Role.HANDLER, f"/{CITY}/420683/", Duty.RECEIVER),
    Post("yuanli", "袁莉", f"/{CITY}/420682/", Role.HANDLER, f"/{CITY}/420682/", Duty.RECEIVER),
    Post("hujun", "胡军", f"/{CITY}/420684/", Role.HANDLER, f"/{CITY}/420684/", Duty.RECEIVER),
)


def found_bureau(session: Session, since: date) -> dict[str, Unit]:
    """Found the units, valid from the day on, and return them by path."""
    named = region(session, CITY, since)
    city_name = named.name if named else "襄阳市"
    city = found_unit(
        session, CITY, f"{city_name}市场监督管理局", UnitKind.CITY_BUREAU, None, since, region_code=CITY
    )
    found = [city, *_city_units(session, city, city_name, since)]
    for county in regions_within(session, CITY, since):
        if county.level != RegionLevel.COUNTY:
            continue
        bureau = found_unit(
            session,
            county.code,
            f"{county.name}市场监督管理局",
            UnitKind.COUNTY_BUREAU,
            city,
            since,
            region_code=county.code,
        )
        found.append(bureau)
        for code, name in OFFICES.get(county.code, ()):
            found.append(
                found_unit(session, code, name, UnitKind.OFFICE, bureau, since, region_code=county.code)
            )
    by_path = {unit.path: unit for unit in found}
    for county_code, office, code, name, venue in STATIONS:
        parent = by_path[f"/{CITY}/{county_code}/{office}/"]
        unit = found_unit(
            session, code, name, UnitKind.STATION, parent, since, region_code=county_code, venue=venue
        )
        by_path[unit.path] = unit
    return by_path


def _city_units(session: Session, city: Unit, city_name: str, since: date) -> Iterator[Unit]:
    yield found_unit(
        session,
        "12315",
        "12315 统一受理台",
        UnitKind.INTAKE_DESK,
        city,
        since,
        region_code=CITY,
        phone="12315",
    )
    yield found_unit(
        session, "ducha", "消费者权益保护督察科", UnitKind.SUPERVISION, city, since, region_code=CITY
    )
    yield found_unit(
        session,
        "xiaowei",
        f"{city_name}消费者委员会",
        UnitKind.CONSUMER_COUNCIL,
        city,
        since,
        region_code=CITY,
    )


def employ(
    session: Session, units: dict[str, Unit], hashes: dict[str, str], since: date, now: datetime
) -> dict[str, Person]:
    """Open the accounts with their grants and duties, and return the people by user name."""
    people = {}
    for post in POSTS:
        person = open_account(
            session,
            username=post.username,
            name=post.name,
            unit=units[post.unit],
            password_hash=hashes[post.username],
            now=now,
            must_change_password=False,
        )
        grant_role(session, person, post.role, units[post.on], day=since, now=now)
        if post.duty is not None:
            name_for_duty(session, units[post.unit], post.duty, person, since)
        people[post.username] = person
    return people
