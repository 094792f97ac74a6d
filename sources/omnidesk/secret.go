package omnidesk

import (
	"fmt"
	"io"
	"strings"
)

// Secret is a credential that prints as "***" wherever it ends up: in %v, %+v, %#v, in JSON. The zero value is no secret.
type Secret struct{ text *string } // a pointer, so that even fmt's reflection over unexported fields shows an address

// NewSecret hides s; "" is the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Format implements [fmt.Formatter] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "***") }

// MarshalText keeps secrets out of JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte("***"), nil }

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// hide takes the secret out of a text that came from elsewhere.
func (s Secret) hide(text string) string {
	if key := s.reveal(); key != "" {
		return strings.ReplaceAll(text, key, "***")
	}
	return text
}
