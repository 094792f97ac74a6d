package mapping

// Word writes a text as one YAML word that a mapping reads back as this text: bare where that is safe, else in quotes.
func Word(s string) string { return word(s) }
