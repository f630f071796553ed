-- Something to begin with.
CREATE SCHEMA IF NOT EXISTS shop;
CREATE TABLE IF NOT EXISTS shop.orders (id bigint PRIMARY KEY, country text NOT NULL, amount numeric(10,2) NOT NULL, ordered_at timestamp NOT NULL);
INSERT INTO shop.orders
SELECT i, (ARRAY['DE', 'FR', 'US'])[1 + i % 3], (i % 1000) / 10.0, timestamp '2026-01-01' + i * interval '1 minute'
FROM generate_series(1, 100000) i
ON CONFLICT DO NOTHING;
