-- Who has signed a package, as it was found when the package was uploaded. Whether the key is trusted, the service's
-- configuration says, each time that it matters.
CREATE TABLE package_signer (
    company    TEXT   NOT NULL,           -- always '', as the package's
    sha256     TEXT   NOT NULL,           -- of the package
    signer_key TEXT   NOT NULL,           -- the public key, as minisign writes it
    comment    TEXT   NOT NULL,           -- what the signer has written beside it, and signed
    seen_at    BIGINT NOT NULL,
    PRIMARY KEY (company, sha256)
);
