package mapping

import "strings"

// Document is a piece of a YAML file in the strict form that mapping files have: words, maps and lists, without anchors,
// tags, doubled keys or depth. Other files of settings are read with it too.
type Document struct {
	Pos     Pos
	Kind    DocumentKind
	Word    string // as written, without quotes; of a null, how it is written
	Entries []DocumentEntry
	List    []*Document
}

// DocumentKind tells what a [Document] is.
type DocumentKind uint8

// The kinds of a document.
const (
	DocumentWord DocumentKind = iota
	DocumentNull
	DocumentMap
	DocumentList
)

// DocumentEntry is a key of a map and what it holds.
type DocumentEntry struct {
	Key   string
	Pos   Pos
	Value *Document
}

// ReadDocument reads a file of settings, at most 1 MiB of YAML. An error of it is a [LoadError] with every place at fault.
func ReadDocument(b []byte, file string) (*Document, error) {
	p := &problems{}
	text, ok := cleanText(b, file, p)
	var root *node
	if ok {
		root = parseYAML(text, file, p)
	}
	if err := ProblemsIn(b, file, p.list); err != nil {
		return nil, err
	}
	return documentOf(root), nil
}

// ProblemsIn makes a [LoadError] of what is wrong in the file b, in order and with the lines shown; nil where nothing is.
func ProblemsIn(b []byte, file string, found []LoadProblem) error {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.TrimPrefix(string(b), "\ufeff"))
	return newLoadError(found, map[string][]string{file: strings.Split(text, "\n")})
}

func documentOf(n *node) *Document {
	if n == nil {
		return &Document{Kind: DocumentNull}
	}
	d := &Document{Pos: n.pos, Word: n.text}
	switch n.kind {
	case nodeNull:
		d.Kind = DocumentNull
	case nodeMap:
		d.Kind = DocumentMap
		for _, e := range n.entries {
			d.Entries = append(d.Entries, DocumentEntry{e.key, e.pos, documentOf(e.value)})
		}
	case nodeList:
		d.Kind = DocumentList
		for _, item := range n.list {
			d.List = append(d.List, documentOf(item))
		}
	}
	return d
}
