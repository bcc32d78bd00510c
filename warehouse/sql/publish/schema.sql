-- Purpose: give the snapshot the tables, views and comments of the private file, then drop what no view needs.
--   Several statements. One source for both: what the private file says of a column, the snapshot says too. The columns that
--   are dropped here are those that the statement of their table leaves out.
-- Result: none.
COPY FROM DATABASE private TO snapshot (SCHEMA);
DROP TABLE snapshot.posting;
DROP TABLE snapshot.sketch;
DROP TABLE snapshot.seed_text;
DROP TABLE snapshot.url_rule;
DROP TABLE snapshot.schema_migration;
ALTER TABLE snapshot.article DROP COLUMN canonical_link;
ALTER TABLE snapshot.article DROP COLUMN shingle_length;
ALTER TABLE snapshot.article DROP COLUMN sketch_size;
ALTER TABLE snapshot.article DROP COLUMN fingerprint_version;
ALTER TABLE snapshot.backfill_slice DROP COLUMN feed_url;
ALTER TABLE snapshot.backfill_slice DROP COLUMN depth;
ALTER TABLE snapshot.feed DROP COLUMN outlet;
ALTER TABLE snapshot.feed DROP COLUMN kind;
ALTER TABLE snapshot.feed_state DROP COLUMN has_false_validators;
ALTER TABLE snapshot.feed_state DROP COLUMN answered_at;
ALTER TABLE snapshot.feed_state DROP COLUMN full_fetch_at;
ALTER TABLE snapshot.feed_state DROP COLUMN usual_entries_per_hour;
ALTER TABLE snapshot.feed_state DROP COLUMN recent_entries_per_hour;
ALTER TABLE snapshot.feed_state DROP COLUMN ttl_seconds;
ALTER TABLE snapshot.feed_state DROP COLUMN not_before_at;
ALTER TABLE snapshot.feed_state DROP COLUMN backoff;
ALTER TABLE snapshot.revision DROP COLUMN old_content_hash;
ALTER TABLE snapshot.revision DROP COLUMN new_content_hash;
ALTER TABLE snapshot.run DROP COLUMN stage_seconds;
ALTER TABLE snapshot.run DROP COLUMN stage_cpu_seconds;
ALTER TABLE snapshot.seed DROP COLUMN url;
ALTER TABLE snapshot.seed DROP COLUMN published_precision;
ALTER TABLE snapshot.seed DROP COLUMN facts;
ALTER TABLE snapshot.seed DROP COLUMN content_hash;
ALTER TABLE snapshot.seed DROP COLUMN shingle_length;
ALTER TABLE snapshot.seed DROP COLUMN shingle_count;
ALTER TABLE snapshot.seed DROP COLUMN fingerprint_version;
ALTER TABLE snapshot.story_match_history DROP COLUMN story_version;
ALTER TABLE snapshot.verdict_history DROP COLUMN containment;
ALTER TABLE snapshot.verdict_history DROP COLUMN resemblance;
ALTER TABLE snapshot.verdict_history DROP COLUMN shared_shingles;
ALTER TABLE snapshot.verdict_history DROP COLUMN similarity;
ALTER TABLE snapshot.verdict_history DROP COLUMN lead_seconds
