-- compatible
-- The subscriptions of entities. A change by a call raises the version, which is the etag.
CREATE TABLE subscriptions (
  name TEXT PRIMARY KEY,
  entity TEXT NOT NULL,
  -- One replica at a time delivers the subscriptions of a shard.
  shard BIGINT NOT NULL,
  version BIGINT NOT NULL,
  display_name TEXT NOT NULL,
  filter TEXT NOT NULL,
  -- The receiver: a serialized Subscription that has no other field.
  channel BLOB NOT NULL,
  is_mail BIGINT NOT NULL,
  paused BIGINT NOT NULL,
  -- References to secrets (common/outbound/webhook.h), and until when the previous one also signs; 0: not.
  secret TEXT NOT NULL,
  previous_secret TEXT NOT NULL,
  previous_until BIGINT NOT NULL,
  created BIGINT NOT NULL,
  updated BIGINT NOT NULL
);

CREATE INDEX subscriptions_by_entity ON subscriptions (entity, created, name);

-- The progress of each subscription: the replica that has its shard changes it often.
CREATE TABLE subscription_progress (
  subscription TEXT PRIMARY KEY,
  shard BIGINT NOT NULL,
  -- The number of the last row of the inbox for which a delivery was created, if it matched.
  position BIGINT NOT NULL,
  -- When there is something to do next.
  due BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  hold_until BIGINT NOT NULL,
  last_success BIGINT NOT NULL,
  last_failure BIGINT NOT NULL
);

CREATE INDEX subscription_progress_by_due ON subscription_progress (shard, due);

-- Parts of inboxes that are delivered again: the rows after `position` up to `last` whose time is from `since` to before
-- `until`.
CREATE TABLE subscription_replays (
  id TEXT PRIMARY KEY,
  subscription TEXT NOT NULL,
  position BIGINT NOT NULL,
  last BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL
);

CREATE INDEX subscription_replays_by_subscription ON subscription_replays (subscription, id);

-- One event on its way to one receiver. States and kinds are the numbers of the enums in delivery.proto.
CREATE TABLE deliveries (
  seq IDENTITY_KEY,
  name TEXT NOT NULL UNIQUE,
  subscription TEXT NOT NULL,
  entity TEXT NOT NULL,
  kind BIGINT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT NOT NULL,
  bucp TEXT NOT NULL,
  -- What is delivered in order: the BUCP, or the subject of an event without one.
  line TEXT NOT NULL,
  state BIGINT NOT NULL,
  -- The attempts since it was created or delivered again, and all of them.
  tries BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  next_try BIGINT NOT NULL,
  created BIGINT NOT NULL,
  ended BIGINT NOT NULL
);

CREATE INDEX deliveries_of_subscription ON deliveries (subscription, seq);

CREATE INDEX deliveries_pending ON deliveries (subscription, line, seq) WHERE state = 1;

CREATE INDEX deliveries_dead ON deliveries (entity, seq) WHERE state = 3;

CREATE INDEX deliveries_ended ON deliveries (ended) WHERE state <> 1;

CREATE TABLE delivery_attempts (
  delivery TEXT NOT NULL,
  number BIGINT NOT NULL,
  time BIGINT NOT NULL,
  millis BIGINT NOT NULL,
  status BIGINT NOT NULL,
  answer TEXT NOT NULL,
  error TEXT NOT NULL,
  next_try BIGINT NOT NULL,
  PRIMARY KEY (delivery, number)
);

-- Which replica has each shard. A renewal changes the number, so that other replicas see that the owner lives.
CREATE TABLE delivery_shards (
  shard BIGINT PRIMARY KEY,
  owner TEXT NOT NULL,
  renewals BIGINT NOT NULL
);

-- The replicas that want shards.
CREATE TABLE delivery_replicas (
  owner TEXT PRIMARY KEY,
  renewals BIGINT NOT NULL
);

-- Never has a row: replicas that take, renew or return shards lock it.
CREATE TABLE delivery_lane (unused BIGINT);

-- The addresses of the contacts who receive the mails of a subscription, separated by line feeds, as the registry last
-- named them.
CREATE TABLE subscription_recipients (
  subscription TEXT PRIMARY KEY,
  addresses TEXT NOT NULL
);

CREATE INDEX subscriptions_with_mail ON subscriptions (name) WHERE is_mail = 1;

-- Where a watch or a replay begins.
CREATE INDEX inbox_by_time ON inbox (entity, time, seq);
