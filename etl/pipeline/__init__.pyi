"""Where each stage lies; `__init__.py` loads it from there on its first use."""

from .answers import (
    AnswerFinding as AnswerFinding,
    answer as answer,
    department_groups as department_groups,
    findings_of as findings_of,
    for_sender as for_sender,
    sender_findings as sender_findings,
)
from .backups import (
    BackedUp as BackedUp,
    back_up as back_up,
    drop_old_backups as drop_old_backups,
)
from .blockers import (
    COVERAGE_RULE as COVERAGE_RULE,
    NAME_RULE as NAME_RULE,
    NUMBER_RULE as NUMBER_RULE,
)
from .changes import (
    diff as diff,
    release_changes as release_changes,
)
from .checks import (
    LEVELS as LEVELS,
    check as check,
    rules as rules,
    rules_page as rules_page,
)
from .desk import (
    GovernmentName as GovernmentName,
    ReceivedFile as ReceivedFile,
    Revision as Revision,
    SentFile as SentFile,
    Upload as Upload,
    answer_file as answer_file,
    data_docs_file as data_docs_file,
    department_name as department_name,
    files_of_department as files_of_department,
    files_of_upload as files_of_upload,
    government_names as government_names,
    invitation_file as invitation_file,
    is_uploaded_by as is_uploaded_by,
    note_upload as note_upload,
    released_files as released_files,
    revisions as revisions,
    sent_files as sent_files,
    shown_quarters as shown_quarters,
    upload_of as upload_of,
)
from .erasures import (
    Erased as Erased,
    ErasedFile as ErasedFile,
    erase_personal as erase_personal,
    erased_files as erased_files,
    told_erased as told_erased,
)
from .evidence import (
    Evidence as Evidence,
    Touched as Touched,
    Traced as Traced,
    touched as touched,
    trace as trace,
)
from .faults import (
    faults_of as faults_of,
    open_faults as open_faults,
    raise_faults as raise_faults,
    told_fault as told_fault,
)
from .house import (
    check_archive as check_archive,
    open_windows as open_windows,
    quarters_to_report as quarters_to_report,
    remind as remind,
)
from .invitations import (
    invite as invite,
)
from .journal import (
    present as present,
)
from .judgements import (
    stale_files as stale_files,
)
from .mails import (
    Mailed as Mailed,
    send_owed as send_owed,
)
from .officers import (
    Assignment as Assignment,
    assign as assign,
    assignments as assignments,
    departments_of_user as departments_of_user,
    unassign as unassign,
)
from .pictures import (
    pictures_to_see as pictures_to_see,
)
from .publications import (
    publish_again as publish_again,
)
from .published import (
    PublishedFigure as PublishedFigure,
    published as published,
    published_files as published_files,
    take_published as take_published,
)
from .quarters import (
    ComparedFigure as ComparedFigure,
    DenominatorChange as DenominatorChange,
    DepartmentStatus as DepartmentStatus,
    FigureRow as FigureRow,
    compared_figures as compared_figures,
    denominator_changes as denominator_changes,
    department_status as department_status,
    figures as figures,
    government_set as government_set,
    governments as governments,
    only_government as only_government,
    refresh as refresh,
    rejected_without_department as rejected_without_department,
    require_department as require_department,
    require_quarter as require_quarter,
    roster as roster,
    shown_change as shown_change,
    states_told as states_told,
    status as status,
)
from .receiving import (
    Asked as Asked,
    ReceivedPlace as ReceivedPlace,
    receive as receive,
    received_places as received_places,
    told_of_documents as told_of_documents,
    waiting as waiting,
)
from .rechecks import (
    recheck as recheck,
)
from .release_text import (
    RELEASE_HEADERS as RELEASE_HEADERS,
    release_lines as release_lines,
    release_links as release_links,
    release_rows as release_rows,
    release_text as release_text,
    release_title as release_title,
    waiver_steps as waiver_steps,
)
from .releases import (
    DEMO as DEMO,
    Decision as Decision,
    Released as Released,
    ReleaseSummary as ReleaseSummary,
    release as release,
    release_summary as release_summary,
)
from .reports import (
    publish as publish,
    report as report,
)
from .restore_checks import (
    check_backup as check_backup,
    has_backups as has_backups,
    last_restore_check as last_restore_check,
)
from .restoring import (
    Restored as Restored,
    restore as restore,
)
from .retractions import (
    Retracted as Retracted,
    named_release as named_release,
    retract as retract,
    retractions as retractions,
)
from .submissions import (
    Collected as Collected,
    Registered as Registered,
    collect as collect,
    load as load,
    read as read,
    refresh_batch as refresh_batch,
    register as register,
    told_of_batch as told_of_batch,
    withdraw as withdraw,
)
from .telling import (
    STAGES as STAGES,
    STATE_NAMES as STATE_NAMES,
    counted as counted,
    telling as telling,
)
from .trials import (
    Trial as Trial,
    dry_run as dry_run,
)
from .verification import (
    Verified as Verified,
    verify as verify,
)
from .waivers import (
    KnownWaiver as KnownWaiver,
    RecordedWaiver as RecordedWaiver,
    WaivedFinding as WaivedFinding,
    Waiver as Waiver,
    end_waiver as end_waiver,
    waive as waive,
    waived_findings as waived_findings,
    waivers as waivers,
)
