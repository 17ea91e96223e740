-- One row, or none before anything was received: the first receipt, which no two installations
-- share and nothing changes. Reads audit.event.

SELECT MD5(FORMAT('%s %s', EXTRACT(EPOCH FROM at), lines)) AS origin
FROM audit.event
WHERE journal_code = 'receipts' AND event_number = 1
