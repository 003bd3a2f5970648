"""What a company does about alerts of its own products: by batch, near misses."""
