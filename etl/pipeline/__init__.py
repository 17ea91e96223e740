"""The stages in order: one function per task, ids in and records out.

The shell and the DAGs call these and nothing below. Each stage logs one line with the same keys.
"""

from etl.check import LEVELS
from etl.collect import Asked
from etl.figures.comparison import shown_change
from etl.pipeline.answers import answer, department_groups, findings_of
from etl.pipeline.changes import diff, release_changes
from etl.pipeline.checks import check
from etl.pipeline.evidence import Touched, Traced, touched, trace
from etl.pipeline.faults import faults_of, open_faults, raise_faults, told_fault
from etl.pipeline.house import back_up, check_archive, open_windows, quarters_to_report, reminders
from etl.pipeline.journal import present
from etl.pipeline.publications import publish_again
from etl.pipeline.quarters import (
    DenominatorChange,
    compared_figures,
    denominator_changes,
    department_status,
    figures,
    governments,
    invite,
    only_government,
    publish,
    refresh,
    rejected_without_department,
    report,
    require_department,
    require_quarter,
    roster,
    status,
)
from etl.pipeline.receiving import receive
from etl.pipeline.rechecks import recheck, stale_files
from etl.pipeline.release_text import (
    RELEASE_HEADERS,
    release_lines,
    release_rows,
    release_text,
    release_title,
)
from etl.pipeline.releases import (
    COVERAGE_RULE,
    DEMO,
    Decision,
    Released,
    ReleaseSummary,
    release,
    release_summary,
)
from etl.pipeline.submissions import (
    Collected,
    collect,
    load,
    read,
    refresh_batch,
    register,
    withdraw,
)
from etl.pipeline.telling import STATE_NAMES
from etl.pipeline.trials import Trial, dry_run
from etl.pipeline.verification import Verified, verify
from etl.pipeline.waivers import (
    KnownWaiver,
    RecordedWaiver,
    WaivedFinding,
    Waiver,
    end_waiver,
    waive,
    waived_findings,
    waivers,
)
