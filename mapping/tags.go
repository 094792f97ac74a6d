package mapping

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// CleanTag returns a tag as it is sent: any white space is a blank, other control characters are taken out, runs of blanks
// are one, and none stands at either end. "" when nothing is left. Case stays: Gorgias's tags differ by it.
func CleanTag(tag string) string {
	if isCleanTag(tag) {
		return tag
	}
	tag = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case isTagRubbish(r):
			return -1
		}
		return r
	}, tag)
	return strings.Join(strings.Fields(tag), " ")
}

// isCleanTag tells whether there is nothing to clean.
func isCleanTag(tag string) bool {
	blank := true // what stands before is a blank, or nothing
	for _, r := range tag {
		switch {
		case r == ' ' && !blank:
			blank = true
		case unicode.IsSpace(r) || isTagRubbish(r):
			return false
		default:
			blank = false
		}
	}
	return !blank || tag == ""
}

// ValidTag tells whether a clean tag has the length the API takes: 1 to 256 characters (api/gorgias section 4).
func ValidTag(tag string) bool {
	return tag != "" && (len(tag) <= maxTag || utf8.RuneCountInString(tag) <= maxTag)
}

// tags cleans the ticket's tags, drops those that are empty then or named twice, and cuts those that are too long: meta keeps them whole. The
// API states no limit to their number, so there is none.
func (a *assembler) tags(t *Ticket) {
	if !slices.ContainsFunc(t.Tags, func(tag string) bool { return !isCleanTag(tag) || !ValidTag(tag) }) {
		a.tagCases(t.Tags)
		return
	}
	kept := make([]string, 0, len(t.Tags)) // the list is a fact's own
	has := tagSet{}
	for _, tag := range t.Tags {
		clean := CleanTag(tag)
		if strings.ContainsFunc(strings.TrimSpace(tag), isTagRubbish) {
			a.breach(Warning, "tags", codeTagCleaned, tag, "it is sent without line ends and control characters; is it a list? then add split")
		}
		switch {
		case clean == "":
		case !ValidTag(clean):
			a.breach(Warning, "tags", codeTagLong, tag, "a tag has 1 to 256 characters: it is cut there"+keptWhole+"; is it a list? then add split: \",\"")
			whole := originalOf("tag", clean)
			t.Meta = withPair(t.Meta, whole.Name, whole.Value)
			if clean, _ = cutTo(clean, maxTag); has.add(CleanTag(clean)) {
				kept = append(kept, CleanTag(clean))
			}
		case has.add(clean):
			kept = append(kept, clean)
		}
	}
	t.Tags = kept
	a.tagCases(kept)
}

// isTagRubbish tells of what nobody sees or types in a tag.
func isTagRubbish(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// tagCases warns of tags of a ticket that differ by case alone: in Gorgias they are two.
func (a *assembler) tagCases(tags []string) {
	if len(tags) < 2 {
		return
	}
	if len(tags) <= fewTags {
		for k, tag := range tags {
			for _, other := range tags[:k] {
				if tag != other && strings.EqualFold(tag, other) {
					a.breachOfCase(other, tag)
					break
				}
			}
		}
		return
	}
	first := make(map[string]string, len(tags))
	for _, tag := range tags {
		folded := strings.ToLower(tag)
		if other, met := first[folded]; met && other != tag {
			a.breachOfCase(other, tag)
		} else {
			first[folded] = tag
		}
	}
}

func (a *assembler) breachOfCase(one, other string) {
	a.breach(Warning, "tags", codeTagCase, one+", "+other, "both are sent: Gorgias tells tags apart by case; add lower: true to make them one")
}

// tagSet tells whether a tag was met: by comparing while there are few. The zero value is empty.
type tagSet struct {
	few  []string
	many map[string]struct{}
}

// add tells whether the tag is new.
func (s *tagSet) add(tag string) bool {
	if s.many == nil {
		if slices.Contains(s.few, tag) {
			return false
		}
		if s.few = append(s.few, tag); len(s.few) > fewTags {
			s.many = make(map[string]struct{}, 2*len(s.few))
			for _, t := range s.few {
				s.many[t] = struct{}{}
			}
		}
		return true
	}
	if _, met := s.many[tag]; met {
		return false
	}
	s.many[tag] = struct{}{}
	return true
}

// unitedTags adds the tags that are not there yet. The first list is shared until it grows.
func unitedTags(to, from []string) []string {
	switch {
	case len(from) == 0:
		return to
	case len(to) == 0 && len(from) <= fewTags && !repeats(from):
		return from[:len(from):len(from)]
	}
	has := tagSet{}
	for _, tag := range to {
		has.add(tag)
	}
	to = to[:len(to):len(to)]
	for _, tag := range from {
		if has.add(tag) {
			to = append(to, tag)
		}
	}
	return to
}

func repeats(list []string) bool {
	for k, s := range list {
		if slices.Contains(list[:k], s) {
			return true
		}
	}
	return false
}
