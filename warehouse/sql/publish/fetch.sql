-- Purpose: publish what the view `why` needs of the exchanges with servers: those for pages.
-- Result: number of rows.
INSERT INTO snapshot."fetch" BY NAME SELECT * FROM private."fetch" WHERE kind = 'page'
