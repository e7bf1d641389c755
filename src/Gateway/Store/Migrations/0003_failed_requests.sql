ALTER TABLE requests ADD COLUMN failed_at_ms INTEGER;

CREATE INDEX requests_by_failure ON requests (identity_provider, issuer, subject, failed_at_ms) WHERE failed_at_ms IS NOT NULL;
