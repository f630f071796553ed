-- When the grain is to be woken; most need not be.
ALTER TABLE grain_state ADD COLUMN due_at INTEGER;
CREATE INDEX grain_state_by_due ON grain_state (due_at, grain_id) WHERE due_at IS NOT NULL;
