-- Each row is one card of the batch: what its header says, beside the register and beside how its
-- quarter was decided. Reads staging.pledge_card__header, core.pledges_on.

SELECT
    header.submission_id,
    header._table,
    header._row,
    header.pledge_id,
    ''::text AS row_key,
    NULL::text AS field,
    header.department_name,
    header.newest_quarter_id,
    header.declared_total,
    header.declared_total_raw,
    header.project_type,
    scope.quarter_id,
    scope.government_id,
    file.quarter_basis,
    file.document_format,
    pledge.declared_total_krw AS register_total_krw,
    pledge.project_type AS register_project_type,
    core.department_named(
        scope.government_id, header.department_name, scope.reference_date
    ) AS named_department_code,
    core.department_name(scope.government_id, pledge.department_codes[1]) AS owner_name,
    ROW_NUMBER() OVER (PARTITION BY header.submission_id ORDER BY header._table) AS card_number
FROM staging.pledge_card__header AS header
INNER JOIN checked__submission AS scope USING (submission_id)
INNER JOIN audit.submission AS file USING (submission_id)
LEFT JOIN LATERAL core.pledges_on(
    scope.government_id, scope.term_number, scope.reference_date
) AS pledge ON header.pledge_id = pledge.pledge_id
