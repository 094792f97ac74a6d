package gorgias

import (
	"fmt"
	"io"
)

// Secret is a credential that prints as "[secret]" wherever it ends up: in %v, %+v, %#v, in JSON. The zero value is
// no secret.
type Secret struct{ text *string } // a pointer, so that even fmt's reflection over unexported fields shows an address

// NewSecret hides s; "" is the zero Secret.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// IsZero tells whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Format implements [fmt.Formatter] for every verb.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, "[secret]") }

// MarshalText keeps secrets out of JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}
