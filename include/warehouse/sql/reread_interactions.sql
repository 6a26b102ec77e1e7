-- What is staged of the interaction; if that is an earlier word, nothing is kept to compare with.
SELECT * FROM staging.interaction WHERE interaction.record_id = told.record_id
