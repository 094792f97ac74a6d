package mapping

import (
	"fmt"

	"github.com/deskferry/deskferry/sources"
)

// Severity tells what a problem costs.
type Severity uint8

// A Warning loses something and the record goes on; an Error rejects it.
const (
	Warning Severity = iota
	Error
)

func (s Severity) String() string {
	if s == Error {
		return "error"
	}
	return "warning"
}

// Problem is why a record cannot be mapped, or what it loses.
type Problem struct {
	Origin   sources.Origin
	Other    sources.Origin // the second origin of a conflict, else zero
	Rule     string         // "messages.comment", "" when no rule is concerned
	Field    string         // the target field, dotted: "sent_datetime", "customer.email"
	Code     string         // stable: "sent_datetime.missing"; listed in docs/problems.md
	Value    string         // the offending value, at most 200 bytes, never a whole body
	Hint     string         // what the user does next; a ready-to-paste mapping line where there is one
	Severity Severity
}

func (p Problem) String() string {
	s := fmt.Sprintf("%s: %s: %s", p.Origin, p.Severity, p.Code)
	if p.Value != "" {
		s += fmt.Sprintf(" %q", p.Value)
	}
	if p.Hint != "" {
		s += "; " + p.Hint
	}
	return s
}
