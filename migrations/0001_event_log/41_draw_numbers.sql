-- The next numbers, gapless because they are undone with the append; null for an event that draws none.
CREATE FUNCTION log.draw_numbers(series_names text[], series_of integer[]) RETURNS bigint[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    last bigint[] := array_fill(0::bigint, ARRAY[cardinality(series_names)]);
    numbers bigint[] := '{}';
    drawn integer[] := last;
    before bigint;
    which integer;
BEGIN
    FOREACH which IN ARRAY series_of LOOP
        IF which IS NOT NULL THEN
            drawn[which] := drawn[which] + 1;
        END IF;
    END LOOP;
    FOR which IN 1 .. cardinality(series_names) LOOP
        INSERT INTO log.number_series AS s VALUES (series_names[which], drawn[which])
        ON CONFLICT (series) DO UPDATE SET last_number = s.last_number + excluded.last_number
        RETURNING s.last_number - drawn[which] INTO before;
        last[which] := before;
    END LOOP;
    FOREACH which IN ARRAY series_of LOOP
        IF which IS NOT NULL THEN
            last[which] := last[which] + 1;
        END IF;
        numbers := numbers || last[which];
    END LOOP;
    RETURN numbers;
END
$$;
