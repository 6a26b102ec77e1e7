CREATE TABLE business_partner (
    partner_no VARCHAR(10) PRIMARY KEY, company VARCHAR(80), salutation VARCHAR(20), first_name VARCHAR(40), last_name VARCHAR(40),
    language CHAR(2), email VARCHAR(80), phone VARCHAR(30), mobile VARCHAR(30), vat_no VARCHAR(20), credit_limit NUMERIC(10, 2),
    archived BOOLEAN NOT NULL, created_at TIMESTAMP NOT NULL, changed_at TIMESTAMP NOT NULL
);
CREATE TABLE partner_address (
    address_no INTEGER PRIMARY KEY, partner_no VARCHAR(10) NOT NULL, usage VARCHAR(10) NOT NULL, street VARCHAR(80), zip VARCHAR(10),
    city VARCHAR(40), country CHAR(2), email VARCHAR(80), phone VARCHAR(30), changed_at TIMESTAMP NOT NULL
);
INSERT INTO business_partner VALUES
    ('BP-1001', 'Blumen Kessler GmbH', 'Frau', 'Anneliese', 'Kessler', 'de', 'info@blumen-kessler.example', '030 1234567', NULL,
     'DE811234567', 5000.00, FALSE, '2021-03-01 09:00:00', '2026-08-02 14:30:00'),
    ('BP-1002', NULL, 'Sra.', 'Begoña', 'Núñez Ibáñez', 'es', NULL, NULL, '+34 612 345 678', NULL, NULL, FALSE,
     '2024-11-20 16:45:00', '2026-08-03 08:05:00'),
    ('BP-1003', '小林商店', NULL, NULL, '小林', 'ja', 'kobayashi@shop.example', '03-1234-5678', NULL, NULL, 300.00, TRUE,
     '2019-05-05 10:00:00', '2026-08-03 11:00:00');
INSERT INTO partner_address VALUES
    (1, 'BP-1001', 'billing', 'Postfach 12 34', '10001', 'Berlin', 'DE', 'rechnung@blumen-kessler.example', NULL, '2021-03-01 09:00:00'),
    (2, 'BP-1001', 'shipping', 'Gartenstraße 7', '10115', 'Berlin', 'DE', NULL, '030 1234568', '2026-08-02 14:30:00'),
    (3, 'BP-1002', 'billing', 'Calle Mayor 3, 2º B', '28013', 'Madrid', 'ES', NULL, NULL, '2026-08-03 08:05:00');
