-- A new receipt asks for those of its own moment, however many there are of others.
CREATE INDEX submission_received ON audit.submission (received_at);
