-- What was set aside and will never be done: somebody has said so, and it is neither tried nor warned of any more.

ALTER TABLE work.set_aside ADD COLUMN given_up boolean NOT NULL DEFAULT false;
