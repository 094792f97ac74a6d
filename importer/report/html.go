package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page, its style and its script
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// MaxPage is the size no page exceeds, in bytes: lists and conversations are cut to stay below, and say so.
const MaxPage = 2_000_000

// HTML writes the report as one page that needs nothing but itself. What it shows is other people's: all of it is escaped,
// bodies stand in frames that may do nothing, and the page's own policy forbids it to load or to run anything but its script.
func HTML(out io.Writer, r *Report) error {
	t, err := template.New("page").Funcs(template.FuncMap{"number": number, "size": size, "plural": plural, "shown": shown, "text": text, "one": one, "days": days, "isare": isare}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	v, b, err := withoutTalks(t, r)
	if err == nil && !v.Live && len(r.Previews)+len(v.S.Picks) > 0 {
		if err = v.talks(min(maxTalks, MaxPage-pageSlack-len(b))); err == nil {
			b, err = v.render(t)
		}
	}
	if err != nil {
		return fmt.Errorf("writing the page: %w", err)
	}
	_, err = out.Write(b)
	return err
}

// Bytes of the page: of what is not conversations, of all conversations, and what is left free.
const (
	maxRest   = 800_000
	maxTalks  = 1_300_000
	pageSlack = 20_000
)

// withoutTalks makes the page without conversations, its lists cut until it is small enough.
func withoutTalks(t *template.Template, r *Report) (*view, []byte, error) {
	for l := wholePage(); ; l = l.half() {
		v := newView(r, l)
		b, err := v.render(t)
		if err == nil && len(b) > maxRest && l.rows == 0 {
			err = errors.New("it is too large however much is left out")
		}
		if err != nil || len(b) <= maxRest {
			return v, b, err
		}
	}
}

func (v *view) render(t *template.Template) ([]byte, error) {
	var b bytes.Buffer
	err := t.Execute(&b, v)
	return append(bytes.TrimSpace(b.Bytes()), '\n'), err
}

// limits are how much of what has no end the page shows.
type limits struct {
	rows   int // of a list
	values int // of one problem
	text   int // bytes of the mapping
}

func wholePage() limits { return limits{rows: 200, values: 20, text: 64 << 10} }

func (l limits) half() limits { return limits{l.rows / 2, l.values / 2, l.text / 2} }

// policy lets the page run its one script and load nothing. Frames inherit it, and bodies have styles of their own.
func policy() string {
	sum := sha256.Sum256([]byte(pageScript))
	return "default-src 'none'; script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}
