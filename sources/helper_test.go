package sources

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write puts a file into a fresh folder and returns its path.
func write(t testing.TB, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t testing.TB, o Options, paths ...string) *Set {
	t.Helper()
	s, err := Open(t.Context(), paths, func(string) Options { return o }, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// dump reads a source and renders each record as "line/index[place] content", a bad one as "line/index! code".
func dump(t testing.TB, s *Set) []string {
	t.Helper()
	got, err := render(s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func render(s *Set) (out []string, err error) {
	last := int64(-1)
	for p, err := range s.Pieces(context.Background()) {
		if err != nil {
			return out, err
		}
		for r, err := range p.Records() {
			var bad *BadRecord
			switch {
			case errors.As(err, &bad):
				out = append(out, fmt.Sprintf("%d/%d%s! %s", bad.Origin.Line, bad.Origin.Index, at(bad.Origin.Place), bad.Code))
				if bad.Hint == "" || bad.Err == nil || bad.File == nil || len(bad.Value) > 200 {
					return out, fmt.Errorf("incomplete bad record %#v", bad)
				}
			case err != nil:
				return out, err
			default:
				if r.Ordinal <= last {
					return out, fmt.Errorf("ordinal %d after %d at %s", r.Ordinal, last, r.Origin)
				}
				last = r.Ordinal
				out = append(out, fmt.Sprintf("%d/%d%s %s", r.Origin.Line, r.Origin.Index, at(r.Origin.Place), content(r)))
			}
		}
	}
	return out, nil
}

func at(place string) string {
	if place == "" {
		return ""
	}
	return "[" + place + "]"
}

func content(r *Record) string {
	if r.IsRow() {
		return strings.Join(r.Fields, "|")
	}
	var b bytes.Buffer
	nodeText(&b, r, 0)
	return b.String()
}

// nodeText renders nodes compactly, so that a test sees what a mapping does.
func nodeText(b *bytes.Buffer, r *Record, i int32) {
	n := r.Nodes[i]
	switch n.Kind {
	case Null:
		b.WriteString("null")
	case Bool, Number:
		b.WriteString(n.Text)
	case String:
		fmt.Fprintf(b, "%q", n.Text)
	case Array, Object:
		b.WriteByte("[{"[n.Kind-Array])
		first := true
		for c := range r.Children(i) {
			if !first {
				b.WriteByte(',')
			}
			first = false
			if n.Kind == Object {
				b.WriteString(r.Nodes[c].Name + ":")
			}
			nodeText(b, r, c)
		}
		b.WriteByte("]}"[n.Kind-Array])
	}
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if g, w := strings.Join(got, "\n  "), strings.Join(want, "\n  "); g != w {
		t.Errorf("got\n  %.2000s\nwant\n  %.2000s", g, w)
	}
}
