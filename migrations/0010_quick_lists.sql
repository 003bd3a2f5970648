-- What keeps the portal's lists quick when there are thousands of rows, and the audit when there are millions.

-- The same keys as before, from one call of translate(): PostgreSQL puts a function of a single expression into the
-- statement itself, and calls any other for each row, which took ten times as long.
CREATE OR REPLACE FUNCTION sinetti_sort_key(given text, language text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(lower(given COLLATE "C"),
        CASE WHEN language NOT IN ('sv', 'en')
                 THEN 'åäæöøüwéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđÅÄÆÖØÜÉÈÊËÁÀÂÃÍÌÎÏÓÒÔÕÚÙÛÇÑÝŠŽČŚŹĆŁĐ'
                 ELSE 'åäæöøüéèêëáàâãíìîïóòôõúùûçñýšžčśźćłđÅÄÆÖØÜÉÈÊËÁÀÂÃÍÌÎÏÓÒÔÕÚÙÛÇÑÝŠŽČŚŹĆŁĐ'
        END,
        CASE language
            WHEN 'en' THEN 'aaaooueeeeaaaaiiiioooouuucnyszcszcldaaaooueeeeaaaaiiiioooouuucnyszcszcld'
            WHEN 'sv' THEN '{||}}yeeeeaaaaiiiioooouuucnyszcszcld{||}}yeeeeaaaaiiiioooouuucnyszcszcld'
            ELSE           '{||}}yveeeeaaaaiiiioooouuucnyszcszcld{||}}yeeeeaaaaiiiioooouuucnyszcszcld'
        END) COLLATE "C"
$$;

-- The words of a name, without marks, for searches by how a word begins. No parser of PostgreSQL's text search is asked:
-- it takes client ids and mail addresses for something else. The body's names are resolved here and now, for an index is
-- built without a search path.
CREATE FUNCTION sinetti_words(given text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(
        array_remove(regexp_split_to_array(sinetti_sort_key(given, 'en'), '[] \[,.;:/_()@"''&|!<>*\\-]+'), ''));

CREATE INDEX audit_entry_words ON audit_entry USING gin (sinetti_words(user_name || ' ' || object_name));
CREATE INDEX audit_entry_time ON audit_entry (recorded_at, audit_number);
CREATE INDEX audit_entry_time_of_organisation ON audit_entry (organisation_id, recorded_at, audit_number);
CREATE INDEX audit_entry_time_of_action ON audit_entry (action, recorded_at, audit_number);

-- Lists by name, in the order of each language.
CREATE INDEX location_name_fi ON location (sinetti_sort_key(name, 'fi'), location_id);
CREATE INDEX location_name_sv ON location (sinetti_sort_key(name, 'sv'), location_id);
CREATE INDEX location_name_en ON location (sinetti_sort_key(name, 'en'), location_id);
CREATE INDEX client_equipment_name_fi ON client_equipment (sinetti_sort_key(name, 'fi'), equipment_id) WHERE deleted_at IS NULL;
CREATE INDEX client_equipment_name_sv ON client_equipment (sinetti_sort_key(name, 'sv'), equipment_id) WHERE deleted_at IS NULL;
CREATE INDEX client_equipment_name_en ON client_equipment (sinetti_sort_key(name, 'en'), equipment_id) WHERE deleted_at IS NULL;
CREATE INDEX person_name_fi ON person (sinetti_sort_key(name, 'fi'), user_id);
CREATE INDEX person_name_sv ON person (sinetti_sort_key(name, 'sv'), user_id);
CREATE INDEX person_name_en ON person (sinetti_sort_key(name, 'en'), user_id);
CREATE INDEX organisation_name_fi ON organisation (sinetti_sort_key(name, 'fi'), organisation_id);
CREATE INDEX organisation_name_sv ON organisation (sinetti_sort_key(name, 'sv'), organisation_id);
CREATE INDEX organisation_name_en ON organisation (sinetti_sort_key(name, 'en'), organisation_id);
