package sandbox

import "strings"

// clip shortens text to n characters on one line.
func clip(text string, n int) string {
	if len(text) > 8*n {
		text = text[:8*n]
	}
	text = strings.ToValidUTF8(strings.Join(strings.Fields(text), " "), "")
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
