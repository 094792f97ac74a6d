package mapping

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/deskferry/deskferry/sources"
)

// Bounds of an expression. Its length and the depth of its predicates bound the steps it can take, the budget its
// memory.
const (
	exprNodes  = 1000
	exprNested = 2
	exprMemory = 1e6
)

// exprFile is what an expression sees of the file.
type exprFile struct {
	Name     string `expr:"name"`
	Modified string `expr:"modified"`
}

// docEnv is what an expression sees of a document, rowEnv of a row: there every cell is a text, so that a column
// that is not there and arithmetic on a text are found before the first record.
type docEnv struct {
	Item   any               `expr:"item"`
	Record any               `expr:"record"`
	File   exprFile          `expr:"file"`
	Set    map[string]string `expr:"set"`
}

type rowEnv struct {
	Item   map[string]string `expr:"item"`
	Record map[string]string `expr:"record"`
	File   exprFile          `expr:"file"`
	Set    map[string]string `expr:"set"`
}

// program is a compiled expression. Compiled programs are shared; each mapper runs them on its own machine.
type program struct {
	docs, rows *vm.Program
	rowErr     error // why it cannot be run on rows
	where      string
	pos        Pos
	item       exprUse
	record     exprUse
}

// exprUse is what an expression reads of item or of record.
type exprUse struct {
	refs  []*ref
	whole bool // not only members known by name
	any   bool
}

func (c *compiler) exprCondition(k *Condition, where string) cond {
	p := c.program(k.Expr, k.Pos, where, expr.AsBool())
	if p == nil {
		return func(*Mapper) bool { return false }
	}
	return func(w *Mapper) bool {
		truth, _ := w.run(p).(bool)
		w.exprFailed = false
		return truth
	}
}

func (c *compiler) expr(text string, pos Pos, wants want) evalFunc {
	p := c.program(text, pos, wants.label, expr.AsAny())
	if p == nil {
		return nothing
	}
	trim := wants.kind != kindBody
	return func(w *Mapper, one bool) { w.pushAny(w.run(p), trim) }
}

func (c *compiler) program(text string, pos Pos, where string, as expr.Option) *program {
	tree, err := parser.Parse(text)
	if err != nil {
		c.exprError(err, pos, where)
		return nil
	}
	use := &exprVisitor{c: c, pos: pos, where: where}
	ast.Walk(&tree.Node, use)
	item, record := use.uses()
	if depth := predicateDepth(tree.Node); depth > exprNested {
		c.p.add(pos, where, "predicates are nested %d deep; at most %d are run", depth, exprNested)
		return nil
	}
	options := []expr.Option{as, expr.DisableBuiltin("now"), expr.MaxNodes(exprNodes)}
	docs, err := expr.Compile(text, append(options, expr.Env(docEnv{}))...)
	if err != nil {
		c.exprError(err, pos, where)
		return nil
	}
	rows, err := expr.Compile(text, append(options, expr.Env(rowEnv{}))...)
	p := &program{docs: docs, rows: rows, rowErr: exprCause(err), where: where, pos: pos, item: item, record: record}
	c.scope.programs = append(c.scope.programs, p)
	return p
}

func (c *compiler) exprError(err error, pos Pos, where string) {
	c.p.add(pos, where, "the expression cannot be used: %v; it sees item, record, file and set", exprCause(err))
}

// exprCause drops the excerpt of the expression, which the offending line shows already.
func exprCause(err error) error {
	var fe *file.Error
	if errors.As(err, &fe) {
		return errors.New(fe.Message)
	}
	return err
}

// exprVisitor finds what an expression reads.
type exprVisitor struct {
	c           *compiler
	pos         Pos
	where       string
	item        exprUse
	record      exprUse
	seenItem    int
	seenRecord  int
	namedItem   int
	namedRecord int
}

// Visit notes members of item and record that are named, and every mention of the two.
func (x *exprVisitor) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		switch n.Value {
		case "item":
			x.seenItem++
		case "record":
			x.seenRecord++
		}
	case *ast.MemberNode:
		of, ok := n.Node.(*ast.IdentifierNode)
		key, named := n.Property.(*ast.StringNode)
		if !ok || !named {
			return
		}
		switch of.Value {
		case "item":
			x.namedItem++
			x.item.refs = append(x.item.refs, x.c.memberRef(scopeItem, key.Value, x.pos, x.where))
		case "record":
			x.namedRecord++
			x.record.refs = append(x.record.refs, x.c.memberRef(scopeRecord, key.Value, x.pos, x.where))
		}
	}
}

func (x *exprVisitor) uses() (item, record exprUse) {
	x.item.any, x.record.any = x.seenItem > 0, x.seenRecord > 0
	x.item.whole, x.record.whole = x.seenItem > x.namedItem, x.seenRecord > x.namedRecord
	if x.item.whole {
		x.item.refs = append(x.item.refs, x.c.wholeRef(scopeItem, x.pos, x.where))
	}
	if x.record.whole {
		x.record.refs = append(x.record.refs, x.c.wholeRef(scopeRecord, x.pos, x.where))
	}
	return x.item, x.record
}

// predicateDepth is how deep loops lie in each other.
func predicateDepth(node ast.Node) int {
	d := depthVisitor{}
	ast.Walk(&node, d)
	most := 0
	for _, depth := range d {
		most = max(most, depth)
	}
	return most
}

// depthVisitor keeps the depth of each predicate. Children are met before their parents.
type depthVisitor map[ast.Node]int

// Visit gives a predicate one more than the deepest inside it.
func (d depthVisitor) Visit(node *ast.Node) {
	if p, ok := (*node).(*ast.PredicateNode); ok {
		inner := deepest{of: d}
		ast.Walk(&p.Node, &inner)
		d[p] = inner.most + 1
	}
}

type deepest struct {
	of   depthVisitor
	most int
}

// Visit takes the depth of predicates met before.
func (v *deepest) Visit(node *ast.Node) { v.most = max(v.most, v.of[*node]) }

// run evaluates p for the record and item in hand; nil when it failed, which is noted.
func (w *Mapper) run(p *program) any {
	w.machine.MemoryBudget = exprMemory
	var result any
	var err error
	if w.isRow {
		w.row.File = exprFile{w.rec.File.Base, w.rec.File.Modified}
		w.row.Set = w.m.set
		w.row.Item = w.cells(w.row.Item, &p.item)
		w.row.Record = w.cells(w.row.Record, &p.record)
		result, err = w.machine.Run(p.rows, &w.row)
	} else {
		env := docEnv{File: exprFile{w.rec.File.Base, w.rec.File.Modified}, Set: w.m.set}
		if p.item.any {
			env.Item = w.object(w.item, &p.item)
		}
		if p.record.any {
			env.Record = w.object(item{}, &p.record)
		}
		result, err = w.machine.Run(p.docs, &env)
	}
	if err != nil {
		w.fail(codeExpr, exprCause(err).Error(), "guard the expression against absent values, with ?? or ?.")
		w.exprFailed = true
		return nil
	}
	return result
}

// cells fills m with the columns an expression reads. An absent cell is an empty text.
func (w *Mapper) cells(m map[string]string, use *exprUse) map[string]string {
	if !use.any {
		return m
	}
	if m == nil {
		m = map[string]string{}
	}
	clear(m)
	if use.whole {
		for i, name := range w.rec.File.Columns {
			if _, twice := m[name]; !twice && i < len(w.rec.Fields) {
				m[name] = w.cell(int32(i))
			}
		}
	}
	for _, r := range use.refs {
		if !r.self {
			m[r.name] = w.cell(w.columns[r.slot])
		}
	}
	return m
}

func (w *Mapper) cell(i int32) string {
	if i < 0 || int(i) >= len(w.rec.Fields) {
		return ""
	}
	s := w.rec.Fields[i]
	if t := strings.TrimSpace(s); t == "" || w.emptyWord(t) {
		return ""
	}
	return s
}

// object gives an expression what it reads of an item: its named members, or all of it.
func (w *Mapper) object(it item, use *exprUse) any {
	if it.isText {
		return it.text
	}
	n := &w.rec.Nodes[it.node]
	if use.whole || n.Kind != sources.Object {
		return w.anyOf(it.node)
	}
	m := make(map[string]any, len(use.refs))
	for _, r := range use.refs {
		if c := member(w.rec.Nodes, it.node, r.path[0].name); c != 0 {
			m[r.name] = w.anyOf(c)
			w.met[r.slot] = true
		}
	}
	return m
}

// anyOf is a node as expressions know values. Whole numbers stay exact: one that an int cannot hold stays text.
func (w *Mapper) anyOf(at int32) any {
	n := &w.rec.Nodes[at]
	switch n.Kind {
	case sources.Bool:
		return n.Text == "true"
	case sources.Number:
		if i, err := strconv.Atoi(n.Text); err == nil {
			return i
		}
		if strings.ContainsAny(n.Text, ".eE") {
			if f, err := strconv.ParseFloat(n.Text, 64); err == nil {
				return f
			}
		}
		return n.Text
	case sources.String:
		return n.Text
	case sources.Array:
		list := []any{}
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			list = append(list, w.anyOf(c))
		}
		return list
	case sources.Object:
		m := map[string]any{}
		for c := n.First; c != 0; c = w.rec.Nodes[c].Next {
			m[w.rec.Nodes[c].Name] = w.anyOf(c)
		}
		return m
	}
	return nil
}

// pushAny puts an expression's result on the stack.
func (w *Mapper) pushAny(result any, trim bool) {
	if w.exprFailed {
		w.exprFailed = false
		w.stack = append(w.stack, val{kind: vFailed})
		return
	}
	switch x := result.(type) {
	case nil:
	case string:
		w.pushText(vText, x, trim)
	case bool:
		w.pushText(vBool, strconv.FormatBool(x), trim)
	case float64:
		w.pushText(vNumber, strconv.FormatFloat(x, 'f', -1, 64), trim)
	case time.Time:
		w.pushText(vText, x.Format(time.RFC3339Nano), trim)
	case []any:
		for _, e := range x {
			w.pushAny(e, trim)
		}
	case []string:
		for _, e := range x {
			w.pushText(vText, e, trim)
		}
	case int, int64, int32, uint, uint64:
		w.pushText(vNumber, fmt.Sprint(x), trim)
	default:
		w.fail(codeExpr, fmt.Sprintf("%T", result), "the expression's result is no text, number, boolean, time or list of these")
		w.stack = append(w.stack, val{kind: vFailed})
	}
}
