"""/healthz: whether this process can serve, for load balancers. It tells nothing about anybody."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from complaints.web.services import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer 200 where the database answers, else 503."""
    try:
        with services().database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="failing", database="unreachable"), 503
    return jsonify(status="ok", database="ok")
