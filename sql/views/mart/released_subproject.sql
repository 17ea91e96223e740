-- What a release says of sub-tasks follows from the files that its pledges rest on, as its texts
-- do: a report is never changed, and a new status comes with a new file.
CREATE VIEW mart.released_subproject AS
SELECT
    pledge.government_id,
    pledge.quarter_id,
    pledge.revision,
    pledge.government_name,
    pledge.pledge_id,
    pledge.pledge_name,
    pledge.field_name,
    pledge.department_code,
    pledge.department_name,
    CAST(ROW_NUMBER() OVER (
        PARTITION BY pledge.government_id, pledge.quarter_id, pledge.revision, pledge.pledge_id
        ORDER BY subproject._table, subproject._row
    ) AS integer) AS subproject_number,
    subproject.subproject_name,
    subproject.status_code,
    status.name AS status_name,
    subproject.declared_rate_pct AS subproject_rate_pct,
    pledge.report_state,
    pledge.reported_quarter_id
FROM mart.released_pledge AS pledge
INNER JOIN core.pledge_report AS report
    ON
        pledge.submission_id = report.submission_id
        AND pledge.pledge_id = report.pledge_id
        AND pledge.reported_quarter_id = report.quarter_id
        AND report.reinstates_report_id IS NULL
INNER JOIN core.fct_quarterly_subproject AS subproject
    ON report.report_id = subproject.report_id
INNER JOIN core.code_value AS status
    ON status.list_code = 'status' AND subproject.status_code = status.code;
