"""The page 제출 현황 in Airflow's navigation: who has submitted, and files sent in by departments.

`plugins/` is what Airflow finds, `gate.py` the light part that every process of Airflow loads,
`app.py` the pages. Who a visitor is comes from Airflow's login (`login.py`); which departments
that is, from the warehouse (`visitors.py`).
"""
