package mapping

import "strings"

// escaped is how many bytes a byte takes inside a JSON string; it errs on the high side.
var escaped = escapeCosts()

func escapeCosts() (json [256]uint8) {
	for c := range 256 {
		json[c] = 1
		if c < 0x20 || c == 0x7f {
			json[c] = 6
		}
	}
	for _, c := range "\"\\\n\r\t\b\f" {
		json[c] = 2
	}
	return json
}

// plainCost adds up what the bytes of s take inside a JSON string.
func plainCost(s string) int {
	n := 0
	for i := range len(s) {
		n += int(escaped[s[i]])
	}
	return n
}

// htmlExtra is how much more a text takes once it was made HTML: a blank may be kept as a no-break space, a line end
// is <br>, and a paragraph takes 7 for two of them.
func htmlExtra(s string) int {
	return strings.Count(s, " ") + 3*(strings.Count(s, "<")+strings.Count(s, ">")) + 4*strings.Count(s, "&") +
		2*(strings.Count(s, "\n")+strings.Count(s, "\r"))
}

// linkExtra is how much more links take in HTML made of a text, cost being what the text takes: their address is there twice.
func linkExtra(s string, cost int) int {
	n := links(s)
	if n == 0 {
		return 0
	}
	return n*sizeLink + cost + htmlExtra(s)
}

// links counts what may become a link: all of it has a colon, which most texts do not.
func links(s string) int {
	n := 0
	for at := strings.IndexByte(s, ':'); at >= 0; {
		before, after := s[:at], s[at+1:]
		if strings.HasPrefix(after, "//") {
			n++
		}
		if strings.HasSuffix(before, "mailto") || strings.HasSuffix(before, "MAILTO") {
			n++
		}
		next := strings.IndexByte(after, ':')
		if next < 0 {
			break
		}
		at += 1 + next
	}
	return n
}

// quoteExtra is how much more the quotes of HTML take in a text, where each line of them has its marks.
func quoteExtra(s string) int {
	if !holdsQuote(s) {
		return 0
	}
	return maxQuoted*(2*strings.Count(s, "<")+strings.Count(s, "\n")+strings.Count(s, "\r")) + 2*strings.Count(s, "<")
}

// cleanExtra is how much more HTML may take once it is cleaned, and so written anew: an apostrophe as &#39;, an attribute that
// had neither value nor quotes with both.
func cleanExtra(s string) int {
	if s == "" {
		return 0
	}
	n := 6*(strings.Count(s, "'")+strings.Count(s, "\"")) + 4*(strings.Count(s, "&")+strings.Count(s, "=")) + 3*(strings.Count(s, "<")+strings.Count(s, ">"))
	for _, gap := range [...]string{" ", "\t", "\n", "\r", "\f", "/"} {
		n += 6 * strings.Count(s, gap)
	}
	return n + sizeFrames
}

// jsonCost is plainCost. Eight bytes that need no escape, as nearly all do, are told at once.
func jsonCost(s string) int {
	n := 0
	for ; len(s) >= 8; s = s[8:] {
		x := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
			uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		if isPlain(x) {
			n += 8
		} else {
			n += plainCost(s[:8])
		}
	}
	return n + plainCost(s)
}

// isPlain tells whether none of eight bytes is a control, a quote or a backslash.
func isPlain(x uint64) bool {
	const each, high = 0x0101010101010101, 0x8080808080808080
	controls := (x - each*0x20) &^ x
	quotes := x ^ each*'"'
	slashes := x ^ each*'\\'
	deletes := x ^ each*0x7f
	found := controls | (quotes-each)&^quotes | (slashes-each)&^slashes | (deletes-each)&^deletes
	return found&high == 0
}

// What a message takes besides its texts: its keys, times, flags and people, and a subject that is the ticket's.
const (
	sizeFixed   = 1536
	sizeSubject = 2 * 998
	sizeAddress = 40
	sizeFile    = 120
	sizePair    = 10
	sizePerTag  = 8
	sizeWrap    = 64
	sizeLink    = 20  // <a href=""></a>
	sizeFrames  = 256 // a <div> for <html>, and one for <body>
)

// sizeOf is an upper bound of the bytes a message takes on the wire.
// clean says that its HTML is sent as it is. An e-mail may be sent twice: whole, and without what it quotes.
func sizeOf(f *MessageFact, b *BodiesBlock, clean bool) int {
	m := &f.Message
	n := sizeFixed + 2*(jsonCost(f.Author.Name)+len(f.Author.Email)) + 2*jsonCost(m.ExternalID)
	html, text := jsonCost(m.BodyHTML), jsonCost(m.BodyText)
	switch {
	case m.BodyHTML == "" && m.BodyText != "":
		html = text + htmlExtra(m.BodyText) + linkExtra(m.BodyText, text) + sizeWrap
	case m.BodyText == "" && m.BodyHTML != "":
		// Each tag may become a paragraph's two line ends; a link's address is in the HTML already.
		text = html + sizePerTag*strings.Count(m.BodyHTML, "<") + quoteExtra(m.BodyHTML) + sizeWrap
	}
	if !clean {
		html += cleanExtra(m.BodyHTML) + cleanExtra(m.StrippedHTML)
	}
	n += html + text
	if b.strips() && mayBeMail(f) {
		n += html + text
	}
	for _, s := range [...]string{m.StrippedHTML, m.StrippedText, m.StrippedSignature, m.MessageID, m.InReplyTo, m.References} {
		n += jsonCost(s)
	}
	if m.Subject == "" {
		n += sizeSubject
	} else {
		n += jsonCost(m.Subject)
	}
	for _, list := range [...][]Address{m.To, m.Cc, m.Bcc, {m.From}} {
		for _, a := range list {
			n += sizeAddress + jsonCost(a.Name) + jsonCost(a.Address)
		}
	}
	for _, list := range [...][]Pair{m.Headers, m.Meta} {
		for _, p := range list {
			n += sizePair + jsonCost(p.Name) + jsonCost(p.Value)
		}
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		n += sizeFile + jsonCost(a.URL) + jsonCost(a.Name) + jsonCost(a.ContentType)
	}
	return n
}
