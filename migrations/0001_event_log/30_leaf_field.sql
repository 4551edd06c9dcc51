-- One column in the bytes of a row: its length and its bytes; see log.leaf_bytes.
CREATE FUNCTION log.leaf_field(field bytea) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(int4send(octet_length(field)) || field, '\xffffffff'::bytea)
$$;
