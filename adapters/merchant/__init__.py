"""The merchant's TOML file: who sells, from where, by which carriers, on which terms; read strictly, once, at start."""
