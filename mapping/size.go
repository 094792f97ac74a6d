package mapping

// escaped is how many bytes a byte takes inside a JSON string, derived how many once it was made HTML first. Both
// err on the high side.
var escaped, derived = escapeCosts()

func escapeCosts() (json, html [256]uint8) {
	for c := range 256 {
		json[c], html[c] = 1, 1
		if c < 0x20 || c == 0x7f {
			json[c], html[c] = 6, 6
		}
	}
	for _, c := range "\"\\\n\r\t\b\f" {
		json[c], html[c] = 2, 2
	}
	html['\n'], html['\r'] = 4, 4 // <br>; a paragraph takes 7 for two of them
	html['<'], html['>'], html['&'] = 4, 4, 5
	html[' '] = 2 // kept as a no-break space
	return json, html
}

func cost(s string, costs *[256]uint8) int {
	n := 0
	for i := range len(s) {
		n += int(costs[s[i]])
	}
	return n
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
)

// sizeOf is an upper bound of the bytes a message takes on the wire.
func sizeOf(f *MessageFact) int {
	m := &f.Message
	n := sizeFixed + 2*(cost(f.Author.Name, &escaped)+len(f.Author.Email)) + len(m.ExternalID)
	html, text := cost(m.BodyHTML, &escaped), cost(m.BodyText, &escaped)
	switch {
	case m.BodyHTML == "" && m.BodyText != "":
		html = cost(m.BodyText, &derived) + sizeWrap
	case m.BodyText == "" && m.BodyHTML != "":
		// Each tag may become a paragraph's two line ends; a link's address is in the HTML already.
		text = html + sizePerTag*tags(m.BodyHTML) + sizeWrap
	}
	n += html + text
	for _, s := range [...]string{m.StrippedHTML, m.StrippedText, m.StrippedSignature, m.MessageID, m.InReplyTo} {
		n += cost(s, &escaped)
	}
	if m.Subject == "" {
		n += sizeSubject
	} else {
		n += cost(m.Subject, &escaped)
	}
	for _, list := range [...][]Address{m.To, m.Cc, m.Bcc, {m.From}} {
		for _, a := range list {
			n += sizeAddress + cost(a.Name, &escaped) + cost(a.Address, &escaped)
		}
	}
	for _, list := range [...][]Pair{m.Headers, m.Meta} {
		for _, p := range list {
			n += sizePair + cost(p.Name, &escaped) + cost(p.Value, &escaped)
		}
	}
	for i := range m.Attachments {
		a := &m.Attachments[i]
		n += sizeFile + cost(a.URL, &escaped) + cost(a.Name, &escaped) + cost(a.ContentType, &escaped)
	}
	return n
}

func tags(html string) int {
	n := 0
	for i := range len(html) {
		if html[i] == '<' {
			n++
		}
	}
	return n
}
