"""The workers' signs of life."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from complaints.foundation.database import Base
from complaints.foundation.instants import Instant


class WorkerHeartbeat(Base):
    """One worker process. It removes its row when it ends in order; a killed one leaves it behind."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    """Machine, process and a random part."""
    started_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant, index=True)
    fired: Mapped[int] = mapped_column(default=0)
    """Timers this worker has fired since it started."""
    settled: Mapped[int] = mapped_column(default=0)
    """Messages this worker has brought to an end since it started."""
