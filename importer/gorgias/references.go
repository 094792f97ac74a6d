package gorgias

import (
	"fmt"
	"html"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/files"
	"github.com/deskferry/deskferry/mapping"
)

// references says where the references of one message's text lead now.
type references struct {
	byID, byName, byURL, inline map[string]string // to the account's URL; "" where the file is missing
	unknown                     map[string]bool   // cid: references to nothing
}

func newReferences(attachments []mapping.Attachment, f *importer.MessageFiles) *references {
	r := &references{byID: map[string]string{}, byName: map[string]string{}, byURL: map[string]string{}, inline: map[string]string{}, unknown: map[string]bool{}}
	twice := map[string]bool{}
	for i, a := range attachments {
		u := f.Attachments[i].URL
		if a.URL != "" {
			r.byURL[files.SameURL(a.URL)] = u
		}
		if id := files.TrimContentID(a.ContentID); id != "" {
			r.byID[id] = u
		}
		if name := strings.ToLower(f.Attachments[i].Name); name != "" {
			if _, seen := r.byName[name]; seen {
				twice[name] = true
			}
			r.byName[name] = u
		}
	}
	for name := range twice {
		delete(r.byName, name)
	}
	for _, in := range f.Inline {
		r.inline[in.Ref] = in.File.URL
	}
	return r
}

// change is for [files.Rewrite]: what leads to a file of the message leads to the account's own. What is missing stays as it
// was, but for bytes in the text that were too much for a file.
func (r *references) change(attribute, ref string) (string, bool) {
	if id, ok := files.ContentID(ref); ok {
		u, known := r.byID[id]
		if !known { // mail programs make the id of the name: image001.png@01DA2B3C
			name, _, _ := strings.Cut(strings.ToLower(id), "@")
			u, known = r.byName[name]
		}
		if !known {
			r.unknown[ref] = true
		}
		return u, u != ""
	}
	if files.IsData(ref) {
		u, known := r.inline[inlineRef(ref)]
		return u, known
	}
	same := files.SameURL(ref)
	if u := r.byURL[same]; u != "" {
		return u, true
	}
	u := r.inline[same]
	return u, u != "" && attribute != "href"
}

// placeholders puts a line at the end of both forms of a text for each file that is missing. A form that the message lacks is
// made only where it has neither.
func placeholders(text, markup string, lost []importer.File) (string, string) {
	if len(lost) == 0 {
		return text, markup
	}
	var lines, paragraphs strings.Builder
	for _, f := range lost {
		line := fmt.Sprintf("[Attachment not available: %s (%s)]", f.Name, files.Code(f.Missing).Text())
		lines.WriteString("\n" + line)
		paragraphs.WriteString("<p>" + html.EscapeString(line) + "</p>")
	}
	none := text == "" && markup == ""
	if text != "" {
		text += "\n" + lines.String()
	} else if none {
		text = lines.String()[1:]
	}
	if markup != "" || none {
		at := bodyEnd(markup)
		markup = markup[:at] + paragraphs.String() + markup[at:]
	}
	return text, markup
}

// bodyEnd is where the body of a whole document ends, else the end of the text.
func bodyEnd(markup string) int {
	end := strings.TrimRight(markup, " \t\r\n")
	for _, tag := range []string{"</html>", "</body>"} {
		if n := len(end) - len(tag); n >= 0 && strings.EqualFold(end[n:], tag) {
			end = strings.TrimRight(end[:n], " \t\r\n")
		}
	}
	if tail := strings.TrimSpace(markup[len(end):]); tail == "" {
		return len(markup)
	}
	return len(end)
}
