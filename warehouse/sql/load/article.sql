-- Purpose: store articles that are not yet stored.
-- Result: number of rows added.
INSERT INTO article (
    url, entry_url, final_url, outlet, title, word_count, fetched_at, first_seen_at, canonical_link, authors, language,
    published_at, published_precision, published_source, extractor,
    language_confidence, published_from, published_offset_minutes, published_gap_seconds, modified_at,
    modified_precision, section, lead_image_url, page_class, class_evidence,
    content_hash, shingle_length, sketch_size, fingerprint_version, run_id)
SELECT
    url, entry_url, final_url, outlet, title, word_count, fetched_at, first_seen_at, canonical_link, authors, language,
    published_at, published_precision, published_source, extractor,
    language_confidence, published_from, published_offset_minutes, published_gap_seconds, modified_at,
    modified_precision, section, lead_image_url, page_class, class_evidence,
    content_hash, shingle_length, sketch_size, fingerprint_version, $run_id
FROM batch
ON CONFLICT (url) DO NOTHING
