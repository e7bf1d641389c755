CREATE TABLE requests (
  identity_provider TEXT    NOT NULL,
  issuer            TEXT    NOT NULL,
  subject           TEXT    NOT NULL,
  method            TEXT    NOT NULL,
  workspace         TEXT    NOT NULL,
  request_id        TEXT    NOT NULL,
  workspace_id      TEXT    NOT NULL,
  fingerprint       BLOB    NOT NULL,
  fingerprint_key   TEXT    NOT NULL,
  begun_at_ms       INTEGER NOT NULL,
  completed_at_ms   INTEGER,
  object_id         TEXT    NOT NULL,
  object_version    INTEGER NOT NULL,
  outcome           INTEGER NOT NULL,
  PRIMARY KEY (identity_provider, issuer, subject, method, workspace, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX requests_by_completion ON requests (completed_at_ms) WHERE completed_at_ms IS NOT NULL;
