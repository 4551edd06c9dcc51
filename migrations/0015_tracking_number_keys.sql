-- A tracking number is found whatever its spaces, hyphens and case: claims are kept by the plain number, with spaces
-- between carrier, number and shipment, which no plain number contains (a number may contain the colon of before).

WITH before AS (
    DELETE FROM log.claims WHERE kind = 'tracking' AND key ~ '^[a-z0-9_-]+:.*:[0-9a-f-]{36}$'
    RETURNING kind, partition_id, right(key, 36) AS shipment_id, split_part(key, ':', 1) AS carrier,
        substr(key, length(split_part(key, ':', 1)) + 2, length(key) - length(split_part(key, ':', 1)) - 38) AS number
)
INSERT INTO log.claims (kind, key, partition_id)
SELECT kind, concat_ws(' ', carrier, upper(regexp_replace(number, E'[[:space:]\u00ad\u2010-\u2015\u2212-]', '', 'g')),
    shipment_id), partition_id
FROM before
ON CONFLICT DO NOTHING;
