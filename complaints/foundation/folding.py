"""The form in which texts are compared: what reads the same is the same.

Full-width and other compatibility forms (NFKC) become plain, capitals small, accents and signs without width
(zero-width, bidi marks) go. Only for comparing: what was written is kept and shown as it stands.
"""

from __future__ import annotations

import unicodedata


class _Folded(dict[int, str]):
    """Maps a character to its folded form, worked out once a process."""

    def __missing__(self, code: int) -> str:
        """Return the folded form of a character seen for the first time."""
        sign = chr(code)
        if unicodedata.category(sign) in {"Cf", "Mn", "Me", "Cs"}:
            folded = ""
        else:
            plain = unicodedata.normalize("NFKD", sign)
            bare = "".join(one for one in plain if unicodedata.category(one) not in {"Mn", "Me"})
            folded = unicodedata.normalize("NFKC", bare).lower()
        self[code] = folded
        return folded


_FOLDED = _Folded()


def fold(text: str) -> str:
    """Return the text in the form in which it is compared."""
    return text.translate(_FOLDED)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its characters the place of its source in the text."""
    parts = [_FOLDED[ord(one)] for one in text]
    places = [place for place, part in enumerate(parts) for _sign in part]
    return "".join(parts), places


def normalise_name(name: str) -> str:
    """Return the one form of a person's name, by whose keyed hash an equal name is found.

    Without blanks and without the dot between the parts of a name (买买提·艾力), which is typed in many ways.
    """
    return "".join(one for one in fold(name) if not one.isspace() and one not in "·•・‧∙.．。")
