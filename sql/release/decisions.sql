-- Each row is: one decided change of a pledge of a term, up to a day, as known at as_of.
-- Reads: core.pledge_change.
-- Formula: none, as the register has it.
-- Basis: design §7, register rows; what was decided later does not hold on the day.
-- When blank or zero: item_code is empty where no attribute changed.
SELECT
    pledge_id,
    change_date,
    change_code,
    item_code,
    before_text,
    after_text,
    reason,
    approver
FROM core.pledge_change
WHERE
    government_id = :government_id
    AND term_number = CAST(:term_number AS integer)
    AND change_date <= CAST(:day AS date)
    AND recorded_at <= CAST(:as_of AS timestamptz)
    AND superseded_at > CAST(:as_of AS timestamptz)
