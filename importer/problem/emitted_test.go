package problem

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const module = "github.com/deskferry/deskferry/"

// elsewhere are packages whose codes are other things, or that emit none.
var elsewhere = []string{"importer/sandbox", "importer/sandbox/omnidesk", "importer/problem", "importer/report", "importer/mask", "importer/conversation", "importer/suggest", "importer/export", "testdata"}

// TestEveryCodeHasAnEntry reads the program's source: whatever can become a code of a report has an entry, and each entry is a
// code that something emits. A code is what is written where one is wanted: into a field, a variable or a parameter called
// code. What is written there and is neither a constant nor another code fails, so that nothing gets past.
func TestEveryCodeHasAnEntry(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("reads the whole program, on one goroutine")
	}
	all, err := packages.Load(&packages.Config{Context: t.Context(), Dir: "../..",
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile,
	}, "./cmd/deskferry", "./importer/...", "./mapping/...", "./sources")
	if err != nil {
		t.Fatal(err)
	}
	s := scan{t: t, emitted: map[string]string{}, prefixes: map[types.Object]string{}}
	for range 2 { // the second time what functions put before a code is known
		clear(s.emitted)
		for _, p := range all {
			if slices.Contains(elsewhere, strings.TrimPrefix(p.PkgPath, module)) {
				continue
			}
			if len(p.Errors) > 0 {
				t.Fatalf("%s does not compile: %v", p.PkgPath, p.Errors[0])
			}
			s.in(p)
		}
	}
	for code, at := range s.emitted {
		if _, ok := Lookup(code); !ok {
			t.Errorf("%s: the code %q has no entry in package problem", at, code)
		}
	}
	for _, e := range All() {
		if s.emitted[e.Code] == "" {
			t.Errorf("the entry %q is dead: nothing emits that code", e.Code)
		}
	}
}

// scan finds codes in packages.
type scan struct {
	t        *testing.T
	p        *packages.Package
	emitted  map[string]string       // code to one place
	prefixes map[types.Object]string // a parameter called code to what its function puts before it
}

func (s *scan) in(p *packages.Package) {
	s.p = p
	for _, f := range p.Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				s.literal(n)
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) && isCode(s.object(l)) {
						s.emit(n.Rhs[i], "")
					}
				}
			case *ast.CallExpr:
				s.call(n)
			case *ast.BasicLit: // a mail's problems are texts that begin with the code
				if text, _, _ := strings.Cut(strings.Trim(n.Value, "\""), ":"); p.Name == "sources" && (strings.HasPrefix(text, "charset.") || text == "problems.more") {
					s.emitted[text] = p.Fset.Position(n.Pos()).String()
				}
			}
			return true
		})
	}
}

// isCode tells whether v is a field, a variable or a parameter of text called code.
func isCode(v types.Object) bool {
	if v == nil || !strings.EqualFold(v.Name(), "code") || v.Pkg() == nil || !strings.HasPrefix(v.Pkg().Path(), module) || v.Pkg().Path() == module+"importer/problem" {
		return false
	}
	b, ok := v.Type().Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

func (s *scan) object(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		return s.p.TypesInfo.ObjectOf(e)
	case *ast.SelectorExpr:
		return s.p.TypesInfo.ObjectOf(e.Sel)
	}
	return nil
}

func (s *scan) literal(lit *ast.CompositeLit) {
	of, ok := types.Unalias(s.p.TypesInfo.TypeOf(lit)).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if isCode(s.object(kv.Key)) {
				s.emit(kv.Value, "")
			}
		} else if isCode(of.Field(i)) {
			s.emit(e, "")
		}
	}
}

func (s *scan) call(c *ast.CallExpr) {
	of, ok := s.p.TypesInfo.TypeOf(c.Fun).Underlying().(*types.Signature)
	if !ok || s.p.TypesInfo.Types[c.Fun].IsType() { // a conversion
		return
	}
	for i := range min(of.Params().Len(), len(c.Args)) {
		if p := of.Params().At(i); isCode(p) {
			s.emit(c.Args[i], s.prefixes[p.Origin()])
		}
	}
}

// emit takes down what e can be.
func (s *scan) emit(e ast.Expr, prefix string) {
	at := s.p.Fset.Position(e.Pos()).String()
	if v := s.p.TypesInfo.Types[e].Value; v != nil {
		if text := constant.StringVal(v); text != "" && !isColour(text) {
			s.emitted[prefix+text] = at
		}
		return
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if isCode(s.object(e)) { // it was looked at where it came from
			return
		}
		switch v := s.object(e); {
		case v == nil:
		case v.Type().String() == module+"importer/files.Code", v.Name() == "Missing": // constants of package files alone become one
			return
		case v.Name() == "problem" && s.p.Name == "sources": // a mail's charset
			return
		case v.Name() == "hazard" && s.p.Name == "gorgias": // one of the checklist's, which is looked at
			return
		case v.Name() == "rest" && s.p.Name == "gorgias": // a rule's program
			return
		}
	case *ast.CallExpr:
		if s.p.TypesInfo.Types[e.Fun].IsType() || s.isCloning(e) {
			s.emit(e.Args[0], prefix)
			return
		}
	case *ast.IndexExpr: // one of a table
		if table, ok := e.X.(*ast.CompositeLit); ok {
			for _, x := range table.Elts {
				s.emit(x.(*ast.KeyValueExpr).Value, prefix)
			}
			return
		}
	case *ast.BinaryExpr:
		if s.sum(e, prefix, at) {
			return
		}
	}
	s.t.Errorf("%s: it cannot be told which code this is: write a constant, or name the variable code", at)
}

func (s *scan) isCloning(c *ast.CallExpr) bool {
	f := s.object(c.Fun)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "strings" && f.Name() == "Clone"
}

// isColour tells codes of a terminal's colours from others.
func isColour(text string) bool { return strings.Trim(text, "0123456789;") == "" }

// sum is a code put together.
func (s *scan) sum(e *ast.BinaryExpr, prefix, at string) bool {
	if e.Op != token.ADD {
		return false
	}
	head, tail := s.p.TypesInfo.Types[e.X].Value, s.p.TypesInfo.Types[e.Y].Value
	v := s.object(e.Y)
	switch {
	case head != nil && isCode(v):
		s.prefixes[v] = constant.StringVal(head)
		return true
	case head != nil && v != nil && v.Name() == "Reason": // why a ticket is held
		scope := v.Pkg().Scope()
		for _, name := range scope.Names() {
			if c, ok := scope.Lookup(name).(*types.Const); ok && strings.HasPrefix(name, "Reason") {
				s.emitted[constant.StringVal(head)+constant.StringVal(c.Val())] = at
			}
		}
		return true
	case tail == nil:
		return false
	}
	names := map[string][]string{ // what a code of two parts may begin with
		".custom":  {"channel", "via"}, // the two fields that take words of the account's own
		".several": {"from", "sender"},
	}[constant.StringVal(tail)]
	for _, name := range names {
		s.emitted[prefix+name+constant.StringVal(tail)] = at
	}
	return names != nil
}
