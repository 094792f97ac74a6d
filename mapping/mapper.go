package mapping

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/expr-lang/expr/vm"

	"github.com/deskferry/deskferry/sources"
)

// Env is what a run adds to a mapping.
type Env struct {
	Now     time.Time // the run's clock: no message is sent after it
	Settled *Survey   // the time layouts of the whole input, once [Survey.Settle] has found them
}

// Mapper maps records, one at a time. It belongs to one goroutine.
type Mapper struct {
	m        *Mapping
	now      time.Time
	settled  []*layouts
	survey   *Survey
	scratch  Result
	bindings map[*sources.File]*bound
	last     *bound

	// The record in hand.
	rec        *sources.Record
	out        *Result
	in         *input
	columns    []int32
	isRow      bool
	item       item
	firstT     int // where its facts begin in out
	firstM     int
	firstP     int
	firstWho   int
	ticketKey  string // of the ticket it belongs to, "" when not known
	ticketSeen bool   // a ticket rule took it
	skips      int
	reason     string // of the first skip

	// The rule and field in hand.
	rule   string
	field  string
	errors int
	quiet  bool   // problems are not noted: of a skipped fact
	mark   int    // where the problems of this rule and item begin
	said   string // what was read last for the ticket's status

	trace *trace // takes down what is done, while a record is explained; else nil

	// Scratch.
	stack      []val
	nodes      []int32
	text       []byte
	bytes      []byte
	person     PersonRef
	addrs      []Address
	files      []Attachment
	pairs      []CustomField
	wholes     []Pair // of the fact in hand: texts that are longer than their fields
	seen       map[string]bool
	emails     [256]knownEmail // by hash
	machine    vm.VM
	row        rowEnv
	exprFailed bool

	texts         arena[string]
	addressSlices arena[Address]
	fileSlices    arena[Attachment]
	customSlices  arena[CustomField]
	pairSlices    arena[Pair]

	met, tried []bool // by ref: a document had it; it was looked for in one
	docs       []*docCoverage
}

// Mapper returns a new mapper for one goroutine.
func (m *Mapping) Mapper(env Env) *Mapper {
	w := &Mapper{
		m: m, now: env.Now, bindings: map[*sources.File]*bound{},
		met: make([]bool, len(m.refs)), tried: make([]bool, len(m.refs)), docs: make([]*docCoverage, len(m.inputs)),
	}
	if env.Settled != nil {
		w.settled = env.Settled.settled
	}
	return w
}

// Map appends to out what r says of tickets, messages and people, and every problem of it, not the first. The
// record ends in exactly one state. Nothing in out refers to r but its strings, which stay valid.
func (w *Mapper) Map(r *sources.Record, out *Result) {
	w.rec, w.out, w.in, w.isRow = r, out, nil, r.IsRow()
	w.item, w.rule, w.field, w.errors, w.quiet = item{}, "", "", 0, false
	w.ticketKey, w.ticketSeen, w.skips, w.reason = "", false, 0, ""
	w.stack, w.nodes, w.text = w.stack[:0], w.nodes[:0], w.text[:0]
	w.firstT, w.firstM, w.firstP, w.firstWho = len(out.Tickets), len(out.Messages), len(out.Problems), len(out.People)
	w.mark = w.firstP
	b := w.bound(r.File)
	w.columns = b.columns
	switch {
	case b.err != nil:
		w.fail(codeColumns, r.File.Name, b.err.Error())
	case w.blank():
		w.skip("blank")
	case !w.choose(b):
		w.fail(codeNoInput, w.excerpt(), "no input takes it: check files, path and when of inputs, or leave the file out of --from")
	default:
		w.runRules()
		if w.survey == nil {
			w.cover(b)
		}
	}
	w.settle()
	w.release()
}

// keptScratch is how much of a kind of scratch is kept for the next record; what a giant record took is given back.
const keptScratch = 1 << 14

func (w *Mapper) release() {
	w.rec, w.out, w.item, w.said = nil, nil, item{}, ""
	if cap(w.stack) > keptScratch {
		w.stack = nil
	}
	if cap(w.nodes) > keptScratch {
		w.nodes = nil
	}
	if cap(w.text) > keptScratch {
		w.text = nil
	}
}

// bound finds the binding of a file.
func (w *Mapper) bound(f *sources.File) *bound {
	if w.last != nil && w.last.file == f {
		return w.last
	}
	b, ok := w.bindings[f]
	if !ok {
		b = w.m.newBound(f)
		w.bindings[f] = b
	}
	w.last = b
	return b
}

// choose finds the record's input: the first that takes it.
func (w *Mapper) choose(b *bound) bool {
	for _, in := range b.inputs {
		if !in.takesPlace(w.rec.File, w.rec.Origin.Place) {
			continue
		}
		w.in = in
		w.field = "when"
		if in.when == nil || in.when(w) {
			return true
		}
	}
	w.in = nil
	return false
}

// settle gives the record its state.
func (w *Mapper) settle() {
	o := w.out
	o.State = Mapped
	for i := w.firstP; i < len(o.Problems); i++ {
		if o.Problems[i].Severity == Error {
			o.State = Rejected
			return
		}
	}
	if w.skips == 0 {
		return
	}
	for i := w.firstT; i < len(o.Tickets); i++ {
		if o.Tickets[i].State == Mapped {
			return
		}
	}
	for i := w.firstM; i < len(o.Messages); i++ {
		if o.Messages[i].State == Mapped {
			return
		}
	}
	for i := w.firstWho; i < len(o.People); i++ {
		if o.People[i].Ruled {
			return
		}
	}
	o.State, o.Reason = Skipped, w.reason
}

func (w *Mapper) skip(reason string) {
	if w.skips == 0 {
		w.reason = reason
	}
	w.skips++
}

// blank tells whether the record holds nothing at all.
func (w *Mapper) blank() bool {
	if w.isRow {
		for _, s := range w.rec.Fields {
			if strings.TrimSpace(s) != "" {
				return false
			}
		}
		return true
	}
	return w.blankNode(0)
}

func (w *Mapper) blankNode(at int32) bool {
	n := &w.rec.Nodes[at]
	switch n.Kind {
	case sources.Null:
		return true
	case sources.Array, sources.Object:
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			if !w.blankNode(c) {
				return false
			}
		}
		return true
	}
	return strings.TrimSpace(n.Text) == ""
}

// fail notes an error of the field in hand, warn a warning.
func (w *Mapper) fail(code, value, hint string) {
	w.errors++
	w.note(Error, code, value, hint)
}

func (w *Mapper) warn(code, value, hint string) { w.note(Warning, code, value, hint) }

func (w *Mapper) note(severity Severity, code, value, hint string) {
	if w.quiet {
		return
	}
	w.out.Problems = append(w.out.Problems, Problem{
		Origin: w.rec.Origin, Rule: w.rule, Field: w.field, Code: code, Value: clipped(value), Hint: hint, Severity: severity,
	})
	if w.trace != nil {
		w.trace.problem(&w.out.Problems[len(w.out.Problems)-1])
	}
}

func (w *Mapper) failObject(v val) {
	var keys []string
	for c := w.rec.Nodes[v.node].First; c != 0 && len(keys) < 8; c = w.rec.Nodes[c].Next {
		keys = append(keys, keyText(w.rec.Nodes[c].Name))
	}
	w.fail(codeValueObject, "{"+strings.Join(keys, ", ")+"}", "an object is met where one value is wanted: name one of its keys")
}

func (w *Mapper) failTable(t *table, value string) {
	to := t.sample
	if to == "" {
		to = "…"
	}
	var hint string
	switch {
	case t.file != "":
		hint = t.where + ": add a line for it to " + t.file + ", or an entry for \"*\""
	case t.inline:
		hint = t.where + ": add to its table  " + yamlText(value) + ": " + to
	default:
		hint = t.where + ": add  " + yamlText(value) + ": " + to
	}
	w.fail(codeTableUnknown, value, hint)
}

// failCondition notes a word that a test for true or false cannot read; once for each rule and item.
func (w *Mapper) failCondition(r *ref, value string) {
	outer := w.field
	w.field = r.text
	defer func() { w.field = outer }()
	for i := w.mark; i < len(w.out.Problems); i++ {
		if p := &w.out.Problems[i]; p.Code == codeValueBool && p.Field == r.text {
			w.errors++
			return
		}
	}
	w.fail(codeValueBool, value, "the condition asks for true or false; test for the word itself: { "+r.text+": "+yamlText(value)+" }")
}

// yamlText writes a value as a mapping file would.
func yamlText(s string) string {
	s = clipped(s)
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`, "\r", `\r`).Replace(s) + `"`
}

// maxExcerpt is the most a problem shows of a value, in bytes.
const maxExcerpt = 200

// clipped cuts a value for a problem. The result holds no part of the record in memory.
func clipped(s string) string {
	if len(s) > maxExcerpt {
		end := maxExcerpt - len("…")
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		return s[:end] + "…"
	}
	return strings.Clone(s)
}

// excerpt shows what a record or item is about: its first values with their names.
func (w *Mapper) excerpt() string {
	var b strings.Builder
	add := func(name, value string) bool {
		if value = strings.TrimSpace(value); value != "" {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(name + "=" + firstBytes(value, 40))
		}
		return b.Len() < maxExcerpt
	}
	if w.isRow {
		for i, s := range w.rec.Fields {
			if i < len(w.rec.File.Columns) && !add(w.rec.File.Columns[i], s) {
				break
			}
		}
		return b.String()
	}
	n := &w.rec.Nodes[w.item.node]
	if n.First == 0 {
		add("value", n.Text)
	}
	for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
		if !add(w.rec.Nodes[c].Name, w.rec.Nodes[c].Text) {
			break
		}
	}
	return b.String()
}

func firstBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
