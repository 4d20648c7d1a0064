"""Named points at which a forked server ends as if it was killed: no chance decides whether they are met."""

from __future__ import annotations

import os
import signal
from typing import Any

from complaints.dossier import attachments
from complaints.gateways import file_store

HALF_WRITTEN, NOT_COMMITTED = "half-written", "not-committed"


def _end_after(whole: Any) -> Any:
    def ends(*given: Any) -> None:
        whole(*given)
        os.kill(os.getpid(), signal.SIGKILL)

    return ends


def plant(point: str) -> None:
    """Let this process end when it has written a file that is not in its place, or a row not committed."""
    if point == HALF_WRITTEN:
        file_store._write = _end_after(file_store._write)
        return
    assert point == NOT_COMMITTED, point
    attachments.attach = _end_after(attachments.attach)
