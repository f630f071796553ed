-- Times are microseconds since 1970, UTC, but in the tables of the cluster, which live by this server's clock. Status columns hold the
-- words that people see. Free text is stored with a backslash before each backslash, and \0 for a zero, which text cannot hold.
-- Names sort by their bytes, as they do everywhere else in this program, whatever the database's collation.

CREATE SCHEMA IF NOT EXISTS etl;
CREATE TABLE etl.schema_versions (version int NOT NULL PRIMARY KEY, applied_at timestamptz NOT NULL);

-- One row a run: the fence (an append moves the version from the one it expects, or does not happen), the row of lists, and the wake.
-- What an append changes is in no index, so an update stays within its page, for which the page keeps room; what changes most stands
-- together, so that little of the row goes to the log. due_at is in an index, but seldom changes.
CREATE TABLE etl.run_heads (
    run_id        text COLLATE "C" NOT NULL PRIMARY KEY,
    pipeline      text COLLATE "C" NOT NULL,
    definition    text   NOT NULL,
    started_at    bigint NOT NULL,
    rerun_of      text,
    steps_total   int    NOT NULL,
    version       bigint NOT NULL,
    steps_done    int    NOT NULL,
    status        text COLLATE "C" NOT NULL,
    ended_at      bigint,
    due_at        bigint,
    driver        text,
    fault_code    text,
    fault_message text
) WITH (fillfactor = 60);
-- Run ids sort by start, so each list, newest first, is a walk along one of these from its end.
CREATE INDEX run_heads_by_status ON etl.run_heads (status, run_id);
CREATE INDEX run_heads_by_pipeline ON etl.run_heads (pipeline, status, run_id);
CREATE INDEX run_heads_by_end ON etl.run_heads (ended_at, run_id) WHERE ended_at IS NOT NULL;
CREATE INDEX run_heads_by_due ON etl.run_heads (due_at, run_id) WHERE due_at IS NOT NULL;

-- One row an append: its first event's number, its events, each behind its length, and the rows of the steps that it changed. A step's
-- row is the last that an append of its run brought: writing each of them to a table costs more than all the rest of an append.
CREATE TABLE etl.journal (
    run_id    text COLLATE "C" NOT NULL,
    seq       bigint NOT NULL,
    append_id uuid   NOT NULL,
    count     int    NOT NULL,
    events    bytea  NOT NULL,
    steps     bytea,
    PRIMARY KEY (run_id, seq)
);

CREATE TABLE etl.snapshots (
    run_id   text COLLATE "C" NOT NULL PRIMARY KEY,
    version  bigint NOT NULL,
    snapshot bytea  NOT NULL
);

-- Numbers follow the order of publication.
CREATE TABLE etl.datasets (
    number       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text COLLATE "C" NOT NULL,
    version      text COLLATE "C" NOT NULL,
    run_id       text COLLATE "C" NOT NULL,
    step_id      text   NOT NULL,
    row_count    bigint NOT NULL,
    byte_count   bigint NOT NULL,
    published_at bigint NOT NULL,
    manifest     bytea  NOT NULL,
    UNIQUE (name, version)
);
CREATE INDEX datasets_by_name ON etl.datasets (name, number);
CREATE INDEX datasets_by_run ON etl.datasets (run_id, number);

CREATE TABLE etl.grain_state (
    grain_id   text COLLATE "C" NOT NULL,
    state_name text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    write_id   uuid   NOT NULL,
    value      bytea,
    PRIMARY KEY (grain_id, state_name)
) WITH (fillfactor = 50);

CREATE TABLE etl.reminders (
    service_id text COLLATE "C" NOT NULL,
    grain_id   text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    grain_hash bigint NOT NULL,
    start_at   bigint NOT NULL,
    period     bigint NOT NULL,
    etag       bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (service_id, grain_id, name)
);
CREATE INDEX reminders_by_hash ON etl.reminders (service_id, grain_hash);

-- The view of a cluster: its version moves by one with each silo that is added or changed.
CREATE TABLE etl.membership_versions (
    cluster_id text COLLATE "C" NOT NULL PRIMARY KEY,
    version    int  NOT NULL
);

CREATE TABLE etl.membership (
    cluster_id   text COLLATE "C" NOT NULL,
    silo         text COLLATE "C" NOT NULL,
    status       int    NOT NULL,
    host_name    text   NOT NULL,
    silo_name    text   NOT NULL,
    role_name    text,
    proxy_port   int    NOT NULL,
    update_zone  int    NOT NULL,
    fault_zone   int    NOT NULL,
    suspects     text[] NOT NULL,
    suspected_at timestamptz[] NOT NULL,
    etag         bigint NOT NULL,
    started_at   timestamptz NOT NULL,
    alive_at     timestamptz NOT NULL,
    PRIMARY KEY (cluster_id, silo)
) WITH (fillfactor = 50);
