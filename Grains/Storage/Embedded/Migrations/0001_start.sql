-- Times are microseconds since 1970, UTC. Status columns hold the words that people see.

-- The fence: an append moves the version from the one it expects, or does not happen.
CREATE TABLE run_heads (
    run_id  TEXT    NOT NULL PRIMARY KEY,
    version INTEGER NOT NULL
) WITHOUT ROWID;

-- append_id stands at the first event of an append and settles whether a lost answer was a success.
CREATE TABLE journal (
    run_id    TEXT    NOT NULL,
    seq       INTEGER NOT NULL,
    append_id BLOB,
    event     BLOB    NOT NULL,
    PRIMARY KEY (run_id, seq)
) WITHOUT ROWID;

CREATE TABLE snapshots (
    run_id   TEXT    NOT NULL PRIMARY KEY,
    version  INTEGER NOT NULL,
    snapshot BLOB    NOT NULL
);

CREATE TABLE runs (
    run_id        TEXT    NOT NULL PRIMARY KEY,
    pipeline      TEXT    NOT NULL,
    definition    TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    steps_total   INTEGER NOT NULL,
    steps_done    INTEGER NOT NULL,
    fault_code    TEXT,
    fault_message TEXT,
    rerun_of      TEXT,
    driver        TEXT
) WITHOUT ROWID;
-- Run ids sort by start, so each list, newest first, is a walk along one of these from its end.
CREATE INDEX runs_by_pipeline ON runs (pipeline, run_id);
CREATE INDEX runs_by_status ON runs (status, run_id);
CREATE INDEX runs_by_pipeline_status ON runs (pipeline, status, run_id);
CREATE INDEX runs_by_end ON runs (ended_at, run_id) WHERE ended_at IS NOT NULL;

CREATE TABLE steps (
    run_id        TEXT    NOT NULL,
    step_id       TEXT    NOT NULL,
    position      INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    status        TEXT    NOT NULL,
    attempts      INTEGER NOT NULL,
    started_at    INTEGER,
    ended_at      INTEGER,
    rows_in       INTEGER,
    rows_out      INTEGER,
    rows_rejected INTEGER,
    fault_code    TEXT,
    PRIMARY KEY (run_id, step_id)
) WITHOUT ROWID;

-- Numbers follow the order of publication.
CREATE TABLE datasets (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL,
    version      TEXT    NOT NULL,
    run_id       TEXT    NOT NULL,
    step_id      TEXT    NOT NULL,
    row_count    INTEGER NOT NULL,
    byte_count   INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    manifest     BLOB    NOT NULL,
    UNIQUE (name, version)
);
CREATE INDEX datasets_by_name ON datasets (name, number);
CREATE INDEX datasets_by_run ON datasets (run_id, number);

CREATE TABLE wakes (
    run_id TEXT    NOT NULL PRIMARY KEY,
    due_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX wakes_by_due ON wakes (due_at, run_id);

CREATE TABLE drivers (
    driver        TEXT    NOT NULL PRIMARY KEY,
    host          TEXT    NOT NULL,
    process_id    INTEGER NOT NULL,
    process_start TEXT    NOT NULL,
    renewed_at    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE letters (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id    TEXT    NOT NULL,
    posted_at INTEGER NOT NULL,
    command   BLOB    NOT NULL,
    answer    BLOB
);
CREATE INDEX letters_waiting ON letters (number) WHERE answer IS NULL;
CREATE INDEX letters_by_run ON letters (run_id, number);

CREATE TABLE grain_state (
    grain_id   TEXT    NOT NULL,
    state_name TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    write_id   BLOB    NOT NULL,
    value      BLOB,
    PRIMARY KEY (grain_id, state_name)
) WITHOUT ROWID;

CREATE TABLE reminders (
    grain_id   TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    grain_hash INTEGER NOT NULL,
    start_at   INTEGER NOT NULL,
    period     INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    PRIMARY KEY (grain_id, name)
) WITHOUT ROWID;
CREATE INDEX reminders_by_hash ON reminders (grain_hash);
