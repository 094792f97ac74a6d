package mapping

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The limits of api/gorgias sections 3, 4 and 7, in characters. Names of fields and their words are in the tables of fields.
const (
	maxSubject = 998
	maxTag     = 256
	maxEmail   = 320 // any address: a number too
	maxName    = 255 // of a customer, of a file, and of its type
)

// metaOriginal begins the names of what meta keeps whole where a field has no room for it: "original_subject".
const metaOriginal = "original_"

const keptWhole = "; the whole is kept in meta"

// limits holds the assembled ticket against what the API takes. Mapping a record has checked the same; what meets only here,
// or was not mapped by a rule, is checked all the same. What breaks a limit is taken out, so that a ticket
// that is sent although incomplete is still a valid one.
func (a *assembler) limits() {
	t := &a.out.Ticket
	a.word(fieldStatus, &t.Status, statuses)
	a.word(fieldPriority, &t.Priority, priorities)
	a.word(fieldVia, &t.Via, vias)
	a.slug(&t.Channel)
	if t.Language != "" && (len(t.Language) != 2 || !lowerLetters(t.Language)) {
		a.breach(Error, "language", codeValueLanguage, t.Language, "a two-letter ISO 639-1 language is wanted: translate it with a table")
		t.Language = ""
	}
	a.customerNames()
	subject := t.Subject
	t.Meta, _ = a.shortened("subject", &t.Subject, maxSubject, t.Meta)
	a.tags(t)
	for k := range t.Messages {
		m := &t.Messages[k]
		a.slug(&m.Channel)
		a.word(fieldVia, &m.Via, vias)
		if m.Subject == subject {
			m.Subject = t.Subject
		} else {
			a.messageText(m, "subject", &m.Subject, maxSubject)
		}
	}
}

// customerNames cuts the names of the ticket's customers. Agents are sent by their ids alone.
func (a *assembler) customerNames() {
	t := &a.out.Ticket
	name := t.Customer.Name
	t.Meta, _ = a.shortened("customer.name", &t.Customer.Name, maxName, t.Meta)
	for k := range t.Messages {
		switch m := &t.Messages[k]; {
		case m.FromAgent:
		case m.Author.Name == name:
			m.Author.Name = t.Customer.Name
		default:
			a.messageText(m, "author.name", &m.Author.Name, maxName)
		}
	}
}

// messageText shortens a text of a message.
func (a *assembler) messageText(m *Message, field string, s *string, most int) {
	var grown int
	m.Meta, grown = a.shortened(field, s, most, m.Meta)
	m.Size += grown
}

// shortened cuts a text that is too long. It returns meta with the whole of it, and how much more that may take on the wire.
func (a *assembler) shortened(field string, s *string, most int, meta []Pair) ([]Pair, int) {
	cut, long := cutTo(*s, most)
	if !long {
		return meta, 0
	}
	a.breach(Warning, field, codeTextLong, *s, "it is cut to "+strconv.Itoa(most)+" characters"+keptWhole)
	p := originalOf(field, *s)
	*s = cut
	return withPair(meta, p.Name, p.Value), sizePair + jsonCost(p.Name) + jsonCost(p.Value)
}

// originalOf is what meta keeps of a field's text that is not sent as it is.
func originalOf(field, whole string) Pair {
	return Pair{metaOriginal + strings.ReplaceAll(field, ".", "_"), whole}
}

// cutter cuts a text to a number of characters, and tells whether it had more.
type cutter func(s string, most int) (cut string, long bool)

// cutTo is the first characters of s, and whether there are more.
func cutTo(s string, most int) (cut string, long bool) {
	if len(s) <= most {
		return s, false
	}
	n := 0
	for i := range s {
		if n == most {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// breach reports what breaks a limit; an error makes the ticket incomplete.
func (a *assembler) breach(s Severity, field, code, value, hint string) {
	a.ticketProblem(s, field, code, value, hint)
	a.limitBad = a.limitBad || s == Error
}

func (a *assembler) word(field int, value *string, words []string) {
	if *value == "" || slices.Contains(words, *value) {
		return
	}
	name := ticketFields[field].name
	a.breach(Error, name, codeValueEnum, *value, "one of "+strings.Join(words, ", ")+" is wanted: translate it with a table")
	*value = ""
}

// slug checks a channel: one of Gorgias's own, or a custom channel's slug.
func (a *assembler) slug(channel *string) {
	if *channel == "" || slices.Contains(channels, *channel) {
		return
	}
	for i := range len(*channel) {
		if b := (*channel)[i]; !isLetter(b) && !isDigit(b) && b != '-' && b != '_' {
			a.breach(Error, "channel", codeValueEnum, *channel, "a channel or a custom channel's slug is wanted: translate it with a table")
			*channel = "api"
			return
		}
	}
}

// cutFileName keeps the extension of the name.
func cutFileName(s string, most int) (cut string, long bool) {
	if cut, long = cutTo(s, most); !long {
		return cut, false
	}
	ext := path.Ext(s)
	if n := utf8.RuneCountInString(ext); n > 1 && n <= maxExtension {
		cut, _ = cutTo(s, most-n)
		cut += ext
	}
	return cut, true
}

const maxExtension = 20 // the dot included

func lowerLetters(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}
