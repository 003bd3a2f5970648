"""What a company does about alerts of its own products: by batch, near misses, and gaps in its uploads."""
