package mask

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is a run of letters and digits in a text.
type word struct {
	start, end int
	folded     string
}

// long tells whether a word says enough to be somebody's.
func (w word) long() bool { return len([]rune(w.folded)) >= 3 || dense(w.folded) }

// words cuts a text at everything that is no letter, mark or digit.
func words(s string) []word {
	var all []word
	start := -1
	for i, r := range s + " " {
		in := unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)
		switch {
		case in && start < 0:
			start = i
		case !in && start >= 0:
			all = append(all, word{start, i, fold(s[start:i])})
			start = -1
		}
	}
	return all
}

// fold makes spellings of one name equal: case, width and the way accents are written do not count.
func fold(s string) string { return strings.ToLower(norm.NFKC.String(s)) }

// dense tells whether s is of a script that writes names without spaces.
func dense(s string) bool {
	for _, r := range s {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai) {
			return true
		}
	}
	return false
}

// nameIndex finds names in texts. The zero value knows none.
type nameIndex struct {
	byFirst map[string][]knownName // by the first word
	dense   []string               // of scripts without spaces
}

// knownName is a name, or a part of one.
type knownName struct {
	words    []string // folded
	written  string   // a part, as it is written
	part     bool
	whole    string // the full name
	byItself string // the mask
}

// idle are words in names that are nobody's: titles, offices, and what helpdesks call themselves.
const idle = " van von der den des del dos las los the and für for und mrs mr dr prof info support sales help helpdesk service contact admin office team hello noreply unknown " +
	"customer agent user client kunde guest anonymous null none team bot system automation automatic email mail chat phone web api ticket message deskferry gorgias zendesk " +
	"freshdesk front helpscout scout hubspot intercom kayako omnidesk zoho desk gmail google outlook microsoft twitter facebook instagram whatsapp shopify "

// add takes a name in. Names of one letter, and numbers, are none.
func (x *nameIndex) add(name, mask string) {
	all := words(name)
	if len(all) == 0 || len(all) > 8 || len(all) == 1 && (!all[0].long() && !letters(all[0].folded, 2) || strings.Contains(idle, " "+all[0].folded+" ")) || !letters(name, 2) {
		return
	}
	if x.byFirst == nil {
		x.byFirst = map[string][]knownName{}
	}
	k := knownName{whole: name, byItself: mask}
	for _, w := range all {
		k.words = append(k.words, w.folded)
	}
	x.put(k)
	if dense(name) {
		x.dense = append(x.dense, name)
	}
	if len(all) == 1 {
		return
	}
	x.put(knownName{words: []string{strings.Join(k.words, "")}, whole: name, byItself: mask})
	for _, w := range all {
		if w.long() && letters(w.folded, 2) && !strings.Contains(idle, " "+w.folded+" ") {
			x.put(knownName{words: []string{w.folded}, written: name[w.start:w.end], part: true, whole: name, byItself: mask})
		}
	}
}

func (x *nameIndex) put(k knownName) {
	list := x.byFirst[k.words[0]]
	for _, o := range list {
		if strings.Join(o.words, " ") == strings.Join(k.words, " ") && o.part == k.part {
			return // two of one name: the first one's mask stands for both
		}
	}
	x.byFirst[k.words[0]] = append(list, k)
}

// letters tells whether s has at least n letters.
func letters(s string, n int) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			n--
		}
	}
	return n <= 0
}

// replace puts masks in the place of names. In a text of ours a part of a name counts only as it is written: "will" is
// nobody there, and "Will" may be.
func (x *nameIndex) replace(s string, ours bool) string {
	for _, name := range x.dense {
		if mask := x.byFirst[words(name)[0].folded][0].byItself; strings.Contains(s, name) {
			s = strings.ReplaceAll(s, name, mask)
		}
	}
	if len(x.byFirst) == 0 {
		return s
	}
	all := words(s)
	var b strings.Builder
	end := 0
	for i := 0; i < len(all); i++ {
		k := x.longest(s, all[i:], ours)
		if k == nil {
			continue
		}
		last := all[i+len(k.words)-1]
		b.WriteString(s[end:all[i].start] + k.byItself)
		end = last.end
		i += len(k.words) - 1
	}
	return b.String() + s[end:]
}

// longest is the longest name that a text's words begin with, nil for none.
func (x *nameIndex) longest(s string, all []word, ours bool) (best *knownName) {
	list := x.byFirst[all[0].folded]
	for i := range list {
		k := &list[i]
		if len(k.words) > len(all) || best != nil && len(k.words) <= len(best.words) && !best.part {
			continue
		}
		if ours && k.part && s[all[0].start:all[0].end] != k.written {
			continue
		}
		fits := true
		for j, w := range k.words {
			fits = fits && all[j].folded == w && (j == 0 || all[j].start-all[j-1].end <= 3 && !strings.Contains(s[all[j-1].end:all[j].start], "\n"))
		}
		if fits {
			best = k
		}
	}
	return best
}
