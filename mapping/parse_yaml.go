package mapping

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a mapping file. The YAML library's time grows with the square of the keys of one map and with the
// depth, so both are bounded before it is asked; at these limits it needs less than a second.
const (
	maxFileBytes = 1 << 20
	maxFileLines = 10_000
	maxDepth     = 40
	maxRefused   = 100 // anchors, tags and the like that are reported
)

// node is a piece of YAML reduced to what the format knows: words, maps and lists with their places.
type node struct {
	pos     Pos
	kind    nodeKind
	text    string // of a word, as written; of a null, how it is written ("" where nothing is)
	quoted  bool   // the word stands in quotes or is a block of text
	entries []keyed
	list    []*node
}

type nodeKind uint8

const (
	nodeWord nodeKind = iota
	nodeNull
	nodeMap
	nodeList
)

// keyed is a key of a map and what it holds.
type keyed struct {
	key   string
	pos   Pos
	value *node
}

// get returns what key holds, nil where it is not there.
func (n *node) get(key string) *node {
	for i := range n.entries {
		if n.entries[i].key == key {
			return n.entries[i].value
		}
	}
	return nil
}

// keys are a map's keys in order.
func (n *node) keys() []string {
	keys := make([]string, len(n.entries))
	for i, e := range n.entries {
		keys[i] = e.key
	}
	return keys
}

// cleanText checks that b is text and returns it with LF line ends and without a byte order mark.
func cleanText(b []byte, file string, p *problems) (string, bool) {
	at := Pos{File: file, Line: 1, Column: 1}
	if len(b) > maxFileBytes {
		p.add(at, "", "the file is larger than 1 MiB; a large table goes into a CSV file of its own: { file: …, key: …, value: … }")
		return "", false
	}
	if len(b) >= 2 && (b[0] == 0xFF && b[1] == 0xFE || b[0] == 0xFE && b[1] == 0xFF) {
		p.add(at, "", "the file is UTF-16; save it as UTF-8")
		return "", false
	}
	s := strings.TrimPrefix(string(b), "\ufeff")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\n':
			at.Line, at.Column = at.Line+1, 0
		case r == utf8.RuneError && n == 1:
			p.add(at, "", "byte 0x%02X is not UTF-8; save the file as UTF-8", s[i])
			return "", false
		case r < ' ' && r != '\t' || r == 0x7F:
			p.add(at, "", "character U+%04X cannot be in a file of settings; is this the file that is meant?", r)
			return "", false
		}
		if at.Line > maxFileLines {
			p.add(Pos{File: file, Line: at.Line, Column: 1}, "", "the file has more than %d lines; a large table goes into a CSV file of its own: { file: …, key: …, value: … }", maxFileLines)
			return "", false
		}
		at.Column++
		i += n
	}
	return s, true
}

// parseYAML reads one document; nil where problems keep it from being read. The library is kept from bringing
// the process down.
func parseYAML(text, file string, p *problems) (root *node) {
	defer func() {
		if r := recover(); r != nil {
			p.add(Pos{File: file, Line: 1, Column: 1}, "", "the YAML in this file cannot be read (%v); simplify it", r)
			root = nil
		}
	}()
	b := builder{file: file, problems: p}
	tokens := lexer.Tokenize(text)
	if !b.admit(tokens) {
		return nil
	}
	// Doubled keys are found below, all of them.
	doc, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		b.syntax(err)
		return nil
	}
	return b.document(doc)
}

type builder struct {
	file     string
	problems *problems
}

func (b *builder) pos(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{File: b.file, Line: 1, Column: 1}
	}
	return Pos{File: b.file, Line: max(1, t.Position.Line), Column: max(1, t.Position.Column)}
}

// admit refuses, before anything is built of them, what the format does not have and what is nested too deeply.
func (b *builder) admit(tokens token.Tokens) bool {
	before := len(b.problems.list)
	var columns []int // of the open block collections
	flow := 0
	for i, t := range tokens {
		text := ""
		column := 0
		switch t.Type {
		case token.AnchorType:
			text = "anchors are not part of the format; for shared keys there are like and extends, and a word that begins with & goes in quotes"
		case token.AliasType:
			text = "aliases are not part of the format; for shared keys there are like and extends, and a word that begins with * goes in quotes"
		case token.TagType:
			text = "tags are not part of the format; a word that begins with ! goes in quotes"
		case token.MergeKeyType:
			text = "merge keys are not part of the format; use like or extends"
		case token.MappingKeyType:
			text = "keys are single words here; a key that begins with ? goes in quotes"
		case token.DirectiveType:
			text = "directives are not part of the format; remove this line"
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType:
			column = t.Position.Column
		case token.MappingValueType:
			if i > 0 && flow == 0 {
				column = tokens[i-1].Position.Column
			}
		}
		if text != "" {
			b.problems.add(b.pos(t), "", "%s", text)
			if len(b.problems.list)-before == maxRefused {
				return false
			}
		}
		if column > 0 && flow <= 0 {
			for len(columns) > 0 && columns[len(columns)-1] >= column {
				columns = columns[:len(columns)-1]
			}
			columns = append(columns, column)
		}
		if len(columns)+max(flow, 0) > maxDepth {
			b.problems.add(b.pos(t), "", "nested more than %d deep; less than ten is enough", maxDepth)
			return false
		}
	}
	return len(b.problems.list) == before
}

// syntax reports the library's error with its place and what usually helps.
func (b *builder) syntax(err error) {
	var at interface {
		GetToken() *token.Token
		GetMessage() string
	}
	if !errors.As(err, &at) {
		b.problems.add(Pos{File: b.file, Line: 1, Column: 1}, "", "%v", err)
		return
	}
	b.problems.add(b.pos(at.GetToken()), "", "%s; %s", at.GetMessage(), syntaxRemedy(at.GetMessage()))
}

func syntaxRemedy(message string) string {
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(message, p) {
				return true
			}
		}
		return false
	}
	switch {
	case has("must be specified", "not found", "end token"):
		return "inside { } and [ ] entries are parted by commas, each bracket is closed, and words with , [ ] { } go in quotes"
	case has("tab character"):
		return "indent with spaces"
	case has("mapping value is not allowed"):
		return "one key: value on a line; a word with a colon and a space goes in quotes"
	case has("end character", "escape"):
		return "quotes come in pairs; in '…' a quote is written twice and a backslash is a backslash"
	case has("reserved character"):
		return "put the word in quotes"
	}
	return "check the indentation, and put words with special characters in quotes"
}

func (b *builder) document(f *ast.File) *node {
	var body ast.Node
	for _, d := range f.Docs {
		if d == nil || d.Body == nil {
			continue
		}
		if body != nil {
			b.problems.add(b.pos(d.Body.GetToken()), "", "the file is one document; what follows --- goes into a file of its own")
			return nil
		}
		body = d.Body
	}
	if body == nil {
		b.problems.add(Pos{File: b.file, Line: 1, Column: 1}, "", "the file is empty; it begins with version: 1")
		return nil
	}
	before := len(b.problems.list)
	n := b.build(body)
	if len(b.problems.list) > before {
		return nil
	}
	return n
}

func (b *builder) build(n ast.Node) *node {
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapping(n, n.Values)
	case *ast.MappingValueNode:
		return b.mapping(n, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out := &node{pos: b.pos(n.GetToken()), kind: nodeList}
		for _, v := range n.Values {
			out.list = append(out.list, b.build(v))
		}
		return out
	case *ast.LiteralNode:
		out := &node{pos: b.pos(n.GetToken()), quoted: true}
		if n.Value != nil {
			out.text = n.Value.Value
		}
		return out
	case *ast.NullNode:
		out := &node{pos: b.pos(n.GetToken()), kind: nodeNull}
		if t := n.GetToken(); t != nil && t.Type != token.ImplicitNullType {
			out.text = t.Value
		}
		return out
	case *ast.StringNode:
		t := n.GetToken()
		quoted := t != nil && (t.Type == token.SingleQuoteType || t.Type == token.DoubleQuoteType)
		return &node{pos: b.pos(t), text: n.Value, quoted: quoted}
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return &node{pos: b.pos(n.GetToken()), text: n.GetToken().Value}
	}
	return b.strange(n)
}

// strange reports a node the format has no use for and stands in a null for it.
func (b *builder) strange(n ast.Node) *node {
	pos := Pos{File: b.file, Line: 1, Column: 1}
	if n == nil {
		b.problems.add(pos, "", "something here is incomplete; check brackets and indentation")
	} else {
		pos = b.pos(n.GetToken())
		b.problems.add(pos, "", "%s is not part of the format; write words, maps and lists, and put special characters in quotes", strings.ToLower(fmt.Sprint(n.Type())))
	}
	return &node{pos: pos, kind: nodeNull}
}

// mapping builds a map; its place is its bracket, or its first key where it has none.
func (b *builder) mapping(n ast.Node, values []*ast.MappingValueNode) *node {
	out := &node{pos: b.pos(n.GetToken()), kind: nodeMap}
	seen := make(map[string]Pos, len(values))
	for i, v := range values {
		if v == nil || v.Key == nil {
			b.strange(nil)
			continue
		}
		var key *node
		if word, ok := v.Key.(ast.Node); ok {
			key = b.build(word)
		}
		if key.kind != nodeWord && key.text == "" {
			b.problems.add(key.pos, "", "a key is missing before the colon")
			continue
		}
		if i == 0 && n.GetToken().Type != token.MappingStartType {
			out.pos = key.pos
		}
		if first, ok := seen[key.text]; ok {
			b.problems.add(key.pos, "", "key %s is already on line %d; keep one of them", quoted(key.text), first.Line)
			continue
		}
		seen[key.text] = key.pos
		value := &node{pos: key.pos, kind: nodeNull}
		if v.Value != nil {
			value = b.build(v.Value)
		}
		if value.kind == nodeNull && value.text == "" {
			value.pos = key.pos
		}
		out.entries = append(out.entries, keyed{key.text, key.pos, value})
	}
	return out
}
