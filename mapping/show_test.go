package mapping

import (
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

// reload reads what Show wrote and compares the trees.
func reload(t interface {
	Fatalf(string, ...any)
}, f *File) {
	shown := f.Show()
	again, err := loadFile(fstest.MapFS{"shown.yaml": {Data: []byte(shown)}}, "shown.yaml")
	if err != nil {
		t.Fatalf("what Show wrote does not load: %v\n%s", err, shown)
	}
	if a, b := withoutPlaces(f), withoutPlaces(again); !reflect.DeepEqual(a, b) {
		t.Fatalf("read again it differs:\n%s\n%s", shown, again.Show())
	}
}

func TestShowLoadsAgain(t *testing.T) {
	for name, fsys := range sampleMappings(t) {
		f, err := loadFile(fsys, name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		reload(t, f)
	}
}

// TestWord: whatever text a mapping holds comes back from what Show writes of it.
func TestWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]rune("ab 0129.-:,#[]{}'\"\\|>&*!%@`?~=$/_éß\u00a0\u2028\u0085\ufeff\U0001F600\n\t\x01<no"))
		words := rapid.SliceOfN(rapid.OneOf(rapid.StringOfN(letters, 1, 12, -1), rapid.StringN(1, 8, -1)), 1, 4).Draw(t, "words")
		f := &File{Version: 1, Ignore: words}
		for i, w := range words {
			words[i] = strings.ToValidUTF8(w, "?")
		}
		table := Table{Name: words[0]}
		seen := map[string]bool{}
		for _, w := range words {
			if key := strings.ToLower(strings.TrimSpace(w)); !seen[key] {
				seen[key] = true
				table.Entries = append(table.Entries, Entry{From: w, To: Constant{Text: w}})
			}
		}
		f.Tables = []Table{table}
		reload(t, f)
	})
}

// TestShowOfAnyValue draws values, so that no mix of forms and steps is written in a way that reads otherwise.
func TestShowOfAnyValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &File{Version: 1, Tables: []Table{{Name: "t", Entries: []Entry{{From: "a", To: Constant{Text: "b"}}}}}}
		f.Messages = []Rule{{Name: "m", Fields: []FieldValue{
			{Name: "subject", Value: drawValue(t, 2)},
			{Name: "meta", Value: &Value{Form: FormFields, Parts: []FieldValue{{Name: "when", Value: drawValue(t, 2)}}}},
			{Name: "author", Value: &Value{Form: FormFirst, List: []*Value{
				{Form: FormFields, Parts: []FieldValue{{Name: "email", Value: drawValue(t, 1)}}},
				drawValue(t, 1),
			}}},
		}}}
		reload(t, f)
	})
}

func drawWord(t *rapid.T) string {
	return rapid.SampledFrom([]string{"a", "b c", "email", "yes", "true", "7", "0x1", "null", "~", ".", "$.x", "#1", "a[0]", "{x}", "don't", `say "x"`, `\d+`, "absent", "present", " lead", "trail ", "a: b", "é", "-", "- a", "expr", "1:30", "2021-01-01", "1e3"}).Draw(t, "word")
}

func drawConstant(t *rapid.T) Constant {
	return rapid.OneOf(
		rapid.Custom(func(t *rapid.T) Constant { return Constant{Text: drawWord(t)} }),
		rapid.SampledFrom([]Constant{{Text: "7", Kind: ConstNumber}, {Text: "-1.5e3", Kind: ConstNumber}}),
	).Draw(t, "constant")
}

func drawCondition(t *rapid.T) *Condition {
	if rapid.Bool().Draw(t, "expr") {
		return &Condition{Expr: drawWord(t)}
	}
	c := &Condition{}
	for range rapid.IntRange(1, 3).Draw(t, "clauses") {
		clause := Clause{{Field: "x " + drawWord(t), Test: drawTest(t, 2)}}
		c.Any = append(c.Any, append(clause, FieldTest{Field: drawWord(t) + " y", Test: drawTest(t, 1)}))
	}
	return c
}

func drawTest(t *rapid.T, depth int) Test {
	switch op := TestOp(rapid.IntRange(0, 5).Draw(t, "op")); op {
	case TestAbsent, TestPresent:
		return Test{Op: op}
	case TestMatch, TestSame:
		return Test{Op: op, Text: rapid.SampledFrom([]string{"a", "^[a-z]+$", `\d{2}`, "absent"}).Draw(t, "text")}
	case TestNot:
		if depth > 0 {
			inner := drawTest(t, depth-1)
			return Test{Op: op, Not: &inner}
		}
	}
	return Test{Values: rapid.SliceOfN(rapid.Custom(drawConstant), 1, 3).Draw(t, "values")}
}

func drawValue(t *rapid.T, depth int) *Value {
	v := &Value{}
	forms := 4
	if depth == 0 {
		forms = 3
	}
	switch rapid.IntRange(0, forms).Draw(t, "form") {
	case 0:
		v.Form, v.Text = FormPath, drawWord(t)
	case 1:
		v.Form, v.Const = FormConst, drawConstant(t)
	case 2:
		v.Form, v.Text = FormText, "{"+rapid.SampledFrom([]string{"a", "b c", "$.x"}).Draw(t, "path")+"} and \"more\""
	case 3:
		v.Form, v.Text = FormExpr, drawWord(t)
	case 4:
		v.Form = FormFirst
		for range rapid.IntRange(1, 3).Draw(t, "values") {
			v.List = append(v.List, drawValue(t, depth-1))
		}
	}
	s := &v.Steps
	flag := func(name string) bool { return rapid.IntRange(0, 3).Draw(t, name) == 0 }
	if flag("when") {
		s.When = drawCondition(t)
	}
	s.Lower = flag("lower")
	s.HTML = flag("html")
	if flag("match") {
		s.Match = rapid.SampledFrom([]string{"(a)", `^\s*(.*)$`, "a, b"}).Draw(t, "match")
	}
	if flag("split") {
		s.Split = rapid.SampledFrom([]string{",", " ", ";", "\t", "|", "a"}).Draw(t, "split")
	}
	switch rapid.IntRange(0, 5).Draw(t, "table") {
	case 0:
		s.Table = &Table{Name: "t"}
	case 1:
		s.Table = &Table{Entries: []Entry{{From: drawWord(t), To: drawConstant(t)}, {From: "*", To: Constant{Kind: ConstAbsent}}}}
	case 2:
		s.Table = &Table{File: "a b.csv", Key: drawWord(t), Value: drawWord(t)}
	}
	if flag("default") && (v.Form != FormConst || s.When != nil) {
		c := drawConstant(t)
		s.Default = &c
	}
	if flag("warn") {
		s.Warn = drawWord(t)
	}
	return v
}
