-- compatible
-- What waits for anybody, in the order of its list, and what the metrics count every few seconds.
CREATE INDEX tasks_by_closed ON tasks (closed, opened, id, step);
CREATE INDEX routings_by_took ON routings (took);
