"""SQL of organisations, locations, client equipment and tokens. Only `sinetti.identity` imports it."""
