package report

import (
	"fmt"
	"io"
)

// Report writes r as text: the account of its verification, of its undo, else of its summary, else how far it is.
func (t Text) Report(out io.Writer, r *Report) error {
	switch {
	case r.Verification != nil:
		return t.Verification(out, r.Verification)
	case r.Undo != nil:
		return t.undo(out, r)
	case r.Summary != nil:
		return t.summary(out, r)
	}
	_, err := fmt.Fprintf(out, "%s\n", r.Verdict())
	return err
}
