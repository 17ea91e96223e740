-- Notes what became of a mail that was taken.

UPDATE audit.mail
SET state = :state, problem = :problem
WHERE mail_id = :mail_id
