"""The pages' common language: colours in one place and readable, nothing inline, no foreign address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = sorted((STATIC / "css").glob("*.css"))
SCRIPTS = sorted((STATIC / "js").glob("*.js"))
TOKENS = dict(
    re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", (STATIC / "css" / "tokens.css").read_text(encoding="utf-8"))
)
FOREIGN = r"(?:src|href|action)=[\"'](?:https?:)?//|@import|url\([\"']?(?:https?:)?//|fetch\([\"']http"
NAMESPACE = "http://www.w3.org/2000/svg"

GROUNDS = ("surface", "sunken", "hover", "ground")
TEXT = [
    (ink, ground) for ink in ("ink-1", "ink-2", "ink-3") for ground in (*GROUNDS, "accent-wash", "late-wash")
]
TEXT += [("accent", ground) for ground in (*GROUNDS, "accent-wash")]
TEXT += [
    (state, ground) for state in ("ok", "soon", "late", "still") for ground in (*GROUNDS, f"{state}-wash")
]
TEXT += [("on-accent", "accent"), ("on-accent", "accent-deep"), ("on-accent", "rail"), ("rail-ink", "rail")]
TEXT += [("on-accent", "heat-4"), ("on-accent", "heat-5"), ("ink-1", "heat-3")]
MARKS = [("control", "surface"), ("control", "sunken"), ("focus-out", "surface"), ("focus-out", "ground")]


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2 for #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two tokens, 1 to 21."""
    dark, light = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), TEXT, ids="-on-".join)
def test_text_is_readable(ink: str, ground: str) -> None:
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(("mark", "ground"), MARKS, ids="-on-".join)
def test_controls_and_focus_are_visible(mark: str, ground: str) -> None:
    assert contrast(mark, ground) >= 3.0


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_colours_live_in_the_tokens(style: Path) -> None:
    raw = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", style.read_text(encoding="utf-8"))
    assert style.name == "tokens.css" or not raw


def test_every_token_in_use_exists() -> None:
    known = set(re.findall(r"--([\w-]+)\s*:", (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")))
    used = {
        name for style in STYLES for name in re.findall(r"var\(--([\w-]+)", style.read_text(encoding="utf-8"))
    }
    assert used <= known


@pytest.mark.parametrize("page", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_nothing_inline(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=", text), "the policy blocks it"
    for tag, body in re.findall(r"(<script[^>]*>)(.*?)</script>", text, re.DOTALL):
        assert "csp_nonce()" in tag, tag
        assert "src=" in tag, tag
        assert not body.strip(), "an inline script"


@pytest.mark.parametrize(
    "path", [*TEMPLATES, *STYLES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_no_foreign_address(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace(NAMESPACE, "")
    assert not re.findall(FOREIGN, text)


@pytest.mark.parametrize(
    "path", [*TEMPLATES, *STYLES, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT))
)
def test_files_stay_readable(path: Path) -> None:
    assert path.read_text(encoding="utf-8").count("\n") <= 300


def test_every_icon_is_drawn() -> None:
    drawn = set(
        re.findall(r'id="([is]-[a-z]+)"', (STATIC / "images" / "icons.svg").read_text(encoding="utf-8"))
    )
    for page in TEMPLATES:
        text = re.sub(r"\{#.*?#\}", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        named = {f"i-{name}" for name in re.findall(r"\bicon\('([a-z]+)'", text)}
        named |= {f"s-{name}" for name in re.findall(r"\bshape\('([a-z]+)'", text)}
        assert named <= drawn, f"{page.name}: {sorted(named - drawn)}"
