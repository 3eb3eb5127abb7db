-- Versions can be judged again. One that is READY meanwhile stays so, and is marked.

ALTER TABLE version ADD COLUMN validations INTEGER DEFAULT 1 NOT NULL;
ALTER TABLE version ADD COLUMN validating_again BOOLEAN DEFAULT FALSE NOT NULL;
