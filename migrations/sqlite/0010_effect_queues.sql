-- The queue of each module in its own order, and of what no module does: so that the tasks that wait for the share of their
-- module are not passed over one by one when others are claimed.
CREATE INDEX effect_of_module_due ON effect (company, module, run_at) WHERE status = 'ready' AND module IS NOT NULL;
CREATE INDEX effect_of_none_due ON effect (run_at) WHERE status = 'ready' AND module IS NULL;
