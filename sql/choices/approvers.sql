-- Each row is one user of Airflow's pages who has the role that approves; in Airflow's database.
-- Reads ab_user, ab_user_role, ab_role.

SELECT
    ab_user.id::text AS value, -- noqa: RF04
    ab_user.username AS label
FROM ab_user
INNER JOIN ab_user_role ON ab_user.id = ab_user_role.user_id
INNER JOIN ab_role ON ab_user_role.role_id = ab_role.id
WHERE ab_role.name = :role AND ab_user.active
ORDER BY ab_user.username
