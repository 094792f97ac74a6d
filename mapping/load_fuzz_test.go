package mapping

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/deskferry/deskferry/mapping/presets"
)

// FuzzLoad: whatever is in the file, loading ends with a mapping that Show writes back, or with problems that
// have places.
func FuzzLoad(f *testing.F) {
	for name, fsys := range sampleMappings(f) {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			if text, err = fs.ReadFile(presets.FS, name+".yaml"); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(string(text))
	}
	for _, text := range []string{
		"", "\ufeffversion: 1\r\n", "version: 1\nextends: messages\nmessages: { message: null, b: { like: c }, c: { like: b } }",
		"version: 1\ntables: { t: { ? : [a, {b: c}] } }", "- - - -", "{[{[", "a: |\n  b\n c: >-\n", "'", "\"\\x", "!a &b *c", "--- %", "a: {b: {c: {d: }}}",
		"version: 1\nmessages: { m: { subject: \"\\u0000\\ud800\" } }",
		"version: |x" + strings.Repeat("d", 3000), // the library quotes all of it
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := loadFile(fstest.MapFS{"m.yaml": {Data: []byte(text)}}, "m.yaml")
		if err != nil {
			checkLoadError(t, err)
			return
		}
		for _, finding := range m.Lint() {
			if finding.Pos.Line < 1 || finding.Text == "" {
				t.Fatalf("an empty finding: %+v", finding)
			}
		}
		reload(t, m)
	})
}
