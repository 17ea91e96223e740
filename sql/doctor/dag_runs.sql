-- Each row is one DAG that Airflow knows now, with its newest run and the next one that is due;
-- one that is due for an hour and has not begun is missed; on Airflow's own database.
-- Reads dag, dag_run.

WITH newest AS (
    SELECT DISTINCT ON (dag_id)
        dag_id,
        run_id,
        state,
        COALESCE(end_date, start_date, run_after) AS moment
    FROM dag_run
    ORDER BY dag_id ASC, run_after DESC
)

SELECT
    dag.dag_id,
    dag.is_paused,
    COALESCE(dag.has_import_errors, FALSE) AS is_broken,
    dag.next_dagrun_create_after AS due_at,
    newest.run_id,
    newest.state,
    newest.moment,
    NOT dag.is_paused AND dag.next_dagrun_create_after < NOW() - interval '1 hour' AS is_missed
FROM dag
LEFT JOIN newest USING (dag_id)
WHERE NOT dag.is_stale
ORDER BY dag.dag_id
