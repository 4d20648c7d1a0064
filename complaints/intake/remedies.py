"""What a refusal must say besides its reason: the other ways of 消法第三十九条 (SAMR Order 121, art. 15)."""

from __future__ import annotations

from complaints.dossier.work import Work


def other_ways(work: Work) -> str:
    """Return the sentence that names the ways in force today, for the officer to write the reason above.

    It is part of an official notice and therefore Chinese whatever the language of the page.
    """
    listed = work.time_rules.rules.item_list("remedies", work.today)
    numerals = "一二三四五六七八九"
    ways = "；".join(f"（{numerals[at]}）{item.label.zh}" for at, item in enumerate(listed.items))
    return f"您还可以依照{listed.article.zh}，通过下列途径解决：{ways}。"


def reason_without(work: Work, text: str) -> str:
    """Return what the officer wrote besides that sentence."""
    return text.replace(other_ways(work), "").strip()
