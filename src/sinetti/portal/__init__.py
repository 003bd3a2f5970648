"""The portal: where organisations, the operator and the authority look after locations, equipment and people."""
