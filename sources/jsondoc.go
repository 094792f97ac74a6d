package sources

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxDepth is how deep a document may be nested.
	maxDepth = 200
	// maxNodes is how many values a document may hold.
	maxNodes = 2 << 20
	// maxNames is how many different member names are kept to be shared.
	maxNames = 4096
)

// RawKey holds, in a rejects file, the text of what was not JSON; mend it there, or put the value itself in its place.
const RawKey = "deskferry_raw"

var (
	errDeep   = fmt.Errorf("nested more than %d deep", maxDepth)
	errNodes  = fmt.Errorf("more than %d values in one record", maxNodes)
	errMore   = errors.New("more text after the value")
	errNoText = errors.New("a value is missing: a comma too many")
)

// docPiece is neighbouring records of one file.
type docPiece struct {
	in    *input
	text  []byte
	base  int64 // offset of text in the file's text
	elems []elem
}

// docState is what decoding documents needs; pooled.
type docState struct {
	dec     jsontext.Decoder
	src     bytes.Buffer
	rec     Record
	names   map[string]string
	texts   []byte // of all the record's strings and numbers, made one string at the end
	spans   []span
	mends   bool // a rejects file's own key was met
	control bool // the text has control characters, if only line breaks between its values
	stack   []level
	xml     xmlDoc
	mail    mailDoc
}

// span is the place of a node's text.
type span struct{ node, start, end int32 }

// level is an open array or object.
type level struct {
	node, last int32
	members    int32
	object     bool
}

// Records decodes the piece; it may be ranged over once.
func (p *docPiece) Records() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		if p.text == nil {
			yield(nil, errRead)
			return
		}
		text := p.text
		p.text = nil
		set := p.in.set
		s, _ := set.docs.Get().(*docState)
		if s == nil {
			s = &docState{names: map[string]string{}}
		}
		p.decode(s, text, yield)
		set.pool.put(text)
		if cap(s.rec.Nodes) < 1<<16 && cap(s.texts) < 4<<20 && s.xml.small() && s.mail.small() {
			s.src = bytes.Buffer{}
			set.docs.Put(s)
		}
	}
}

func (p *docPiece) decode(s *docState, text []byte, yield func(*Record, error) bool) {
	for _, e := range p.elems {
		raw := text[e.start:e.end:e.end]
		s.rec.File = p.in.file
		s.rec.Origin = Origin{File: cmp.Or(e.name, p.in.file.Name), Line: e.line, Index: e.index, Place: e.place}
		s.rec.Ordinal = ordinal(p.in.file, p.base+int64(e.start))
		if bad := s.read(p.in, e, raw); bad != nil {
			bad.Origin, bad.File, bad.Mends = s.rec.Origin, p.in.file, s.rec.Mends
			if !yield(nil, bad) {
				return
			}
			continue
		}
		if !yield(&s.rec, nil) {
			return
		}
	}
}

// read reads a record's text, of whatever container, as a document.
func (s *docState) read(in *input, e elem, raw []byte) *BadRecord {
	var err error
	json := raw
	s.rec.Mends, s.rec.Raw = "", raw
	switch in.file.Format {
	case XML:
		if json, err = s.xml.json(raw); err != nil {
			return badXML(raw, e.line, err)
		}
	case Mail:
		json = s.mail.json(raw, in, e)
	default:
		if err = s.document(raw); err != nil {
			return badJSON(s.rec.Raw, err)
		}
		return nil
	}
	s.rec.Raw = json
	if err = s.walk(json); err == nil {
		return nil
	}
	bad := badJSON(json, err)
	bad.Raw = bytes.ToValidUTF8(bytes.Clone(raw), []byte("\uFFFD"))
	return bad
}

// badJSON says why a record's text cannot be read.
func badJSON(raw []byte, err error) *BadRecord {
	bad := &BadRecord{Code: CodeJSON, Value: excerpt(raw), Err: err, Hint: "mend this record"}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		if at := int(syntax.ByteOffset); at > 100 && at <= len(raw) { // show the place, not only the start
			bad.Value = excerpt(raw[at-100:])
		}
	}
	switch {
	case errors.Is(err, errDeep):
		bad.Code, bad.Hint = CodeDeep, "flatten this record, or leave it out"
	case errors.Is(err, errNodes):
		bad.Code, bad.Hint = CodeSize, "cut this record into smaller ones, or leave it out"
	case errors.Is(err, jsontext.ErrDuplicateName):
		bad.Code, bad.Hint = CodeRepeated, "keep the one value that is meant"
		if syntax != nil {
			bad.Hint = "the key " + quoted(syntax.JSONPointer.LastToken()) + " is there twice: keep the one value that is meant"
		}
	case !utf8.Valid(raw):
		bad.Code = CodeEncoding
		bad.Hint = "if the whole file is so, say its encoding (source.encoding: windows-1252); else mend this record"
	case errors.Is(err, io.ErrUnexpectedEOF):
		bad.Hint = "the record is cut short: mend it, or export it again"
	}
	bad.Raw = bytes.ToValidUTF8(bytes.Clone(raw), []byte("\uFFFD"))
	return bad
}

// document reads one JSON value into the record.
func (s *docState) document(raw []byte) error {
	if len(raw) == 0 {
		return errNoText
	}
	if err := s.walk(raw); err != nil || !s.mends {
		return err
	}
	inner, origin, err := unwrap(raw)
	if err != nil {
		return err
	}
	s.rec.Mends, s.rec.Raw = origin, inner
	if bytes.HasPrefix(inner, []byte("<")) { // an element that was mended as it stood
		if inner, err = s.xml.json(inner); err != nil {
			return err
		}
		s.rec.Raw = inner
	}
	return s.walk(inner)
}

// walk lays out a value as nodes.
func (s *docState) walk(raw []byte) error {
	if s.quick(raw) {
		return nil
	}
	return s.slow(raw)
}

// slow lays out a value by the JSON library, which knows what is wrong with one.
func (s *docState) slow(raw []byte) error {
	s.src = *bytes.NewBuffer(raw)
	s.dec.Reset(&s.src)
	s.rec.Nodes, s.spans, s.texts, s.stack = s.rec.Nodes[:0], s.spans[:0], s.texts[:0], s.stack[:0]
	s.mends = false
	name, named := "", false
	for first := true; first || len(s.stack) > 0; first = false {
		kind := s.dec.PeekKind()
		switch {
		case kind == '}' || kind == ']':
			if _, err := s.dec.ReadToken(); err != nil {
				return err
			}
			s.stack = s.stack[:len(s.stack)-1]
			continue
		case !named && len(s.stack) > 0 && s.stack[len(s.stack)-1].object:
			v, err := s.dec.ReadValue()
			if err != nil {
				return err
			}
			if name, err = s.name(v); err != nil {
				return err
			}
			named = true
			continue
		}
		if err := s.value(kind, name); err != nil {
			return err
		}
		name, named = "", false
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errMore
	}
	s.settle()
	return nil
}

// settle makes one string of all texts and gives the nodes their parts of it.
func (s *docState) settle() {
	all := string(s.texts)
	for _, t := range s.spans {
		s.rec.Nodes[t.node].Text = all[t.start:t.end]
	}
}

// value reads a scalar, or opens an array or object.
func (s *docState) value(kind jsontext.Kind, name string) error {
	if len(s.rec.Nodes) >= maxNodes {
		return errNodes
	}
	at := s.node(name)
	n := &s.rec.Nodes[at]
	if kind == '{' || kind == '[' {
		if _, err := s.dec.ReadToken(); err != nil {
			return err
		}
		if n.Kind = Array; kind == '{' {
			n.Kind = Object
		}
		if s.stack = append(s.stack, level{node: at, object: kind == '{'}); len(s.stack) > maxDepth {
			return errDeep
		}
		return nil
	}
	v, err := s.dec.ReadValue()
	if err != nil {
		return err
	}
	switch kind {
	case 'n':
		n.Kind = Null
	case 't':
		n.Kind, n.Text = Bool, "true"
	case 'f':
		n.Kind, n.Text = Bool, "false"
	default:
		start := int32(len(s.texts))
		if n.Kind = Number; kind == '"' {
			n.Kind = String
			if s.texts, err = unquote(s.texts, v); err != nil {
				return err
			}
		} else {
			s.texts = append(s.texts, v...)
		}
		s.spans = append(s.spans, span{at, start, int32(len(s.texts))})
	}
	return nil
}

// node adds a node and links it to its parent and its elder.
func (s *docState) node(name string) int32 {
	at := int32(len(s.rec.Nodes))
	s.rec.Nodes = append(s.rec.Nodes, Node{Name: name})
	if len(s.stack) > 0 {
		up := &s.stack[len(s.stack)-1]
		if up.last == 0 {
			s.rec.Nodes[up.node].First = at
		} else {
			s.rec.Nodes[up.last].Next = at
		}
		up.last = at
	}
	return at
}

// name is a member's name, shared with those of earlier records.
func (s *docState) name(v jsontext.Value) (string, error) {
	b := []byte(v[1 : len(v)-1])
	if bytes.IndexByte(b, '\\') >= 0 {
		var err error
		if b, err = jsontext.AppendUnquote(nil, v); err != nil {
			return "", err
		}
	}
	name, ok := s.names[string(b)]
	if !ok {
		if len(s.names) >= maxNames {
			clear(s.names)
		}
		name = string(b)
		s.names[name] = name
	}
	if len(s.stack) == 1 && (name == OriginColumn || name == ProblemColumn || name == RawKey) {
		s.mends = true
	}
	return name, nil
}

func unquote(dst []byte, v jsontext.Value) ([]byte, error) {
	if inner := v[1 : len(v)-1]; bytes.IndexByte(inner, '\\') < 0 {
		return append(dst, inner...), nil
	}
	return jsontext.AppendUnquote(dst, v)
}

// unwrap takes a rejects file's own keys off an object, and gives the text they were added to and the origin they name.
func unwrap(raw []byte) (inner []byte, origin string, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadToken(); err != nil {
		return nil, "", err
	}
	out := []byte{'{'}
	var kept []byte
	for dec.PeekKind() == '"' {
		quoted, err := dec.ReadValue()
		if err != nil {
			return nil, "", err
		}
		name, err := jsontext.AppendUnquote(nil, quoted)
		if err != nil {
			return nil, "", err
		}
		quoted = bytes.Clone(quoted)
		value, err := dec.ReadValue()
		if err != nil {
			return nil, "", err
		}
		switch text, _ := textOf(value); string(name) {
		case OriginColumn:
			origin = text
		case ProblemColumn:
		case RawKey:
			if kept = bytes.Clone(value); value.Kind() == '"' {
				kept = bytes.TrimSpace([]byte(text))
			}
		default:
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(append(append(out, quoted...), ':'), value...)
		}
	}
	if kept != nil {
		return kept, origin, nil
	}
	return append(out, '}'), origin, nil
}

// textOf is the text of a JSON string.
func textOf(v jsontext.Value) (string, error) {
	if v.Kind() != '"' {
		return "", nil
	}
	b, err := jsontext.AppendUnquote(nil, v)
	return string(b), err
}
