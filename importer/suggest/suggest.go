// Package suggest writes a first mapping for an export from what a profile says of it: which preset to extend, or which
// field becomes what, the tables with the values met, and beside each line the reason for it.
//
// It never invents: what the data does not say stays a comment that begins "# decide:", and a value nobody has decided
// on stays out of its table, so that check reports it. The same profile and answers give the same text.
package suggest

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/deskferry/deskferry/mapping"
	"github.com/deskferry/deskferry/mapping/profile"
)

// Suggestion is a mapping file, and what it leaves to decide.
type Suggestion struct {
	Text   []byte
	Preset string     // that it extends; "" for none
	Open   []Question // each is a "# decide:" in it
}

// Refusal is why no mapping can be suggested: what the export lacks, and which one to ask for.
type Refusal struct{ Text string }

func (r *Refusal) Error() string { return r.Text }

// Make suggests a mapping. f is what [Look] found, nil where nobody looked. An error is a [*Refusal] where the export
// holds nothing that could be imported.
func Make(p *profile.Profile, f *Findings, a Answers) (*Suggestion, error) {
	if f == nil {
		f = &Findings{}
	}
	pl := &plan{profile: p, findings: f, answers: a}
	if err := pl.find(); err != nil {
		return nil, err
	}
	var out page
	if pl.preset != nil {
		pl.extend(&out)
	} else {
		pl.whole(&out)
	}
	s := &Suggestion{Text: []byte(out.b.String()), Preset: pl.presetName, Open: pl.open}
	if err := verify(s.Text); err != nil {
		return nil, fmt.Errorf("checking the suggested mapping: %w", err)
	}
	return s, nil
}

// Write writes the mapping that [Make] suggests; nothing is written when it refuses.
func Write(w io.Writer, p *profile.Profile, a Answers) error {
	s, err := Make(p, nil, a)
	if err != nil {
		return err
	}
	_, err = w.Write(s.Text)
	return err
}

// fileName is the suggestion's name where errors show places in it.
const fileName = "suggested.yaml"

// verify holds a suggestion against the loader and lint, so that none is given out that is no mapping.
func verify(text []byte) error {
	m, err := mapping.Load(oneFile(text), fileName, mapping.LoadOptions{})
	if err != nil {
		return err
	}
	for _, f := range m.File().Lint() {
		if f.Severity == mapping.Error {
			return fmt.Errorf("%s", f)
		}
	}
	return nil
}

// oneFile is a file system with the suggestion in it.
type oneFile []byte

func (o oneFile) Open(name string) (fs.File, error) {
	if name != fileName {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &openFile{Reader: bytes.NewReader(o)}, nil
}

type openFile struct{ *bytes.Reader }

func (f *openFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f *openFile) Close() error               { return nil }
func (f *openFile) Name() string               { return fileName }
func (f *openFile) Mode() fs.FileMode          { return 0o444 }
func (f *openFile) ModTime() time.Time         { return time.Time{} }
func (f *openFile) IsDir() bool                { return false }
func (f *openFile) Sys() any                   { return nil }

// Answers are what the user has decided: values by the key of the [Question], and the keys below. The zero value leaves
// everything open.
type Answers map[string][]string

// Keys of answers that no question asks for.
const (
	KeyPreset    = "preset"    // the preset to extend; "none" writes a whole mapping
	KeyFormat    = "format"    // what the flags of that name fixed
	KeyEncoding  = "encoding"  //
	KeyDelimiter = "delimiter" //
)

// Keys of questions.
const (
	KeyName     = "name"     // what the old helpdesk is called in ids
	KeyTimezone = "timezone" // zone of times that name none
	KeyAgents   = "agents"   // own addresses and domains
	KeyUnknown  = "unknown"  // what authors are whom nothing knows
	KeySent     = "sent"     // the time of messages that have none
	KeyChannel  = "channel"  // how conversations came in, where no field says so
	// Of a field or value the key goes on: "order:" and the field's path; "table:", the table's name, ":" and the value;
	// the others and the input's name.
	keyOrder = "order:"
	keyTable = "table:"
	keyBody  = "body:"
	keyFirst = "first:"    // what a text beside the messages is
	keyOwner = "customer:" // whose an author's column is in a ticket's own row
)

func (a Answers) one(key string) string {
	if v := a[key]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Question is something the data does not say.
type Question struct {
	Key      string
	Title    string
	Evidence []string // what the data does say, a line each
	Options  []Option // to choose from; none: any text
	Many     bool     // several answers
	Check    func(answer string) error
}

// Option is an answer to choose.
type Option struct{ Label, Value string }

// Ask puts a question to the user. No answer leaves it open.
type Ask func(Question) ([]string, error)

// Interview asks what is open until nothing is left that was not asked, and returns the answers. An answer may open
// further questions. Answers are checked; one that does not pass is an error of ask's making.
func Interview(p *profile.Profile, f *Findings, a Answers, ask Ask) (Answers, error) {
	out := Answers{}
	for k, v := range a {
		out[k] = v
	}
	asked := map[string]bool{}
	for {
		s, err := Make(p, f, out)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(s.Open, func(q Question) bool { return !asked[q.Key] })
		if i < 0 {
			return out, nil
		}
		q := s.Open[i]
		asked[q.Key] = true
		given, err := ask(q)
		if err != nil {
			return nil, err
		}
		for _, g := range given {
			if err := q.check(g); err != nil {
				return nil, fmt.Errorf("the answer %q: %w", g, err)
			}
		}
		if len(given) > 0 {
			out[q.Key] = given
		}
	}
}

func (q *Question) check(answer string) error {
	if len(q.Options) > 0 && !slices.ContainsFunc(q.Options, func(o Option) bool { return o.Value == answer }) {
		return fmt.Errorf("it is none of those to choose from")
	}
	if q.Check != nil {
		return q.Check(answer)
	}
	return nil
}

func checkZone(s string) error {
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		return fmt.Errorf("it is no time zone of the tz database; write one as Europe/Paris, America/New_York or UTC")
	}
	return nil
}

func checkTime(s string) error {
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		return fmt.Errorf("write a time with its zone, as 2024-05-01T00:00:00Z")
	}
	return nil
}

func checkAgent(s string) error {
	before, domain, ok := strings.Cut(s, "@")
	if !ok || domain == "" || strings.ContainsAny(before+domain, "@ \t,;<>") || strings.IndexFunc(s, hidden) >= 0 {
		return fmt.Errorf("write an address as mia@example.com, or a domain as @example.com")
	}
	return nil
}

func checkName(s string) error {
	if s == "" || len(s) > 100 || strings.ContainsAny(s, ": ") || strings.IndexFunc(s, hidden) >= 0 {
		return fmt.Errorf("write a short name without blanks and colons, such as olddesk")
	}
	return nil
}
