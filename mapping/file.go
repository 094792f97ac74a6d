package mapping

import "fmt"

// File is a mapping file as written, checked for form and not yet compiled. Orders are those of the file; an
// extended file has its base merged in.
type File struct {
	Version  int
	Extends  string // "" once the base is merged in
	About    About
	Source   SourceBlock
	Inputs   []Input
	Tables   []Table
	People   PeopleBlock
	Bodies   BodiesBlock
	Tickets  []Rule
	Messages []Rule
	Ignore   []string
	Pos      Pos // of its first key

	texts map[string][]string // lines of the files it was read from, by name: errors show them
}

// Pos is a place in a mapping file; lines and columns count from 1.
type Pos struct {
	File         string
	Line, Column int
}

func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// SourceBlock says how inputs are read. Name is the source's part in every ticket's external id.
type SourceBlock struct {
	Name      string
	Format    string
	Encoding  string
	Delimiter string
	Timezone  string
	Empty     []string // words that mean "nothing"
	API       []Setting
	Pos       Pos
}

// Input is one kind of record among those of --from.
type Input struct {
	Name     string
	Files    string   // glob on the file's base name; "" takes every file
	Paths    []string // places in the document to try
	When     *Condition
	Optional bool
	Source   SourceBlock // what differs from the file's block
	Pos      Pos
}

// Table translates source values. Entries come from the mapping, or from a small CSV file.
type Table struct {
	Name    string // "" for an inline table
	Entries []Entry
	File    string
	Key     string
	Value   string
	Pos     Pos
}

// Entry is a line of a table. From "*" is any other value, "" is absent.
type Entry struct {
	From string
	To   Constant
	Pos  Pos
}

// Constant is a scalar as written.
type Constant struct {
	Text string
	Kind ConstantKind
	Pos  Pos
}

// ConstantKind is what a scalar was in the file.
type ConstantKind uint8

// The kinds of constant. Absent is a null.
const (
	ConstText ConstantKind = iota
	ConstNumber
	ConstBool
	ConstAbsent
)

// BodiesBlock says what is done to the bodies of messages. "" is the first of the words of each.
type BodiesBlock struct {
	HTML     string // clean, as_is
	Replies  string // strip, keep
	Trackers string // keep, remove
	Pos      Pos
}

// PeopleBlock says who is who.
type PeopleBlock struct {
	From    []Rule // fields id, email, name, agent
	Agents  []string
	Unknown string // reject, agent or customer; "" is reject
	NoEmail *Value // a text template
	Pos     Pos
}

// Rule makes facts of one kind from a record: a ticket, messages or a person.
type Rule struct {
	Name        string
	Inputs      []string
	When        *Condition
	Skip, Warn  []Reason
	Each        string // messages and people: the items; "" is the record itself
	NewestFirst bool
	Fallback    bool
	Like        string // "" once the other rule's keys are merged in
	Fields      []FieldValue
	Pos         Pos
}

// Field returns the value of a field, nil where the rule has none.
func (r *Rule) Field(name string) *Value {
	for i := range r.Fields {
		if r.Fields[i].Name == name {
			return r.Fields[i].Value
		}
	}
	return nil
}

// Reason is a named condition of skip or warn.
type Reason struct {
	Name string
	When Condition
	Pos  Pos
}

// FieldValue gives a target field its value.
type FieldValue struct {
	Name  string
	Value *Value
	Pos   Pos
}

// Form is how a value is written (design, "Values").
type Form uint8

// The forms of a value. FormFields holds named parts: a person {id, email, name, agent}, an address or an attachment
// {each, …}, or the entries of custom_fields, meta and headers.
const (
	FormPath Form = iota
	FormConst
	FormFirst
	FormAll
	FormText
	FormIs
	FormExpr
	FormFields
)

// Value says where a field's value comes from and what is done to it.
type Value struct {
	Pos   Pos
	Form  Form
	Text  string       // FormPath: the path; FormText: the template; FormExpr: the expression
	Const Constant     // FormConst
	List  []*Value     // FormFirst, FormAll
	Is    *Condition   // FormIs
	Each  string       // FormFields: the items, "" is none
	Parts []FieldValue // FormFields
	Steps Steps
}

// Steps are what is done to a value, always in this order; the zero value does nothing.
type Steps struct {
	When     *Condition
	Lower    bool
	Upper    bool
	HTML     bool
	Unescape []string // backslash, entities
	Match    string
	Split    string
	Table    *Table // an inline table has entries, a named one only its name
	Layouts  []string
	Timezone string
	Future   string // "skip"
	Default  *Constant
	Warn     string
	Take     string // "last"
}

// Condition holds when any of its clauses does, or its expression.
type Condition struct {
	Pos  Pos
	Any  []Clause
	Expr string
}

// Clause holds when all of its tests do.
type Clause []FieldTest

// FieldTest tests one field.
type FieldTest struct {
	Field string
	Test  Test
	Pos   Pos
}

// TestOp is the kind of a test.
type TestOp uint8

// The kinds of test.
const (
	TestEquals TestOp = iota // one of Values
	TestAbsent
	TestPresent
	TestNot   // of Not
	TestMatch // Text is the regular expression
	TestSame  // Text is the other field
)

// Test is what a field is held against.
type Test struct {
	Op     TestOp
	Values []Constant
	Not    *Test
	Text   string
	Pos    Pos
}
