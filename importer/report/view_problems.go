package report

import (
	"slices"
	"strings"

	"github.com/deskferry/deskferry/importer"
	"github.com/deskferry/deskferry/importer/problem"
)

// problemView is a kind of problem as the page lists it.
type problemView struct {
	importer.ProblemSum
	Title  string // code and field
	Cause  string // what the code means
	Remedy string // what to do, where that is the same for all values
	Pastes []pasteBlock
	Values []importer.ValueSum // those that have no line of their own
	Left   int                 // values that are not listed
	Open   bool
}

// pasteBlock is what to put into one place of the mapping.
type pasteBlock struct {
	Where string // "tables.status"
	Lines []pasteLine
}

// pasteLine is a line of it.
type pasteLine struct {
	Line  string // `"on-hold": open`
	Count int64  // values it is for
}

// pastes are the blocks of a problem, and where in them each hint has its line.
type pastes struct {
	blocks []pasteBlock
	lines  int
	at     map[string][2]int
}

// add counts a hint's line, and takes it in unless there are max lines; false: it was not taken, or has none.
func (p *pastes) add(hint string, count int64, most int) bool {
	if at, known := p.at[hint]; known {
		p.blocks[at[0]].Lines[at[1]].Count += count
		return true
	}
	where, line, ok := paste(hint)
	if !ok || p.lines >= most {
		return false
	}
	i := slices.IndexFunc(p.blocks, func(b pasteBlock) bool { return b.Where == where })
	if i < 0 {
		i = len(p.blocks)
		p.blocks = append(p.blocks, pasteBlock{Where: where})
	}
	if p.at == nil {
		p.at = map[string][2]int{}
	}
	p.at[hint] = [2]int{i, len(p.blocks[i].Lines)}
	p.blocks[i].Lines = append(p.blocks[i].Lines, pasteLine{line, count})
	p.lines++
	return true
}

// openProblems are shown with their details from the beginning.
const openProblems = 3

func (v *view) problems(all []importer.ProblemSum, l limits) {
	for _, p := range all {
		if p.Severity == "error" {
			v.Errors++
		} else {
			v.Warnings++
		}
		if len(v.Problems) == l.rows {
			v.Further++
			continue
		}
		v.Problems = append(v.Problems, newProblem(p, l, len(v.Problems) < openProblems))
	}
}

func newProblem(p importer.ProblemSum, l limits, open bool) problemView {
	out := problemView{ProblemSum: p, Title: p.Code, Open: open}
	if e, ok := problem.Lookup(p.Code); ok {
		out.Cause = e.Cause
	}
	if p.Field != "" && !strings.HasPrefix(p.Code, p.Field+".") {
		out.Title += " (" + p.Field + ")"
	}
	var lines pastes
	for _, x := range p.Values {
		hint := orElse(x.Hint, p.Hint)
		switch _, _, ok := paste(hint); {
		case ok && lines.add(hint, x.Count, l.values-len(out.Values)):
		case lines.lines+len(out.Values) >= l.values:
			out.Left++
		default:
			out.Values = append(out.Values, importer.ValueSum{Value: x.Value, Count: x.Count, Hint: x.Hint})
		}
	}
	if len(out.Values) <= len(p.Examples) && !slices.ContainsFunc(out.Values, func(v importer.ValueSum) bool { return v.Hint != "" }) {
		out.Values = nil // the examples show them
	}
	if _, _, ok := paste(p.Hint); !ok {
		out.Remedy = p.Hint
	} else if lines.lines == 0 {
		lines.add(p.Hint, p.Count, 1)
	}
	out.Pastes = lines.blocks
	return out
}

// paste takes the line out of a hint that has one: "tables.status: add  on-hold: open" names the place and, after two
// spaces, the line.
func paste(hint string) (where, line string, ok bool) {
	where, line, ok = strings.Cut(hint, ": add  ")
	if !ok || strings.ContainsAny(where, " \n") || strings.Contains(line, "\n") {
		return "", "", false
	}
	return where, line, true
}
