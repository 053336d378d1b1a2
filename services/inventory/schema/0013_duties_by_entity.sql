-- Which duties of an entity are open.
CREATE INDEX duties_by_entity ON duties (entity, state, kind);
