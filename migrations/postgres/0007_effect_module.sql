-- Whose code does a task, so that a module has its share of the workers and no more. Nothing for mails and requests, and for
-- what programs wrote that did not know of this.
ALTER TABLE effect ADD COLUMN module TEXT;

-- How old the oldest task of a module is.
CREATE INDEX effect_of_module ON effect (company, module, created_at) WHERE status = 'ready' AND module IS NOT NULL;
