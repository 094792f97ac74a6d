package mapping

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of api/gorgias sections 3 and 4. Names of fields and their words are in the tables of fields.
const (
	maxSubject = 998
	maxTag     = 256
	maxEmail   = 320
)

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
	subject := t.Subject
	a.subject(&t.Subject)
	a.tags(t)
	for k := range t.Messages {
		m := &t.Messages[k]
		a.slug(&m.Channel)
		a.word(fieldVia, &m.Via, vias)
		if m.Subject == subject {
			m.Subject = t.Subject
		} else {
			a.subject(&m.Subject)
		}
	}
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

func (a *assembler) subject(s *string) {
	if len(*s) <= maxSubject || utf8.RuneCountInString(*s) <= maxSubject {
		return
	}
	a.breach(Warning, "subject", codeTextLong, *s, "it is cut to 998 characters")
	n := 0
	for i := range *s {
		if n++; n > maxSubject {
			*s = (*s)[:i]
			return
		}
	}
}

func lowerLetters(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}
