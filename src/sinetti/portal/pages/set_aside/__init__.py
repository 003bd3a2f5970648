"""The register of packs set aside: list, one pack with its label, and its way out."""
