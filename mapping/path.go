package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/deskferry/deskferry/sources"
)

// stepKind is one way to go from a value of a document to others.
type stepKind uint8

const (
	stepKey    stepKind = iota // the member of that name
	stepIndex                  // the item at a position, from the end when negative
	stepAll                    // every item; of an object, every member
	stepFilter                 // every item whose member has a value
)

// step is a part of a path.
type step struct {
	kind  stepKind
	name  string // stepKey, stepFilter
	index int    // stepIndex
	value string // stepFilter
}

// parsePath reads a path inside a document: a.b, [0], [-1], [], [role=to], '"a.b".c'. "." is the value itself
// and has no steps.
func parsePath(s string) ([]step, error) {
	if s == "." {
		return nil, nil
	}
	var steps []step
	rest := s
	for first := true; rest != ""; first = false {
		switch {
		case rest[0] == '[':
			st, tail, err := parseBracket(rest)
			if err != nil {
				return nil, err
			}
			steps, rest = append(steps, st), tail
			continue
		case first:
		case rest[0] == '.':
			rest = rest[1:]
		default:
			return nil, fmt.Errorf("expected . or [ before %s", quoted(rest))
		}
		key, tail, err := parseKey(rest)
		if err != nil {
			return nil, err
		}
		steps, rest = append(steps, step{kind: stepKey, name: key}), tail
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("an empty path")
	}
	return steps, nil
}

func parseKey(s string) (key, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		return parseQuoted(s)
	}
	if i := strings.IndexAny(s, ".["); i >= 0 {
		key, rest = s[:i], s[i:]
	} else {
		key = s
	}
	if key == "" {
		return "", "", fmt.Errorf("an empty key in the path; a key that is empty or has dots is quoted: '\"a.b\".c'")
	}
	return key, rest, nil
}

func parseQuoted(s string) (text, rest string, err error) {
	prefix, err := strconv.QuotedPrefix(s)
	if err == nil {
		text, err = strconv.Unquote(prefix)
	}
	if err != nil {
		return "", "", fmt.Errorf("a quote that is not closed in %s", quoted(s))
	}
	return text, s[len(prefix):], nil
}

func parseBracket(s string) (step, string, error) {
	body := s[1:]
	var st step
	if name, tail, ok := strings.Cut(body, "="); ok && !strings.Contains(name, "]") {
		st = step{kind: stepFilter, name: strings.TrimSpace(name)}
		if strings.HasPrefix(tail, `"`) {
			value, rest, err := parseQuoted(tail)
			if err != nil {
				return st, "", err
			}
			if !strings.HasPrefix(rest, "]") {
				return st, "", fmt.Errorf("a bracket that is not closed in %s", quoted(s))
			}
			st.value = value
			return st, rest[1:], nil
		}
		end := strings.IndexByte(tail, ']')
		if end < 0 {
			return st, "", fmt.Errorf("a bracket that is not closed in %s", quoted(s))
		}
		st.value = plainNumber(strings.TrimSpace(tail[:end]))
		return st, tail[end+1:], nil
	}
	end := strings.IndexByte(body, ']')
	if end < 0 {
		return st, "", fmt.Errorf("a bracket that is not closed in %s", quoted(s))
	}
	inner := strings.TrimSpace(body[:end])
	if inner == "" {
		return step{kind: stepAll}, body[end+1:], nil
	}
	n, err := strconv.Atoi(inner)
	if err != nil {
		return st, "", fmt.Errorf("[%s] is none of [0], [-1], [] and [key=value]", inner)
	}
	return step{kind: stepIndex, index: n}, body[end+1:], nil
}

// walk appends the nodes that steps lead to from node at, in reading order.
func walk(nodes []sources.Node, at int32, steps []step, out []int32) []int32 {
	for i, st := range steps {
		n := &nodes[at]
		switch st.kind {
		case stepKey:
			if n.Kind != sources.Object {
				return out
			}
			if at = member(nodes, at, st.name); at == 0 {
				return out
			}
		case stepIndex:
			if n.Kind != sources.Array {
				return out
			}
			if at = itemAt(nodes, at, st.index); at == 0 {
				return out
			}
		default:
			if n.Kind != sources.Array && n.Kind != sources.Object {
				return out
			}
			for c := n.First; c != 0; c = nodes[c].Next {
				if st.kind == stepAll || memberIs(nodes, c, st.name, st.value) {
					out = walk(nodes, c, steps[i+1:], out)
				}
			}
			return out
		}
	}
	return append(out, at)
}

// member finds an object's member, 0 where there is none: node 0 is the root and nobody's member.
func member(nodes []sources.Node, at int32, name string) int32 {
	for c := nodes[at].First; c != 0; c = nodes[c].Next {
		if nodes[c].Name == name {
			return c
		}
	}
	return 0
}

func itemAt(nodes []sources.Node, at int32, index int) int32 {
	if index < 0 {
		count := 0
		for c := nodes[at].First; c != 0; c = nodes[c].Next {
			count++
		}
		index += count
	}
	if index < 0 {
		return 0
	}
	c := nodes[at].First
	for ; c != 0 && index > 0; c = nodes[c].Next {
		index--
	}
	return c
}

func memberIs(nodes []sources.Node, at int32, name, value string) bool {
	if nodes[at].Kind != sources.Object {
		return false
	}
	c := member(nodes, at, name)
	if c == 0 {
		return false
	}
	switch nodes[c].Kind {
	case sources.String, sources.Bool:
		return strings.TrimSpace(nodes[c].Text) == value
	case sources.Number:
		return plainNumber(nodes[c].Text) == value
	}
	return false
}

// plainNumber writes 3.0 as 3; any other text stays as it is.
func plainNumber(s string) string {
	whole, zeros, ok := strings.Cut(s, ".")
	if !ok || whole == "" || zeros == "" || strings.Trim(zeros, "0") != "" {
		return s
	}
	for i := range len(whole) {
		if c := whole[i]; (c < '0' || c > '9') && (i > 0 || c != '-' || len(whole) == 1) {
			return s
		}
	}
	return whole
}

// pathText writes steps as a user would; items of any position are [].
func pathText(steps []step) string {
	var b strings.Builder
	for _, st := range steps {
		switch st.kind {
		case stepKey:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(keyText(st.name))
		case stepFilter:
			fmt.Fprintf(&b, "[%s=%s]", st.name, st.value)
		case stepIndex:
			fmt.Fprintf(&b, "[%d]", st.index)
		default:
			b.WriteString("[]")
		}
	}
	if b.Len() == 0 {
		return "."
	}
	return b.String()
}

func keyText(key string) string {
	if key == "" || strings.ContainsAny(key, `.["`) {
		return strconv.Quote(key)
	}
	return key
}

// joined is the path of b inside a.
func joined(a, b []step) []step { return slices.Concat(a, b) }

// JoinPath is the path of the member called key of the value at parent, as a mapping writes it; parent "" is the record.
func JoinPath(parent, key string) string {
	if parent == "" {
		return keyText(key)
	}
	return parent + "." + keyText(key)
}
