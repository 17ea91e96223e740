-- A place where one works at a time (a government, the receipts, a batch): who works there holds
-- its row locked.
CREATE TABLE audit.turn (place text PRIMARY KEY);

-- Each government has a journal with numbers of its own; 'receipts' is that of files before anybody
-- knows whose they are. The events of before, of everybody, stay in one without a name.
ALTER TABLE audit.event_counter RENAME TO journal;
ALTER TABLE audit.journal ADD COLUMN journal_code text NOT NULL DEFAULT '' PRIMARY KEY;
ALTER TABLE audit.journal ALTER COLUMN journal_code DROP DEFAULT;
ALTER TABLE audit.event ADD COLUMN journal_code text NOT NULL DEFAULT '';
ALTER TABLE audit.event ALTER COLUMN journal_code DROP DEFAULT;
ALTER TABLE audit.event DROP CONSTRAINT event_pkey;
ALTER TABLE audit.event ADD PRIMARY KEY (journal_code, event_number);
DROP INDEX audit.event_not_in_archive;
CREATE INDEX event_not_in_archive ON audit.event (journal_code, event_number)
WHERE NOT is_in_archive;

-- A report that was overtaken before it was in force was in force at no time.
ALTER TABLE core.pledge_report ALTER COLUMN superseded_at DROP NOT NULL;
UPDATE core.pledge_report SET superseded_at = NULL
WHERE superseded_at <= accepted_at;
ALTER TABLE core.pledge_report
ADD CONSTRAINT pledge_report_validity CHECK (accepted_at < superseded_at);
