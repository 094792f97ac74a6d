package files

import (
	"mime"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"
)

const (
	maxName      = 255 // characters, as an export's names may have
	maxExtension = 20  // bytes, the dot included
)

// SafeName makes a file name of what an export says: the last part of a path, without control characters and marks that turn
// the direction of writing around, at most 255 characters with its extension kept. What leaves nothing is "attachment".
func SafeName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		if rest := strings.Trim(name[i:], `/\ .`); rest != "" {
			name = name[i+1:]
		} else {
			name = strings.TrimRight(name, `/\ .`)
			name = name[strings.LastIndexAny(name, `/\`)+1:]
		}
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return '_'
		case r == '\t', r == '\n', r == '\r':
			return ' '
		case unicode.IsControl(r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C,
			r == 0xFEFF, r == 0x2028, r == 0x2029:
			return -1
		}
		return r
	}, name)
	name = strings.TrimRight(strings.Join(strings.Fields(name), " "), ". ")
	if strings.Trim(name, ". ") == "" {
		return "attachment"
	}
	if utf8.RuneCountInString(name) <= maxName {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > maxExtension || len(ext) < 2 {
		ext = ""
	}
	stem := []rune(name)[:maxName-utf8.RuneCountInString(ext)]
	return strings.TrimRight(string(stem), ". ") + ext
}

// nameOf is the name the export gives, else the answer's, else the URL's.
func nameOf(s Source, disposition string) string {
	if strings.TrimSpace(s.Name) != "" {
		return SafeName(s.Name)
	}
	if _, params, err := mime.ParseMediaType(disposition); err == nil && strings.TrimSpace(params["filename"]) != "" {
		return SafeName(params["filename"])
	}
	if u, err := url.Parse(s.URL); err == nil && s.URL != "" {
		return SafeName(path.Base(u.Path))
	}
	return "attachment"
}

// ContentType says what bytes are, by their head, unless one of the claims knows it better and agrees: a claim of
// application/vnd.…document agrees with a ZIP, text/csv with plain text, image/png with neither. Claims are tried in order.
func ContentType(head []byte, claims ...string) string {
	found := mimetype.Detect(head)
	for _, claim := range claims {
		kind, _, err := mime.ParseMediaType(claim)
		if err == nil && agrees(kind, found) {
			return kind
		}
	}
	kind, _, err := mime.ParseMediaType(found.String())
	if err != nil {
		return "application/octet-stream"
	}
	return kind
}

// agrees tells whether a claim says the same as the bytes, or more than they can.
func agrees(claim string, found *mimetype.MIME) bool {
	switch {
	case claim == "application/octet-stream" || !strings.Contains(claim, "/"):
		return false
	case found.Is(claim):
		return true
	case found.Is("application/octet-stream"): // nothing is known of them but that they are not text
		return !strings.HasPrefix(claim, "text/") && !strings.HasPrefix(claim, "image/") && mimetype.Lookup(claim) == nil
	case found.Is("text/plain") && mimetype.Lookup(claim) == nil:
		return strings.HasPrefix(claim, "text/") || strings.HasPrefix(claim, "message/")
	}
	for m := mimetype.Lookup(claim); m != nil; m = m.Parent() {
		if m.Is(found.String()) {
			return m.Is("text/plain") || m.Is("application/zip") || m.Is("text/xml") || m.Is("application/x-ole-storage") || m.Is("application/gzip")
		}
	}
	return false
}

// isHTML tells whether a media type is that of web pages.
func isHTML(kind string) bool {
	kind, _, _ = mime.ParseMediaType(kind)
	return kind == "text/html" || kind == "application/xhtml+xml"
}

// saidHTML tells whether the export says that the file is a web page.
func saidHTML(s Source) bool {
	switch strings.ToLower(path.Ext(strings.TrimSpace(s.Name))) {
	case ".html", ".htm", ".xhtml", ".shtml", ".mht":
		return true
	}
	return isHTML(s.ContentType)
}

// NameOf is a source's name where no file is at hand that says more.
func NameOf(s Source) string { return nameOf(s, "") }
