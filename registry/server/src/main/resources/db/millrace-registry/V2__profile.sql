-- What admission measured, by the digest of a version's files and the hardware class that measured.
-- Versions with the same files share it.

CREATE TABLE profile (
  digest VARCHAR(80) NOT NULL,
  hardware_class VARCHAR(64) NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (digest, hardware_class)
);
