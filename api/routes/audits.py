"""/api/v1/audits: frames on which a rule was silent, for a person to say whether that was right.

Takes: filters, a person's word.
Gives: AuditOut; the word becomes a label in the same transaction.
Knows nothing about: how frames are chosen, what labels do."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.auth import RuleWriter, Viewer
from api.bodies.audits import AuditOut, AuditWord, audit_out
from api.deps import DepsHere
from api.labelling import label_audited
from api.paging import Cursor, Limit, Page, page_of, position
from api.problems import declared
from contracts.errors import NotFound
from store.audit import note
from store.audited_frames import audited_frame_by_id, judge_audited_frame, page_of_audited_frames

router = APIRouter(prefix="/api/v1/audits", tags=["audits"])

Id = Annotated[str, Query(max_length=64)]
Unseen = Annotated[bool, Query(description="Only those that nobody has looked at yet.")]


@router.get("", response_model_exclude_none=True, responses=declared(), summary="List audited frames")
def list_audits(
    deps: DepsHere, _caller: Viewer, rule: Id = "", unseen: Unseen = False, cursor: Cursor = "", limit: Limit = 50
) -> Page[AuditOut]:
    """Newest first."""
    before = position(cursor)
    with deps.database.read() as connection:
        rows = page_of_audited_frames(connection, before=before, limit=limit + 1, rule_id=rule, unseen_only=unseen)
    links = deps.pictures.linker(deps.clock())
    return page_of(rows, limit, lambda row: row.id, lambda row: audit_out(row, links))


@router.post("/{audit_id}", response_model_exclude_none=True, responses=declared(404), summary="Say what a frame shows")
def judge(audit_id: str, body: AuditWord, deps: DepsHere, caller: RuleWriter) -> AuditOut:
    """`true_alarm`: the rule should have seen something here. The last word counts."""
    now = deps.clock()
    links = deps.pictures.linker(now)
    with deps.database.write() as connection:
        frame = audited_frame_by_id(connection, audit_id)
        if frame is None:
            raise NotFound(f"audited frame '{audit_id}' does not exist", "GET /api/v1/audits lists those that do")
        frame = judge_audited_frame(connection, frame, body.value)
        label_audited(connection, frame, body.value, now)
        action = "audited frame judged"
        note(connection, actor=caller.key_id, action=action, subject=audit_id, detail=body.value, now=now)
    return audit_out(frame, links)
