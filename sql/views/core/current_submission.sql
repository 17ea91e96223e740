CREATE VIEW core.current_submission AS
SELECT
    submission_id,
    file_name,
    received_at,
    government_id,
    quarter_id,
    department_code,
    form_code,
    state,
    is_late,
    answer_path
FROM core.submission_counting('infinity');
