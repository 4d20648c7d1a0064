"""The differences between two versions as sentences, in the language of whoever has to live by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workflows.definition import Label, Reach
from workflows.versioning.difference_terms import Term
from workflows.versioning.differences import Change, Difference, Part


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the application calls the roles and guards that a procedure names by code."""

    roles: Mapping[str, Label] = field(default_factory=dict)
    guards: Mapping[str, Label] = field(default_factory=dict)
    codes: bool = True
    """Whether code names stand beside the labels."""


PARTS: Mapping[Part, Label] = {
    Part.PROCEDURE: Label("流程", "procedure"),
    Part.STAGE: Label("阶段", "stage"),
    Part.STATE: Label("状态", "state"),
    Part.ACTION: Label("操作", "action"),
    Part.CLOCK: Label("时限", "clock"),
    Part.LIMIT: Label("时限长度", "limit"),
    Part.LIST: Label("选项表", "list"),
    Part.MESSAGE: Label("通知", "message"),
    Part.TASK: Label("待办", "task"),
    Part.WORK: Label("交办工作", "kind of work"),
}
ASPECTS: Mapping[str, Label] = {
    "effective_from": Label("施行日期", "in force from"),
    "invariants": Label("始终成立的要求", "what must always hold"),
    "sources": Label("可以办理的状态", "states in which it can be done"),
    "target": Label("办理后的状态", "state afterwards"),
    "roles": Label("办理岗位", "roles that may do it"),
    "needs": Label("办理条件", "conditions"),
    "fields": Label("填写内容", "what is filled in"),
    "sets": Label("记录的事实", "facts that are set"),
    "counts": Label("计数", "counts"),
    "lists": Label("记录的人员", "people who are listed"),
    "meets": Label("视为已经履行的时限", "clocks that it meets"),
    "cancels": Label("终止的时限", "clocks that it ends"),
    "opens": Label("开始的时限", "clocks that it opens"),
    "extends": Label("延长", "extension"),
    "recounts": Label("改按选定规章计算的时限", "clocks counted by the rules that are chosen"),
    "pauses_from": Label("停止计算的起始日", "first day that is not counted"),
    "resumes_on": Label("恢复计算之日", "day from which it counts again"),
    "governed_by": Label("清单和依据适用哪一时限的规章", "clock by whose rules a list or an article is read"),
    "emit": Label("发出的通知", "messages that are sent"),
    "assign": Label("办理后的承办人", "owner afterwards"),
    "handover": Label("移交", "handover"),
    "child": Label("启动的流程", "procedure that it starts"),
    "hears": Label("听取的下级事项的结果", "what it hears of child matters"),
    "undoes": Label("撤销的操作", "action that it undoes"),
    "takes_back": Label("收回的操作", "actions that it takes back"),
    "work": Label("交办工作", "work beside the states"),
    "co_handler": Label("协办人", "co-handlers"),
    "automatic": Label("由系统办理", "done by the system"),
    "kind": Label("状态的性质", "kind of state"),
    "stage": Label("所属阶段", "stage"),
    "clocks": Label("进入时开始的时限", "clocks that begin on entering"),
    "pauses": Label("在此中止的时限", "clocks that stand still there"),
    "optional_stage": Label("阶段可以跳过", "stage may be left out"),
    "start": Label("起算日", "first day"),
    "warn": Label("提醒（到期前的工作日）", "warnings, in working days before"),
    "escalate": Label("逾期上报", "passed up after the limit"),
    "task": Label("到期待办", "task on the last day"),
    "task_to": Label("到期待办的接收人", "who gets the task"),
    "internal": Label("内部时限", "internal limit"),
    "if_ruled": Label("仅在规章设有该时限时计算", "counted only where its rules have it"),
    "items": Label("选项", "items"),
    "label": Label("名称", "name"),
    "article": Label("依据", "legal basis"),
    "field": Label("填写项的名称", "name of a field"),
}
REACHES: Mapping[str, Label] = {
    Reach.SELF: Label("本单位", "of the unit itself"),
    Reach.UP: Label("本单位或者上级", "of the unit or one above"),
    Reach.ANY: Label("任何单位", "of any unit"),
}
PERSONS: Mapping[str, Label] = {
    "owner": Label("承办责任人", "owner"),
    "first_responder": Label("首接责任人", "first responder"),
}
_COLON, _STOP, _SEMICOLON = Label("：", ": "), Label("。", "."), Label("；", "; ")


def sentence(one: Difference, language: str, words: Vocabulary) -> str:
    """Return one difference as a sentence; the code name stands beside the label."""
    name = f"{PARTS[one.part].in_language(language)}{_quoted(one, language, words)}"
    if one.change in (Change.NEW, Change.GONE):
        return _come_or_gone(one.change, name).in_language(language)
    aspect = ASPECTS.get(one.aspect, Label(one.aspect, one.aspect)).in_language(language)
    head = name if not one.aspect else f"{name}{_COLON.in_language(language)}{aspect}"
    said = _change(one, language, words)
    return f"{head}{_COLON.in_language(language)}{said}{_STOP.in_language(language)}"


def _quoted(one: Difference, language: str, words: Vocabulary) -> str:
    label = one.label.in_language(language)
    if not words.codes:
        return f"“{label}”" if language.startswith("zh") else f" “{label}”"
    return f"“{label}”（{one.name}）" if language.startswith("zh") else f" “{label}” ({one.name})"


def _come_or_gone(change: Change, name: str) -> Label:
    if change is Change.NEW:
        return Label(f"新增{name}。", f"New {name}.")
    return Label(f"取消{name}。", f"Gone: {name}.")


def _change(one: Difference, language: str, words: Vocabulary) -> str:
    """Say what came and what went; where one thing stands for one other, that it became the other."""
    before = [term_words(term, language, words) for term in one.before]
    after = [term_words(term, language, words) for term in one.after]
    if one.change is Change.WORDING:
        text = Label(
            f"文字由“{_one(before)}”改为“{_one(after)}”", f"reworded from “{_one(before)}” to “{_one(after)}”"
        )
        return text.in_language(language)
    if len(before) == len(after) == 1:
        return Label(f"由{before[0]}改为{after[0]}", f"{before[0]} becomes {after[0]}").in_language(language)
    parts = []
    if after:
        parts.append(Label(f"增加{'、'.join(after)}", f"added {', '.join(after)}"))
    if before:
        parts.append(Label(f"取消{'、'.join(before)}", f"removed {', '.join(before)}"))
    return _SEMICOLON.in_language(language).join(part.in_language(language) for part in parts)


def _one(words: list[str]) -> str:
    return words[0] if words else ""


def term_words(term: Term, language: str, words: Vocabulary) -> str:
    """Return a named thing as people call it, its code name beside it where that tells more."""
    if term.kind == "role":
        role, _, reach = term.name.partition("@")
        where = REACHES.get(reach)
        label = _role(role, words).in_language(language)
        if where is None:
            return label
        said = where.in_language(language)
        return f"{label}（{said}）" if language.startswith("zh") else f"{label} ({said})"
    if term.kind == "escalation":
        days, _, role = term.name.partition(":")
        told = _role(role, words)
        return Label(
            f"期满后{days}日报{told.zh}" if days != "0" else f"期满报{told.zh}",
            f"to {told.en} {days} days after" if days != "0" else f"to {told.en} when it has passed",
        ).in_language(language)
    label_of = term.label or (words.guards.get(term.name) if term.kind == "guard" else None)
    if label_of is None:
        return _VALUES.get(term.name, Label(term.name, term.name)).in_language(language)
    text = label_of.in_language(language)
    if term.kind == "item":
        code = term.name.partition(" ")[0]
        return f"第{code}项“{text}”" if language.startswith("zh") else f"item {code} “{text}”"
    if term.kind in ("text", "limit") or not words.codes:
        return text
    return f"{text}（{term.name}）" if language.startswith("zh") else f"{text} ({term.name})"


def _role(name: str, words: Vocabulary) -> Label:
    return words.roles.get(name) or PERSONS.get(name) or Label(name, name)


_VALUES: Mapping[str, Label] = {
    "true": Label("是", "yes"),
    "false": Label("否", "no"),
    "event": Label("办理当日", "the day of the step"),
    "received_on": Label("收到之日", "the day of receipt"),
    "initial": Label("开始", "initial"),
    "open": Label("办理中", "open"),
    "may_end": Label("可以结束", "a lawful end"),
    "final": Label("结束", "final"),
    "aside": Label("由其他事项办理", "carried on elsewhere"),
}
