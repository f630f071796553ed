-- What stages gave, by what names their work: the newest of each. The results bear the manifests of their datasets.
CREATE TABLE etl.step_results (
    reuse_key text COLLATE "C" NOT NULL PRIMARY KEY,
    run_id    text COLLATE "C" NOT NULL,
    done_at   bigint NOT NULL,
    results   bytea  NOT NULL
);
CREATE INDEX step_results_by_run ON etl.step_results (run_id);

-- What a run is about, for those who start runs: a day, an order.
ALTER TABLE etl.run_heads ADD COLUMN run_key text COLLATE "C";
CREATE INDEX run_heads_by_key ON etl.run_heads (pipeline, run_key, run_id) WHERE run_key IS NOT NULL;

-- The fence of starts that depend on which other runs there are: each moves it from the run that it expects,
-- last_run_id, which stands in the row because an upsert can compare with nothing but its own columns.
CREATE TABLE etl.run_starts (
    start_key   text COLLATE "C" NOT NULL PRIMARY KEY,
    run_id      text COLLATE "C" NOT NULL,
    last_run_id text COLLATE "C"
);
CREATE INDEX run_starts_by_run ON etl.run_starts (run_id);
