package suggest

import (
	"slices"
	"strings"

	"github.com/deskferry/deskferry/mapping/profile"
)

// What a message's field says of it, as targets of the table of directions. A note is the company's, for itself.
const (
	byCustomer = "false"
	byCompany  = "true"
	asNote     = "note"
)

// sidesOf is what the values of a field say of their messages: as the profile has it, by the words known here, and a value
// that sounds like a note is one until somebody decides otherwise, so that no note becomes public unseen.
func sidesOf(f *profile.Field) vocabulary {
	v := directionWords()
	for _, c := range f.Values {
		if side := v.lookup(c.Value); side == "" && noteLike(c.Value) {
			v[fold(c.Value)] = asNote
		}
	}
	for value, m := range f.Meanings {
		switch m {
		case profile.Incoming:
			v[fold(value)] = byCustomer
		case profile.Outgoing:
			v[fold(value)] = byCompany
		case profile.Note:
			v[fold(value)] = asNote
		}
	}
	return v
}

// noteLike tells whether a value sounds like a note of the company for itself: "Private-Note (agent)".
func noteLike(value string) bool {
	words := strings.Fields(fold(splitCamel(value)))
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "public", "publique", "publico", "publica", "external", "extern", "openbaar", "offentlich", "no", "not", "non":
			return false
		}
		return slices.ContainsFunc([]string{"note", "notiz", "nota", "notitie", "internal", "intern", "private", "privat", "prive", "privad", "whisper", "confidential"}, func(stem string) bool {
			return strings.HasPrefix(w, stem) && len(w) <= len(stem)+2
		})
	}) && !slices.ContainsFunc(words, func(w string) bool {
		return w == "no" || w == "not" || w == "non" || w == "public" || w == "notification"
	})
}

// tells is the role that the values of a field speak for, whatever its heading: the direction where they name a side, else
// what is internal; "" where they say neither.
func (pt *part) tells(f *profile.Field) profile.Role {
	side, note := false, false
	for _, m := range f.Meanings {
		side = side || m == profile.Incoming || m == profile.Outgoing
		note = note || m == profile.Note
	}
	author := slices.ContainsFunc(pt.shape.Candidates[profile.AuthorType], func(c profile.Candidate) bool { return c.Path == f.Path && c.Score >= sure })
	switch {
	case side && !note && author: // it says who the author is
		return ""
	case side:
		return profile.Direction
	case note:
		return profile.Internal
	}
	return ""
}

// notes are the values of a field that mean a note.
func (pl *plan) notes(f *profile.Field, table string) []string {
	if f == nil || truthful(f) {
		return nil
	}
	sides := sidesOf(f)
	var notes []string
	for _, v := range f.Values {
		v := strings.TrimSpace(v.Value)
		side := sides.lookup(v)
		if given := pl.answers.one(keyTable + table + ":" + v); given != "" {
			side = given
		}
		if (side == asNote || side == internalNote) && v != "" && !slices.Contains(notes, v) {
			notes = append(notes, v)
		}
	}
	return notes
}

// noteByValue writes the condition under which a word of a field makes a note; "" where none does.
func (pl *plan) noteByValue(pt *part, f *profile.Field, each, table string) string {
	if notes := pl.notes(f, table); len(notes) > 0 {
		return "{ " + word(pt.ref(f, each)) + ": " + words(notes) + " }"
	}
	return ""
}
