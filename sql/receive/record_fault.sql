-- Writes down one fault of ours while a file was handled.

INSERT INTO audit.fault (
    submission_id, batch_id, stage, happened_at, code_version, error_type, place, trace
)
VALUES (
    :submission_id, :batch_id, :stage, :happened_at, :code_version, :error_type, :place, :trace
)
