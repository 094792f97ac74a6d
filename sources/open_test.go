package sources

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func gz(t testing.TB, text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zst(t testing.TB, text string) string {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

func zipped(t testing.TB, files ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = io.WriteString(f, files[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tree lays out files in a fresh folder.
func tree(t testing.TB, files ...string) string {
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		p := filepath.Join(dir, filepath.FromSlash(files[i]))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte(files[i+1]), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func names(s *Set, dir string) string {
	var all []string
	for _, f := range s.Files() {
		all = append(all, strings.TrimPrefix(f.Name, filepath.ToSlash(dir)+"/")+"="+f.Base)
	}
	return strings.Join(all, " ")
}

func TestOpen(t *testing.T) {
	dir := tree(t,
		"b.csv", "a,b\n2,x\n", "a.csv.gz", gz(t, "a,b\n1,x\n"), "sub/c.ndjson.zst", zst(t, "{\"id\":3}\n{\"id\":4}\n"),
		"d.zip", zipped(t, "z/tickets.csv", "a,b\n6,x\n", "a.json", `[{"id":5}]`, "readme.txt", "hello", "__MACOSX/x.csv", "no", ".h.csv", "no"),
		".hidden/x.csv", "a\n", ".x.csv", "a\n", "notes.txt", "x")
	s := open(t, Options{}, dir)
	if got, want := names(s, dir), "a.csv.gz=a.csv b.csv=b.csv d.zip/a.json=a.json d.zip/z/tickets.csv=tickets.csv sub/c.ndjson.zst=c.ndjson"; got != want {
		t.Errorf("files\n%s, want\n%s", got, want)
	}
	if got := strings.Join(s.Skipped(), " "); got != dir+"/notes.txt "+dir+"/d.zip/readme.txt" {
		t.Errorf("skipped %s", got)
	}
	for range 2 { // a source can be read again
		same(t, dump(t, s), "2/0 1|x", "2/0 2|x", "0/0 {id:5}", "2/0 6|x", "1/0 {id:3}", "2/1 {id:4}")
	}
	if done, total := s.Progress(); done == 0 || total == 0 {
		t.Errorf("progress %d of %d", done, total)
	}
	if f := s.Files()[1]; f.Modified == "" || f.Encoding != "utf-8" || f.Comma != ',' || f.Format != CSV || f.Ordinal != 1 {
		t.Errorf("%+v", f)
	}
	s = open(t, Options{}, filepath.Join(dir, "b.csv"), filepath.Join(dir, "*.csv*"))
	if got := names(s, dir); got != "b.csv=b.csv a.csv.gz=a.csv" {
		t.Errorf("a file named twice is read %s", got)
	}
}

func TestOpenStdin(t *testing.T) {
	s, err := Open(t.Context(), []string{"-"}, nil, iotest.OneByteReader(strings.NewReader(zst(t, gz(t, "a,b\n1,2\n")))))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		same(t, dump(t, s), "2/0 1|2")
	}
	if f := s.Files()[0]; f.Name != StdinName || f.Modified != "" {
		t.Errorf("%+v", f)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := render(s); err == nil {
		t.Error("the temporary file is still there")
	}
}

func TestOpenErrors(t *testing.T) {
	dir := tree(t, "x.zip", zipped(t, "[Content_Types].xml", "x"), "none.zip", zipped(t, "a.txt", "x"), "cut.zip", zipped(t, "a.csv", "a\n")[:40],
		"bad.gz", "\x1f\x8bnothing", "in.gz", gz(t, zipped(t, "a.csv", "a\n")), "x.xls", "\xd0\xcf\x11\xe0\xa1\xb1", "x.pdf", "%PDF-1", "x.pst", "!BDN\x00\x01", "x.xml", "<?xml version='1'?>\n<?mso-application progid='Excel.Sheet'?><Workbook/>", "y.xml", "<?xml version='1' encoding='x-foo'?><a/>",
		"login.csv", "\n<!DOCTYPE html><html>", "utf32.csv", "\xff\xfe\x00\x00a\x00\x00\x00", "quote.csv", "a,\"b\n1,2\n", "empty/x.txt", "")
	for path, want := range map[string]string{
		"nowhere.csv": "check the path", "*.nothing": "no file matches", "empty": "known ending", "x.zip": "CSV (UTF-8)", "none.zip": "known ending",
		"cut.zip": "cut short", "bad.gz": "damaged", "in.gz": "unpack", "x.xls": "Excel", "x.pdf": "PDF", "x.pst": "Outlook PST", "x.xml": "workbook in XML", "y.xml": "x-foo", "login.csv": "web page",
		"utf32.csv": "UTF-32", "quote.csv": "header", "[": "pattern",
	} {
		_, err := Open(t.Context(), []string{filepath.Join(dir, path)}, nil, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), filepath.Join(dir, path)) {
			t.Errorf("%s: %v; want %q", path, err, want)
		}
	}
	if _, err := Open(t.Context(), nil, nil, nil); err == nil {
		t.Error("no paths: no error")
	}
}

// What ends a stream is an error with the file's name; the whole records before it are read.
func TestStreamErrors(t *testing.T) {
	cut := gz(t, "a,b\n"+strings.Repeat("1,"+strings.Repeat("x", 50)+"\n", 20000))
	s := open(t, Options{}, write(t, "x.csv.gz", cut[:len(cut)/2]))
	got, err := render(s)
	if err == nil || !strings.Contains(err.Error(), "x.csv.gz") || !strings.Contains(err.Error(), "cut short") || len(got) == 0 {
		t.Errorf("%d records, %v", len(got), err)
	}
	for _, r := range got {
		if strings.Contains(r, "!") || len(r) < 50 {
			t.Errorf("a torn record %q", r)
		}
	}
	p := write(t, "x.csv", "a,b\n1,2\n")
	s = open(t, Options{}, p)
	if err := os.WriteFile(p, []byte("a,b\n1,2\n3,4\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := render(s); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a changed file: %v", err)
	}
	s = open(t, Options{}, write(t, "x.csv", "a,b\n1,2\n"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Pieces(ctx) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	}
	for p := range s.Pieces(t.Context()) {
		for range p.Records() {
		}
		for _, err := range p.Records() {
			if err == nil {
				t.Error("a piece was read twice")
			}
		}
	}
}

func TestEncodings(t *testing.T) {
	text := "id,näme\n1,\"Zoë\n€ 5\"\n2,日本\n"
	latin := "id,näme\n1,\"Zoë\n€ 5\"\n2,ça\n"
	json := `[{"näme":"日本"}]`
	utf16 := func(e unicode.Endianness, b unicode.BOMPolicy) encoding.Encoding { return unicode.UTF16(e, b) }
	tests := []struct {
		name, text, asked, want string
		enc                     encoding.Encoding
	}{
		{"utf-8", text, "", "utf-8", encoding.Nop},
		{"utf-8 bom", "\uFEFF" + text, "windows-1252", "utf-8", encoding.Nop},
		{"utf-16le bom", text, "", "utf-16le", utf16(unicode.LittleEndian, unicode.UseBOM)},
		{"utf-16be bom", text, "", "utf-16be", utf16(unicode.BigEndian, unicode.UseBOM)},
		{"utf-16le", text, "", "utf-16le", utf16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"utf-16be", text, "", "utf-16be", utf16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"utf-16be asked", text, "utf-16be", "utf-16be", utf16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"windows-1252", latin, "", "windows-1252", charmap.Windows1252},
		{"windows-1252 late", strings.Repeat("id,name\n", 1<<17) + latin, "", "windows-1252", charmap.Windows1252},
		{"utf-8 late", strings.Repeat("id,name\n", 1<<17) + text, "", "utf-8", encoding.Nop},
		{"iso-8859-15 asked", latin, "l9", "iso-8859-15", charmap.ISO8859_15},
		{"json utf-16le", json, "", "utf-16le", utf16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"json utf-16be bom", json, "", "utf-16be", utf16(unicode.BigEndian, unicode.UseBOM)},
		{"json utf-8 bom", "\uFEFF" + json, "", "utf-8", encoding.Nop},
		{"json latin asked", `[{"näme":"ça"}]`, "latin1", "windows-1252", charmap.Windows1252},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := tt.enc.NewEncoder().String(tt.text)
			if err != nil {
				t.Fatal(err)
			}
			plain := open(t, Options{}, write(t, "x", strings.TrimPrefix(tt.text, "\uFEFF")))
			s := open(t, Options{Encoding: tt.asked}, write(t, "x", raw))
			if f := s.Files()[0]; f.Encoding != tt.want || strings.Join(f.Columns, "|") != strings.Join(plain.Files()[0].Columns, "|") {
				t.Errorf("encoding %s, columns %q", f.Encoding, f.Columns)
			}
			same(t, dump(t, s), dump(t, plain)...)
		})
	}
}
