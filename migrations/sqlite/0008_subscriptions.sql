-- How far each subscription of a module has come in its company's log of events.
CREATE TABLE subscription (
    company  TEXT   NOT NULL,
    module   TEXT   NOT NULL,
    name     TEXT   NOT NULL,             -- as the manifest has it
    position BIGINT NOT NULL,             -- the last event that is dealt with; also the fence of who delivers
    state    TEXT   NOT NULL,             -- active, resting (its module is not used), full (too many events are held)
    moved_at BIGINT NOT NULL,
    PRIMARY KEY (company, module, name)
);

-- Events that could not be handled, and those about the same subject that wait behind them.
CREATE TABLE held_event (
    company  TEXT   NOT NULL,
    module   TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    seq      BIGINT NOT NULL,             -- its place in the log
    subject  TEXT   NOT NULL,
    status   TEXT   NOT NULL,             -- ready, waiting (behind another), dead
    attempts BIGINT NOT NULL,
    run_at   BIGINT NOT NULL,             -- not before; of those that are ready
    error    TEXT,                        -- of the last attempt
    since    BIGINT NOT NULL,
    PRIMARY KEY (company, module, name, seq)
);
CREATE INDEX held_event_by_subject ON held_event (company, module, name, subject, seq);
CREATE INDEX held_event_ready ON held_event (run_at) WHERE status = 'ready';
