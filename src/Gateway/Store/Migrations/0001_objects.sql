CREATE TABLE objects (
  id               TEXT    NOT NULL PRIMARY KEY,
  type             TEXT    NOT NULL,
  workspace        TEXT    NOT NULL,
  name             TEXT    NOT NULL,
  labels           TEXT    NOT NULL,
  payload          BLOB    NOT NULL,
  created_at_ms    INTEGER NOT NULL,
  updated_at_ms    INTEGER NOT NULL,
  resource_version INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX objects_by_name ON objects (type, workspace, name);
CREATE INDEX objects_by_age ON objects (type, created_at_ms, name, workspace, id);
