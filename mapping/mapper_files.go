package mapping

import (
	"net/url"
	"strings"
)

// fileParts reads one attachment that is given by its parts.
func (w *Mapper) fileParts(b *branch) bool {
	errs := w.errors
	a := Attachment{
		URL: w.textOf(b.part("url")), Name: w.textOf(b.part("name")), ContentType: w.textOf(b.part("content_type")),
	}
	if f := b.part("content_id"); f != nil {
		a.ContentID = strings.Trim(w.textOf(f), "<> ")
	}
	if f := b.part("data"); f != nil {
		a.Data = strings.TrimSpace(w.bodyOf(f))
	}
	if f := b.part("size"); f != nil {
		a.Size = w.sizeOf(f)
	}
	w.field = b.name
	if a == (Attachment{}) {
		return w.errors > errs
	}
	w.addFile(a)
	return true
}

func (w *Mapper) sizeOf(f *cfield) int64 {
	v, ok := w.get(f)
	if !ok {
		return 0
	}
	s, ok := w.plain(v)
	if !ok {
		return 0
	}
	n, ok := wholeNumber(s)
	if !ok || n < 0 {
		w.warn(codeFileSize, s, "a number of bytes is wanted; the size is left out")
		return 0
	}
	return n
}

// addFile keeps an attachment that can be brought over.
func (w *Mapper) addFile(a Attachment) {
	if a.Data != "" {
		if head, data, ok := strings.Cut(a.Data, ";base64,"); ok && strings.HasPrefix(head, "data:") {
			if a.ContentType == "" {
				a.ContentType, _ = cutTo(head[len("data:"):], maxName)
			}
			a.Data = data
		}
		if !isBase64(a.Data) {
			w.fail(codeFileData, a.Data, "the data of "+quoted(a.Name)+" is not base64; mend it, or leave it empty")
			return
		}
		a.URL = ""
		w.files = append(w.files, a)
		return
	}
	if a.URL == "" {
		w.warn(codeFileMissing, a.Name, "it has neither url nor data and is left out")
		return
	}
	if !isWebAddress(a.URL) {
		w.warn(codeFileURL, a.URL, "it will lead nowhere: give an http or https address")
	}
	w.files = append(w.files, a)
}

// isWebAddress tells whether s is an absolute http or https URL.
func isWebAddress(s string) bool {
	if rest, ok := strings.CutPrefix(s, "https://"); ok && isPlainURL(rest) {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// isPlainURL tells whether s, a host and what follows it, holds nothing that takes a parser to judge.
func isPlainURL(s string) bool {
	if s == "" || !isLetter(s[0]) && !isDigit(s[0]) {
		return false
	}
	for i := range len(s) {
		if c := s[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("-._~/?=&", c) < 0 {
			return false
		}
	}
	return true
}

func isBase64(s string) bool {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '/', c == '=':
			n++
		case c == '\n', c == '\r':
		default:
			return false
		}
	}
	end := strings.TrimRight(s, "=\r\n")
	return n%4 == 0 && !strings.Contains(end, "=") && strings.Count(s[len(end):], "=") <= 2
}
