package mapping

import (
	"strings"

	"github.com/agnivade/levenshtein"
)

// longestWord bounds what Nearest compares, in bytes: the distance of two words costs the product of their lengths.
const longestWord = 80

// Nearest returns the one of among that word most likely stands for, "" where none is near. Case and the
// difference between spaces, hyphens and underscores do not count; about a third of the letters may be wrong.
// Of equally near ones the first wins.
func Nearest(word string, among []string) string {
	folded := foldWord(word)
	if folded == "" || len(folded) > longestWord {
		return ""
	}
	best, least := "", max(1, (len([]rune(folded))+1)/3)+1
	for _, candidate := range among {
		c := foldWord(candidate)
		if c == folded {
			return candidate
		}
		if c == "" || len(c) > longestWord {
			continue
		}
		if d := levenshtein.ComputeDistance(folded, c); d < least && d < len([]rune(c)) {
			best, least = candidate, d
		}
	}
	return best
}

func foldWord(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '_', '-':
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// didYouMean is the end of a message about an unknown word: the nearest known one, else all of them.
func didYouMean(word string, among []string) string {
	if near := Nearest(word, among); near != "" {
		return "; did you mean " + quoted(near) + "?"
	}
	if len(among) == 0 {
		return ""
	}
	return "; known: " + listed(among, 30)
}

// listed joins words for a message, at most n of them.
func listed(words []string, n int) string {
	if len(words) > n {
		return strings.Join(words[:n], ", ") + ", …"
	}
	return strings.Join(words, ", ")
}
