-- A report's lines are inserted by a query over the reports themselves, which nothing deletes, and
-- their control totals are compared before the commit: asking for the report again, line by line,
-- proves nothing and took a third of loading. The constraint stays as a statement, for readers.
ALTER TABLE core.fct_quarterly_budget
ALTER CONSTRAINT fct_quarterly_budget_report_id_fkey NOT ENFORCED;
ALTER TABLE core.achievement
ALTER CONSTRAINT achievement_report_id_fkey NOT ENFORCED;
