package files

import (
	"encoding/base64"
	"mime"
	"net/url"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/net/html"
)

// Rewrite hands every reference of an HTML text to change (src, href, background and poster of any element) and puts in
// what it returns; "" takes the attribute away. All that is not changed stays as it is, byte by byte.
func Rewrite(text string, change func(attribute, value string) (to string, changed bool)) string {
	z := html.NewTokenizer(strings.NewReader(text))
	var b strings.Builder
	done, some := 0, false // bytes of text that were passed
	for {
		kind := z.Next()
		raw := len(z.Raw())
		if kind == html.ErrorToken {
			break
		}
		from := done
		done += raw
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken || !mayRefer(text[from:done]) {
			if some {
				b.WriteString(text[from:done])
			}
			continue
		}
		t := z.Token()
		if !rewriteToken(&t, change) {
			if some {
				b.WriteString(text[from:done])
			}
			continue
		}
		if !some {
			some = true
			b.Grow(len(text))
			b.WriteString(text[:from])
		}
		b.WriteString(t.String())
	}
	if !some {
		return text
	}
	b.WriteString(text[done:])
	return b.String()
}

// mayRefer passes over tags without attributes.
func mayRefer(tag string) bool { return strings.Contains(tag, "=") }

func rewriteToken(t *html.Token, change func(attribute, value string) (string, bool)) (some bool) {
	kept := t.Attr[:0]
	for _, a := range t.Attr {
		switch {
		case a.Namespace == "" && (a.Key == "src" || a.Key == "href" || a.Key == "background" || a.Key == "poster"):
			to, changed := change(a.Key, strings.TrimSpace(a.Val))
			if changed {
				some = true
				if to == "" {
					continue
				}
				a.Val = to
			}
		}
		kept = append(kept, a)
	}
	t.Attr = kept
	return some
}

// scheme tells whether ref begins with the scheme, in any case, and returns what follows the colon.
func scheme(ref, name string) (rest string, ok bool) {
	if len(ref) <= len(name) || ref[len(name)] != ':' || !strings.EqualFold(ref[:len(name)], name) {
		return "", false
	}
	return ref[len(name)+1:], true
}

// ContentID is what a cid: reference names; false for other references.
func ContentID(ref string) (string, bool) {
	rest, ok := scheme(ref, "cid")
	if !ok {
		return "", false
	}
	if plain, err := url.PathUnescape(rest); err == nil {
		rest = plain
	}
	return TrimContentID(rest), true
}

// TrimContentID takes the angle brackets off a Content-ID.
func TrimContentID(id string) string {
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(id), "<"), ">")
}

// IsData tells whether ref carries the bytes of an image.
func IsData(ref string) bool {
	rest, ok := scheme(ref, "data")
	return ok && len(rest) > 6 && strings.EqualFold(rest[:6], "image/")
}

// FromData is the image that a data: reference carries; false where it is not to be read.
func FromData(ref string) (Source, bool) {
	rest, ok := scheme(ref, "data")
	head, data, found := strings.Cut(rest, ",")
	if !ok || !found {
		return Source{}, false
	}
	encoded := false
	if i := strings.LastIndexByte(head, ';'); i >= 0 && strings.EqualFold(strings.TrimSpace(head[i+1:]), "base64") {
		head, encoded = head[:i], true
	}
	kind, _, err := mime.ParseMediaType(head)
	if err != nil || !strings.HasPrefix(kind, "image/") {
		return Source{}, false
	}
	if strings.Contains(data, "%") {
		if data, err = url.PathUnescape(data); err != nil {
			return Source{}, false
		}
	}
	if !encoded {
		data = base64.StdEncoding.EncodeToString([]byte(data))
	}
	s := Source{Data: data, ContentType: kind, Name: "image"}
	if m := mimetype.Lookup(kind); m != nil {
		s.Name += m.Extension()
	}
	if _, err := Decode(s); err != nil {
		return Source{}, false
	}
	return s, true
}

// SameURL is a form in which spellings of one URL are equal: blanks, escapes, the case of scheme and host.
func SameURL(ref string) string {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || u.Host == "" {
		return ref
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if u.Scheme == "" {
		u.Scheme = "https"
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}

// HostOf is the host a reference leads to, in lower case; "" for what is no http or https URL.
func HostOf(ref string) string {
	u, err := parseURL(ref)
	if err != nil {
		return ""
	}
	return canonicalHost(u.Hostname())
}

// MaxImages is how many images of one text become files.
const MaxImages = 200

// Images lists the images of an HTML text that are files of their own: those that carry their bytes, and those that lead to
// one of the hosts. Each is listed once: the first [MaxImages] in refs, the others in beyond.
func Images(text string, hosts []string) (refs, beyond []string) {
	seen := map[string]bool{}
	Rewrite(text, func(attribute, ref string) (string, bool) {
		switch {
		case attribute == "href" || seen[ref]:
		case !IsData(ref) && (len(hosts) == 0 || !slices.Contains(hosts, HostOf(ref))):
		default:
			seen[ref] = true
			if len(refs) < MaxImages {
				refs = append(refs, ref)
			} else {
				beyond = append(beyond, ref)
			}
		}
		return "", false
	})
	return refs, beyond
}
