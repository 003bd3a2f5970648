-- add_photo --
-- A photo of an alert. The same file again is the same photo.
INSERT INTO alert_photo (product_id, event_number, photo_id, taken_in_at, party, user_id, user_name, organisation_id, by_link,
                         source_address, sha256, media_type, width, height, codes, remarks, original, shown, small)
VALUES (%(product_id)s, %(event_number)s, %(photo_id)s, %(now)s, %(party)s, %(user_id)s, %(user_name)s, %(organisation_id)s,
        %(by_link)s, %(source_address)s, %(sha256)s, %(media_type)s, %(width)s, %(height)s, %(codes)s, %(remarks)s,
        %(original)s, %(shown)s, %(small)s)
    ON CONFLICT (product_id, event_number, sha256) DO NOTHING
RETURNING photo_id

-- want_analysis --
-- What a photographed code says may change what is thought of an alert.
UPDATE alert_file SET analysis_wanted_at = %(now)s
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND alert_id IS NOT NULL

-- count_photos --
-- How many photos an alert has.
SELECT count(*) FROM alert_photo WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)

-- photos_of_file --
-- The photos of an alert, the oldest first, without their pictures.
SELECT photo_id, taken_in_at, party, user_name AS person, organisation_id, encode(sha256, 'hex') AS sha256, width, height,
       codes, remarks
  FROM alert_photo
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s)
 ORDER BY taken_in_at, photo_id

-- shown_photo --
-- The picture that browsers show.
SELECT shown, small FROM alert_photo
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND photo_id = %(photo_id)s

-- original_photo --
-- The file as it came, for those who judge it as evidence.
SELECT original, media_type, encode(sha256, 'hex') FROM alert_photo
 WHERE (product_id, event_number) = (%(product_id)s, %(event_number)s) AND photo_id = %(photo_id)s

-- add_photo_link --
-- A link for a telephone; of its token only the digest is kept.
INSERT INTO alert_photo_link (token_sha256, product_id, event_number, party, user_id, user_name, organisation_id, made_at,
                              expires_at)
VALUES (%(token_sha256)s, %(product_id)s, %(event_number)s, %(party)s, %(user_id)s, %(user_name)s, %(organisation_id)s,
        %(now)s, %(expires_at)s)

-- find_photo_link --
-- What a link is for; nothing where there never was one or it is too old.
SELECT product_id, event_number, party, user_id, user_name, organisation_id
  FROM alert_photo_link
 WHERE token_sha256 = %(token_sha256)s AND expires_at > %(now)s

-- remove_old_photo_links --
-- Links that open nothing any more.
DELETE FROM alert_photo_link WHERE expires_at < %(now)s
