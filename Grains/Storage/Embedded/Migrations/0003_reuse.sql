-- What stages gave, by what names their work: the newest of each. The results bear the manifests of their datasets.
CREATE TABLE step_results (
    reuse_key TEXT    NOT NULL PRIMARY KEY,
    run_id    TEXT    NOT NULL,
    done_at   INTEGER NOT NULL,
    results   BLOB    NOT NULL
) WITHOUT ROWID;
CREATE INDEX step_results_by_run ON step_results (run_id);

-- What a run is about, for those who start runs: a day, an order.
ALTER TABLE runs ADD COLUMN run_key TEXT;
CREATE INDEX runs_by_key ON runs (pipeline, run_key, run_id) WHERE run_key IS NOT NULL;

-- The fence of starts that depend on which other runs there are: each moves it from the run that it expects.
CREATE TABLE run_starts (
    start_key TEXT NOT NULL PRIMARY KEY,
    run_id    TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX run_starts_by_run ON run_starts (run_id);
