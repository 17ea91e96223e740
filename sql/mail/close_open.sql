-- Leaves no mail to send in a warehouse that was restored: what was owed then may have gone since.

UPDATE audit.mail
SET state = 'unknown', problem = '백업을 되살림'
WHERE state IN ('due', 'sending', 'failed')
