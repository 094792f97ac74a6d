package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// LoadProblem is one thing wrong in a mapping file.
type LoadProblem struct {
	Pos  Pos
	Path string // where in the mapping: "messages.comment.sent_datetime"; "" for the file itself
	Text string // what is wrong, and the remedy
	Line string // the offending line as it stands in the file; "" where there is none

	Missing string // the column that a file does not have, where that is what is wrong
}

// String gives the message, and under it the line with a caret.
func (p LoadProblem) String() string {
	var b strings.Builder
	b.WriteString(p.Pos.String())
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path)
		b.WriteString(": ")
	}
	b.WriteString(p.Text)
	if strings.TrimSpace(p.Line) != "" {
		line, caret := excerpt(p.Line, p.Pos.Column)
		fmt.Fprintf(&b, "\n    %s\n    %s^", line, caret)
	}
	return b.String()
}

// LoadError is why a mapping cannot be used: all its problems at once, in the order of files and lines. It has
// at least one.
type LoadError struct{ Problems []LoadProblem }

// shownProblems bounds the text of a LoadError; Problems has them all.
const shownProblems = 50

func (e *LoadError) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i == shownProblems {
			fmt.Fprintf(&b, "\nand %d more problems; mend these first", len(e.Problems)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
	}
	return b.String()
}

// loadError makes an error of problems found in f, with their lines; nil where there are none.
func (f *File) loadError(problems []LoadProblem) error {
	return newLoadError(problems, f.texts)
}

// newLoadError sorts problems, drops repeated ones and adds the lines they are about.
func newLoadError(problems []LoadProblem, texts map[string][]string) error {
	if len(problems) == 0 {
		return nil
	}
	order := func(a, b LoadProblem) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column), cmp.Compare(a.Text, b.Text))
	}
	problems = slices.Clone(problems)
	slices.SortStableFunc(problems, order)
	problems = slices.CompactFunc(problems, func(a, b LoadProblem) bool { return order(a, b) == 0 })
	for i := range problems {
		p := &problems[i]
		if lines := texts[p.Pos.File]; p.Pos.Line >= 1 && p.Pos.Line <= len(lines) {
			p.Line = lines[p.Pos.Line-1]
		}
	}
	return &LoadError{problems}
}

// problems collects what is wrong while a mapping is read.
type problems struct{ list []LoadProblem }

func (p *problems) add(pos Pos, path, format string, args ...any) {
	p.list = append(p.list, LoadProblem{Pos: pos, Path: oneLine(path, 200), Text: oneLine(fmt.Sprintf(format, args...), 1000)})
}

// oneLine makes a text that may quote the file fit for a message: printable, on one line, of at most so many
// characters.
func oneLine(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsPrint(r):
			return '�'
		}
		return r
	}, s)
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return s
}

// excerptWidth is how much of a long line is shown, in characters.
const excerptWidth = 120

// excerpt cuts line around column and returns what stands before the caret on the line below.
func excerpt(line string, column int) (shown, before string) {
	runes := []rune(strings.TrimRight(line, " \t"))
	at := min(max(column-1, 0), len(runes))
	if len(runes) > excerptWidth {
		from := max(0, min(at-excerptWidth/2, len(runes)-excerptWidth))
		to := min(len(runes), from+excerptWidth)
		cutEnd := to < len(runes)
		runes, at = runes[from:to], at-from
		if from > 0 {
			runes = append([]rune{'…'}, runes...)
			at++
		}
		if cutEnd {
			runes = append(slices.Clip(runes), '…')
		}
	}
	pad := make([]rune, at)
	for i, r := range runes {
		if r != '\t' && !unicode.IsPrint(r) {
			runes[i] = '�'
		}
		if i < at {
			pad[i] = ' '
			if r == '\t' {
				pad[i] = '\t'
			}
		}
	}
	return string(runes), string(pad)
}

// quoted shows text from a file in a message: escaped, and cut when long.
func quoted(s string) string {
	const most = 60
	if utf8.RuneCountInString(s) > most {
		s = string([]rune(s)[:most]) + "…"
	}
	return strconv.Quote(s)
}
