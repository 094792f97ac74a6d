package sources

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/gocarina/gocsv"
)

const (
	sampleSize = 256 << 10
	// maxHeader is how much of a file is searched for the end of its header.
	maxHeader = 4 << 20
)

// sniff finds what the options leave open and fills in.file. A rejects file stands for the file its records came from:
// it takes that file's base name, so that globs match it as they did.
func (in *input) sniff(ctx context.Context, ordinal int, opt func(string) Options) error {
	o := opt(in.base)
	if err := in.sniffAs(ordinal, o); err != nil {
		return err
	}
	base, err := in.standsFor(ctx)
	if err != nil || base == "" {
		return err
	}
	if base != in.base {
		in.base = base
		o := opt(base)
		o.Encoding = "" // of the file it stands for; rejects are UTF-8
		err = in.sniffAs(ordinal, o)
	}
	in.file.Mended = true
	return err
}

func (in *input) sniffAs(ordinal int, o Options) error {
	if o.Comma != 0 && (o.Comma >= 0x80 || o.Comma == '"' || o.Comma == '\r' || o.Comma == '\n') {
		return fmt.Errorf("delimiter %q cannot be one: use a single ASCII character such as , ; or a tab", o.Comma)
	}
	format, err := in.sniffCode(o)
	if err != nil {
		return err
	}
	in.breaks = breaksPlain
	sample, err := in.sample(sampleSize)
	if err != nil {
		return err
	}
	in.file = &File{
		Name: in.name, Base: in.base, Ordinal: ordinal, Modified: stamp(in.modified), Format: format,
		Encoding: in.code.name, BOM: in.code.mark > 0,
	}
	switch format {
	case JSON:
		in.shape = shapeOf(sample, in.base, o.Places)
		in.file.Lines = in.shape.mode != modeTree
		in.file.beside = &beside{}
		return nil
	case XML:
		in.shape = xmlShape(sample, o.Places)
		in.file.beside = &beside{}
		return nil
	case Mail:
		in.sniffMail(sample)
		return nil
	}
	if in.breaks = breaksOf(sample); in.breaks != breaksPlain {
		if sample, err = in.sample(sampleSize); err != nil {
			return err
		}
	}
	return in.sniffTable(sample, o.Comma)
}

// sniffCode settles format and encoding from the first bytes.
func (in *input) sniffCode(o Options) (Format, error) {
	s, err := in.bytes()
	if err != nil {
		return "", err
	}
	defer s.Close()
	head, err := io.ReadAll(io.LimitReader(s, sampleSize))
	if err != nil && len(head) == 0 {
		return "", err
	}
	if err := refuse(head); err != nil {
		return "", err
	}
	format := o.Format
	switch format {
	case "":
		format = in.formatOf(head)
	case XML, Mail: // what was rejected of it is JSON
		if len(in.mail.members) < 2 && looksJSON(compact(head)) {
			format = JSON
		}
	case CSV, JSON:
	default:
		return "", fmt.Errorf("format %q is not known: write csv, json, xml or mail", format)
	}
	in.code, err = codecOf(head, o.Encoding, format, s)
	return format, err
}

// sample reads the first n bytes of text.
func (in *input) sample(n int) ([]byte, error) {
	s, err := in.text()
	if err != nil {
		return nil, err
	}
	defer s.Close()
	b, err := io.ReadAll(io.LimitReader(s, int64(n)))
	if err != nil && len(b) == 0 {
		return nil, err
	}
	return b, nil // an error further on ends the reading of the records
}

// refuse names what is often taken for an export and is none.
func refuse(head []byte) error {
	trimmed := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 512)], " \t\r\n\ufeff"))
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return errors.New("an archive inside an archive is not read: unpack it and name the files")
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}), bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return fmt.Errorf("compressed more than %d times: unpack it", maxLayers)
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return errors.New("this is an Excel workbook: save the sheet as CSV (UTF-8) and name that file")
	case bytes.HasPrefix(head, []byte("!BDN")):
		return errors.New("this is an Outlook PST: export the mail as mbox or .eml files and name these")
	case bytes.HasPrefix(head, []byte("%PDF")):
		return errors.New("this is a PDF: export as CSV or JSON")
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return errors.New("this is a tar archive: unpack it and name the folder")
	case bytes.HasPrefix(trimmed, []byte("<?xml")) && bytes.Contains(trimmed, []byte("<?mso-application")):
		return errors.New("this is an Excel workbook in XML: save the sheet as CSV (UTF-8) and name that file")
	case bytes.HasPrefix(trimmed, []byte("<?xml")) && bytes.Contains(trimmed, []byte("<!doctype html")):
		return errors.New("this is a web page, perhaps a login page saved in place of the export: download the export again")
	case bytes.HasPrefix(trimmed, []byte("<!doctype html")), bytes.HasPrefix(trimmed, []byte("<html")):
		return errors.New("this is a web page, perhaps a login page saved in place of the export: download the export again")
	}
	return nil
}

// compact is the first three bytes of a text that are no blank space. Without zero bytes and marks, UTF-16 shows its ASCII.
func compact(head []byte) string {
	c := make([]byte, 0, 3)
	for _, b := range asASCII(head) {
		if !space(b) {
			if c = append(c, b); len(c) == cap(c) {
				break
			}
		}
	}
	return string(c)
}

func asASCII(head []byte) []byte {
	plain := bytes.ReplaceAll(head[:min(len(head), 4<<10)], []byte{0}, nil)
	for _, mark := range []string{"\xef\xbb\xbf", "\xff\xfe", "\xfe\xff"} {
		plain = bytes.TrimPrefix(plain, []byte(mark))
	}
	return plain
}

func looksJSON(compact string) bool {
	return strings.HasPrefix(compact, `{"`) || strings.HasPrefix(compact, `[{"`)
}

// formatOf tells the formats apart by content first and by ending where the content leaves doubt.
func (in *input) formatOf(head []byte) Format {
	if len(in.mail.members) > 1 {
		return Mail
	}
	plain := bytes.TrimLeft(asASCII(head), " \t\r\n")
	c := compact(head)
	switch {
	case looksJSON(c):
		return JSON
	case bytes.HasPrefix(plain, []byte("<?xml")):
		return XML
	}
	switch ext := strings.ToLower(path.Ext(in.base)); ext {
	case ".json", ".ndjson", ".jsonl":
		return JSON
	case ".csv", ".tsv", ".tab":
		return CSV
	case ".xml":
		return XML
	case ".mbox", ".mbx", ".eml", ".emlx":
		return Mail
	}
	switch {
	case in.mail.members != nil || separates(plain) || beginsMail(plain):
		return Mail
	case c == "{}" || c == "[]" || strings.HasPrefix(c, "[{") || strings.HasPrefix(c, "[["):
		return JSON
	case len(c) > 1 && c[0] == '<' && (nameStart(c[1]) || c[1] == '!'):
		return XML
	}
	return CSV
}

func space(b byte) bool { return b == ' ' || b == '\t' || b == '\n' || b == '\r' }

// sniffTable finds delimiter and header.
func (in *input) sniffTable(sample []byte, comma byte) error {
	t := table{origin: -1}
	whole := len(sample) < sampleSize
	body := sample
	if named, n := sepLine(sample); n > 0 {
		body = sample[n:]
		t.header, t.lines = int64(n), 1
		if comma == 0 {
			comma = named
		}
	}
	if comma == 0 {
		comma = commaOf(body, whole, in.base)
	}
	t.dialect = dialect{comma: comma, trim: spaced(body, comma)}
	in.file.Comma = comma
	header, end, err := t.readHeader(body, whole)
	if errors.Is(err, errLongHeader) {
		if body, err = in.sample(maxHeader); err != nil {
			return err
		}
		whole = len(body) < maxHeader
		body = body[t.header:]
		header, end, err = t.readHeader(body, whole)
	}
	if err != nil {
		return err
	}
	t.header += int64(end)
	t.lines += newlinesIn(body[:end])
	t.width = len(header)
	rejects := false
	for i, h := range slices.Backward(header) {
		switch h {
		case OriginColumn:
			t.origin = i
			fallthrough
		case ProblemColumn, SafeColumn:
			t.drop = append(t.drop, i)
			header = slices.Delete(header, i, i+1)
			rejects = rejects || h != SafeColumn
		}
	}
	t.safe = !rejects
	t.unguard(header)
	in.file.Columns = header
	in.table = t
	in.file.table = &in.table
	return nil
}

var errLongHeader = errors.New("the header does not end")

// readHeader reads the first row that is not an empty line, and finds where it ends.
func (t *table) readHeader(b []byte, whole bool) ([]string, int, error) {
	start := 0
	for n := lineBreak(b); n > 0; n = lineBreak(b[start:]) {
		start += n
	}
	if start == len(b) {
		return nil, start, nil
	}
	n, st := t.rowEnd(b[start:], whole)
	switch st {
	case rowMore:
		if len(b) < maxHeader-1<<10 {
			return nil, 0, errLongHeader
		}
		return nil, 0, fmt.Errorf("the header does not end within %d MiB: is this a CSV file, and is a quote missing in its first line", maxHeader>>20)
	case rowStray, rowOpen:
		return nil, 0, fmt.Errorf("the quotes of the header do not close: mend the first line: %q", excerpt(b[start:]))
	}
	row := b[start : start+n]
	r := csv.NewReader(bytes.NewReader(row))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = rune(t.comma), -1, true, t.trim
	header, err := gocsv.NewSimpleDecoderFromCSVReader(r).GetCSVRow()
	if err != nil {
		return nil, 0, fmt.Errorf("reading the header: %w", err)
	}
	return header, start + n, nil
}

// sepLine knows Excel's first line sep=; and tells its delimiter and length.
func sepLine(b []byte) (comma byte, n int) {
	line, _, found := bytes.Cut(b, []byte{'\n'})
	if !found {
		return 0, 0
	}
	n = len(line) + 1
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) > 1 && line[0] == '"' && line[len(line)-1] == '"' {
		line = line[1 : len(line)-1]
	}
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") || line[4] >= 0x80 || line[4] == '"' {
		return 0, 0
	}
	return line[4], n
}

// spaced tells whether the first line's quotes follow a delimiter and a blank: "a", "b".
func spaced(b []byte, comma byte) bool {
	line, _, _ := bytes.Cut(b, []byte{'\n'})
	return !unicode.IsSpace(rune(comma)) && bytes.Contains(line, []byte{comma, ' ', '"'}) &&
		!bytes.Contains(line, []byte{comma, '"'})
}

// commaOf finds the delimiter that gives most of the first rows the header's number of cells, at least two; among
// equals the one that gives most cells.
func commaOf(b []byte, whole bool, base string) byte {
	best, bestShare, bestWidth := byte(','), -1.0, 0
	if ext := strings.ToLower(path.Ext(base)); ext == ".tsv" || ext == ".tab" {
		best = '\t'
	}
	for _, c := range []byte{best, ',', ';', '\t', '|'} {
		share, width := consistent(dialect{comma: c, trim: spaced(b, c)}, b, whole)
		if width >= 2 && (share > bestShare || share == bestShare && width > bestWidth) {
			best, bestShare, bestWidth = c, share, width
		}
	}
	return best
}

// consistent reads the first rows and tells which share of them has the width of the first.
func consistent(d dialect, b []byte, whole bool) (share float64, width int) {
	const most = 50
	rows, same := 0, 0
	for p := 0; p < len(b) && rows < most; {
		n, end, st := d.cells(b[p:], whole, false)
		if st == rowMore {
			break
		}
		if st != rowWhole {
			i := bytes.IndexByte(b[p:], '\n')
			if i < 0 {
				break
			}
			n, end = -1, i+1
		}
		if end > lineBreak(b[p:]) {
			if rows++; rows == 1 {
				width = n
			}
			if n == width {
				same++
			}
		}
		p += end
	}
	if rows == 0 || width < 2 {
		return 0, 0
	}
	return float64(same) / float64(rows), width
}
